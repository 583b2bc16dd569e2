// Goal: whoever needs room in the log gets it when it can be had: pages are written, the holder is
// rolled back, and all who wait share one attempt (H40).
// Method: real stores with small logs that one transaction fills without waiting for anything. A nested
// top action asks for no room itself, so it shows what the call before it has made.
import { setTimeout as delay } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Engine, EngineOptions, Page, Transaction } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, openSmallEngine, textOf } from '../support/open-engine.ts'
import { fillLog, tightLog } from '../support/tight-log.ts'

/** tx.records.insert is this operation; nested top actions apply it by its number. */
const slottedInsert = 8
const text = (value: string): Buffer => Buffer.from(value)
/** Takes more log than what a full one has left. */
const allocate = (tx: Transaction): Promise<unknown> =>
  tx.nestedTopAction(async (actions) => {
    actions.apply(await actions.allocatePage(), slottedInsert, Buffer.alloc(3000))
  })

test('H40 transaction that has written -> seen in stats with its first LSN and its age', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const [old, young] = [await engine.begin(), await engine.begin()]
  const { oldestLSN } = engine.stats().transactions
  const lsn = old.write(await old.page(page), 0, text('two'))
  await young.allocatePage()
  await delay(5)
  const { transactions } = engine.stats()
  assert.equal([oldestLSN, transactions.oldestLSN, transactions.active], [undefined, lsn, 2])
  assert.ok((transactions.oldestAgeMs ?? 0) >= 4)
  await Promise.all([old.rollback(), young.rollback()])
  assert.is(engine.stats().transactions.oldestLSN, undefined)
})

test('H40 everybody waits for room in the log at once -> one checkpoint for all', async () => {
  await using engine = await openSmallEngine(tightLog)
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  await fillLog(tx, page)
  const { count } = engine.stats().checkpoints
  const others = await Promise.all(Array.from({ length: 20 }, () => engine.begin()))
  const taken = engine.stats().checkpoints.count - count
  assert.ok(taken >= 1 && taken <= 3, `${taken} checkpoints`)
  for (const other of others) await other.rollback()
  await tx.rollback()
})

test('H40 idle transaction holds a full log -> begin rolls it back, and there is room', async () => {
  await using engine = await openSmallEngine(tightLog)
  const page = await newPage(engine, 'one')
  const idle = await engine.begin()
  await fillLog(idle, page)
  const tx = await engine.begin()
  await allocate(tx)
  await tx.rollback()
  await expectError('ERR_SEAWALL_LOG_FULL', () => idle.page(page))
  assert.is(await textOf(engine, page, 3), 'one')
})

/** Commits until the log has no room, without a turn in which a checkpoint could make any. */
async function fillWithCommits(engine: Engine): Promise<void> {
  const page = await newPage(engine, '')
  const fillers: [Transaction, Page][] = []
  for (let i = 0; i < 12; i++) {
    const filler = await engine.begin({ durability: 'async' })
    fillers.push([filler, await filler.page(page, { lock: 'IX' })])
    await filler.lock(`${i}`)
  }
  for (const [i, [filler, held]] of fillers.entries()) {
    // Each commit gives back the room for its rollback, which the next one fills.
    assert.throws(() => {
      for (let j = 1; ; j++) filler.write(held, 0, Buffer.alloc(500, i + j), { key: `${i}` })
    }, /ERR_SEAWALL_LOG_FULL|log/)
    void filler.commit()
  }
}

// No checkpoint of its own accord.
const seldom: EngineOptions = { ...tightLog, maxWalBytes: 1024 * 1024 * 1024 }

test('H40 log full of changes of dirty pages -> begin writes them, and there is room', async () => {
  await using engine = await openSmallEngine(seldom)
  const before = await engine.begin()
  await fillWithCommits(engine)
  await expectError('ERR_SEAWALL_LOG_FULL', () => allocate(before))
  const tx = await engine.begin()
  await allocate(tx)
  await tx.rollback()
})

test('H40 log filled by others since the transaction began -> the next page it asks for makes room', async () => {
  await using engine = await openSmallEngine(seldom)
  const mine = await newPage(engine, 'one')
  const tx = await engine.begin()
  await fillWithCommits(engine)
  await expectError('ERR_SEAWALL_LOG_FULL', () => allocate(tx))
  await tx.page(mine)
  await allocate(tx)
  await tx.rollback()
})

test.run()
