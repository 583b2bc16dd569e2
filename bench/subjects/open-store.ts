// Every way to make a record durable that benchmarks compare, behind one interface.
import { mkdirSync, rmSync } from 'node:fs'

import { type LogConfig, openLog } from './open-log.ts'

export interface Store {
  /** One or the other: `commit` resolves, or `commitSync` returns, when the record is durable. */
  commit?(body: Uint8Array): Promise<unknown>
  commitSync?(body: Uint8Array): unknown
  close(): Promise<void>
}

/** What every file in bench/peers exports; keys are not used twice. */
interface PeerModule {
  open(directory: string): Promise<{
    commit?(key: number, body: Uint8Array): Promise<unknown>
    commitSync?(key: number, body: Uint8Array): unknown
    close(): Promise<void>
  }>
}

/**
 * `seawall` and `seawall-sync`: commit and commitSync. `none`: nothing is made durable. Anything
 * else is one of bench/peers.
 */
export type StoreName = string

export interface StoreConfig extends Pick<LogConfig, 'options'> {
  readonly store: StoreName
  readonly directory: string
}

async function openSeawall(config: StoreConfig): Promise<Store> {
  const log = await openLog({ ...config, recycle: true })
  const close = (): Promise<void> => log.close()
  return config.store === 'seawall'
    ? { commit: (body) => log.commit(body), close }
    : { commitSync: (body) => log.commitSync(body), close }
}

async function openPeer(name: string, directory: string): Promise<Store> {
  const { href } = new URL(`../peers/${name}.mjs`, import.meta.url)
  const peer = await ((await import(href)) as PeerModule).open(directory)
  const { commit, commitSync } = peer
  const close = (): Promise<void> => peer.close()
  let key = 0
  return commit === undefined
    ? { commitSync: (body) => commitSync?.(key++, body), close }
    : { commit: (body) => commit(key++, body), close }
}

function openNamed(config: StoreConfig): Promise<Store> {
  const { store, directory } = config
  if (store === 'none') {
    const done = Promise.resolve()
    return Promise.resolve({ commit: () => done, close: () => done })
  }
  return store.startsWith('seawall') ? openSeawall(config) : openPeer(store, directory)
}

/** Opens it in a directory that is emptied first, and that `close` removes. */
export async function openStore(config: StoreConfig): Promise<Store> {
  const { directory } = config
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  remove()
  mkdirSync(directory, { recursive: true })
  const store = await openNamed(config)
  return {
    ...store,
    close: async () => {
      await store.close()
      remove()
    },
  }
}
