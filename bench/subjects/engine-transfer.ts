// Transfers through the engine: each client waits until its own is durable before the next one.
// Several numbers of clients, one after the other, on the same tables.
import { accounts, randomTransfers } from '../transfers.ts'
import { Bank } from './bank.ts'
import { laterWarmUpSeconds, runClients } from './clients.ts'
import { type EngineConfig, openNewEngine } from './open-engine.ts'
import { subject } from './subject.ts'

export interface EngineTransferConfig extends EngineConfig {
  readonly clients: readonly number[]
  /** For each number of clients. */
  readonly seconds: number
  /** Of the transfers. */
  readonly seed: number
}

const warmUpClients = 16

subject(async (config: EngineTransferConfig) => {
  const { seconds, seed } = config
  await using engine = await openNewEngine(config)
  const bank = await Bank.create(engine, accounts)
  const next = randomTransfers(seed)
  const transfer = (): Promise<void> => bank.transfer(next())
  const details: Record<string, number> = {}
  const options = { warmUpSeconds: laterWarmUpSeconds }
  // A lone client alone would need seconds until V8 has compiled what it runs.
  await runClients(transfer, warmUpClients, laterWarmUpSeconds, options)
  for (const clients of config.clients) {
    const before = engine.stats()
    const sample = await runClients(transfer, clients, seconds, options)
    const after = engine.stats()
    const commits = after.transactions.committed - before.transactions.committed
    const measured = {
      perSecond: sample.value,
      ...sample.details,
      commitsPerFlush: commits / (after.log.flushes - before.log.flushes),
      logBytesPerCommit: (after.log.endLSN - before.log.endLSN) / commits,
      checkpoints: after.checkpoints.count - before.checkpoints.count,
    }
    for (const [name, value] of Object.entries(measured)) details[`${name}${clients}`] = value
  }
  await bank.check()
  details.deadlocks = engine.stats().locks.deadlocks
  return { value: Number(details[`perSecond${config.clients[0]}`]), details }
})
