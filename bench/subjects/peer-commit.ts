// The same commits through another store; see bench/peers for how each is made durable.
import { mkdirSync, rmSync } from 'node:fs'

import { runBlocking, runCommitters } from './committers.ts'
import { subject } from './subject.ts'

export interface PeerCommitConfig {
  readonly peer: string
  readonly directory: string
  readonly committers: number
  readonly bodyBytes: number
  readonly seconds: number
}

/** What every file in bench/peers exports. */
interface PeerModule {
  /** One or the other: `commit` resolves, or `commitSync` returns, when the record is durable. */
  open(directory: string): Promise<{
    commit?(key: number, body: Uint8Array): Promise<unknown>
    commitSync?(key: number, body: Uint8Array): void
    close(): Promise<void>
  }>
}

subject(async (config: PeerCommitConfig) => {
  rmSync(config.directory, { recursive: true, force: true })
  mkdirSync(config.directory, { recursive: true })
  const module = (await import(
    new URL(`../peers/${config.peer}.mjs`, import.meta.url).href
  )) as PeerModule
  const store = await module.open(config.directory)
  const body = Buffer.alloc(config.bodyBytes, 1)
  const { commit, commitSync } = store
  const sample =
    commit === undefined
      ? runBlocking((index) => commitSync?.(index, body), config.seconds)
      : await runCommitters((index) => commit(index, body), config.committers, config.seconds)
  await store.close()
  rmSync(config.directory, { recursive: true, force: true })
  return sample
})
