import { Engine, SeawallError } from '../../../lib/index.ts'
import type { EnginePlan } from '../plan/machine-plan.ts'
import {
  cellBytes,
  type CellWrite,
  pagesPerClient,
  sharedPage,
  transactionPlan,
  writtenBytes,
} from '../plan/transaction-plan.ts'
import type { Transaction } from '../../../lib/index.ts'
import { tell } from './wire.ts'

// After these the transaction is gone, and the engine is as good as before.
const passing = new Set<string>([
  'ERR_SEAWALL_DEADLOCK',
  'ERR_SEAWALL_LOCK_TIMEOUT',
  'ERR_SEAWALL_LOG_FULL',
  'ERR_SEAWALL_BUFFER_POOL_FULL',
])

export const engineWorkload = {
  open: (directory: string, plan: EnginePlan): Promise<Engine> =>
    Engine.open(directory, plan.options),

  async run(engine: Engine, plan: EnginePlan): Promise<void> {
    const shared = await allocate(engine, 1)
    const own: number[][] = []
    for (let client = 0; client < plan.clients; client++) {
      own.push(await allocate(engine, pagesPerClient))
    }
    tell(`pages ${[shared, ...own].map((ids) => ids.join(',')).join(' ')}`)
    const run = (ids: number[], client: number): Promise<void> =>
      runClient(
        engine,
        plan,
        client,
        (page) => (page === sharedPage ? shared : ids)[Math.max(page, 0)] ?? 0,
      )
    await Promise.all(own.map(run))
  },

  /** Must be refused when the engine has failed. */
  async tryAgain(engine: Engine): Promise<void> {
    await engine.transaction(async (tx) => {
      await tx.allocatePage()
    })
  },
}

async function allocate(engine: Engine, count: number): Promise<number[]> {
  return engine.transaction(async (tx) => {
    const ids: number[] = []
    for (let i = 0; i < count; i++) ids.push((await tx.allocatePage()).id)
    return ids
  })
}

async function runClient(
  engine: Engine,
  plan: EnginePlan,
  client: number,
  idOf: (page: number) => number,
): Promise<void> {
  for (let attempt = 1; attempt <= plan.amount; attempt++) {
    await runTransaction(engine, plan.seed, client, attempt, idOf)
    if (client === 0 && attempt % 25 === 0) await engine.checkpoint({ immediate: true })
  }
}

async function runTransaction(
  engine: Engine,
  seed: number,
  client: number,
  attempt: number,
  idOf: (page: number) => number,
): Promise<void> {
  const { writes, undone, ends, durability } = transactionPlan(seed, client, attempt)
  const tx = await engine.begin({ durability })
  const write = async (change: CellWrite): Promise<void> => {
    const page = await tx.page(idOf(change.page))
    tx.write(page, change.cell * cellBytes, writtenBytes(seed, client, attempt, change))
  }
  try {
    for (const change of writes) await write(change)
    if (undone.length > 0) {
      const savepoint = tx.savepoint()
      for (const change of undone) await write(change)
      await tx.rollbackTo(savepoint)
    }
    await end(tx, ends, durability, `${client} ${attempt}`)
  } catch (error) {
    if (!(error instanceof SeawallError) || !passing.has(error.code)) throw error
    await tx.rollback()
    tell(`undone ${client} ${attempt}`)
  }
}

async function end(
  tx: Transaction,
  ends: 'commit' | 'rollback',
  durability: 'flush' | 'async',
  name: string,
): Promise<void> {
  if (ends === 'rollback') {
    await tx.rollback()
    return
  }
  tell(`intent ${name}`)
  await tx.commit()
  if (durability === 'flush') tell(`durable ${name}`)
}
