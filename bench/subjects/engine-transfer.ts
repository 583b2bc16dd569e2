// Transfers through the engine: each client waits until its own is durable before the next one.
import { accounts as defaultAccounts, randomTransfers } from '../transfers.ts'
import { Bank } from './bank.ts'
import { runClients } from './clients.ts'
import { type EngineConfig, openNewEngine } from './open-engine.ts'
import { subject } from './subject.ts'

export interface EngineTransferConfig extends EngineConfig {
  readonly clients: number
  readonly seconds: number
  /** Of the transfers. */
  readonly seed: number
  readonly accounts?: number
  /** Take one checkpoint after the other meanwhile. */
  readonly takesCheckpoints?: boolean
}

subject(async (config: EngineTransferConfig) => {
  const { clients, seconds, seed, accounts = defaultAccounts } = config
  await using engine = await openNewEngine(config)
  const bank = await Bank.create(engine, accounts)
  const next = randomTransfers(seed, accounts)
  const before = engine.stats()
  let isOver = false
  const takeCheckpoints = async (): Promise<void> => {
    while (!isOver) await engine.checkpoint()
  }
  const checkpoints = config.takesCheckpoints === true ? takeCheckpoints() : Promise.resolve()
  const sample = await runClients(() => bank.transfer(next()), clients, seconds)
  isOver = true
  await checkpoints
  const after = engine.stats()
  await bank.check()
  const commits = after.transactions.committed - before.transactions.committed
  return {
    value: sample.value,
    details: {
      ...sample.details,
      commitsPerFlush: commits / (after.log.flushes - before.log.flushes),
      logBytesPerCommit: (after.log.endLSN - before.log.endLSN) / commits,
      checkpoints: after.checkpoints.count - before.checkpoints.count,
      pagesWritten: after.pages.pagesWritten - before.pages.pagesWritten,
      deadlocks: after.locks.deadlocks,
    },
  }
})
