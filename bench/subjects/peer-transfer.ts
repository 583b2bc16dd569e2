// Transfers through another store, one after the other; see bench/peers for how each is made
// durable.
import { mkdirSync, rmSync } from 'node:fs'

import { accounts, randomTransfers, type Transfer } from '../transfers.ts'
import { cpuSeconds } from './clients.ts'
import { runBlocking } from './committers.ts'
import { subject } from './subject.ts'

export interface PeerTransferConfig {
  /** A file of bench/peers: sqlite-transfer. */
  readonly peer: string
  readonly directory: string
  readonly seconds: number
  /** Of the transfers. */
  readonly seed: number
}

interface TransferModule {
  /** `transferSync` returns when the transfer is durable. */
  open(
    directory: string,
    options: { accounts: number },
  ): Promise<{ transferSync(transfer: Transfer): void; close(): Promise<void> }>
}

subject(async ({ peer, directory, seconds, seed }: PeerTransferConfig) => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  try {
    const module = (await import(
      new URL(`../peers/${peer}.mjs`, import.meta.url).href
    )) as TransferModule
    const store = await module.open(directory, { accounts })
    const next = randomTransfers(seed)
    let transfers = 0
    const cpuBefore = cpuSeconds()
    const sample = runBlocking(() => {
      store.transferSync(next())
      transfers += 1
    }, seconds)
    const cpuPerMillion = ((cpuSeconds() - cpuBefore) / transfers) * 1e6
    await store.close()
    return { ...sample, details: { ...sample.details, cpuPerMillion } }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
