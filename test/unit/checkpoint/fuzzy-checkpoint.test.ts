// Goal: a checkpoint holds its tables exactly, and the master record never names one that is not
// complete (H30, H31, H58).
// Method: a log in memory notes in which order things happen; changes fall into every gap.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { DirtyPageTable } from '../../../lib/buffer/dirty-page-table.ts'
import { redoLSNOf, takeFuzzyCheckpoint } from '../../../lib/checkpoint/fuzzy-checkpoint.ts'
import { decodeCheckpointEnd, type PageEntry } from '../../../lib/format/engine-record.ts'
import { recordBeginCheckpoint, recordEndCheckpoint } from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { TransactionState, TransactionTable } from '../../../lib/txn/transaction-table.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'
import { PageFileInMemory } from '../../support/page-file-in-memory.ts'

function dirtyPages(recLSNs: readonly number[]): DirtyPageTable {
  const file = new PageFileInMemory(recLSNs.length)
  const table = new DirtyPageTable()
  for (const [i, lsn] of recLSNs.entries()) {
    const frame = file.frame(i)
    frame.pageId = 10 + i
    table.noteChange(frame, lsn as LSN)
  }
  return table
}

function running(firstLSNs: readonly number[]): TransactionTable {
  const table = new TransactionTable()
  for (const lsn of firstLSNs) {
    const state = new TransactionState(0)
    state.firstLSN = lsn as LSN
    state.lastLSN = (lsn + 8) as LSN
    state.undoNextLSN = (lsn + 8) as LSN
    table.add(state)
  }
  return table
}

const take = (log: LogInMemory, transactions: TransactionTable, pages: DirtyPageTable) =>
  takeFuzzyCheckpoint(log.asLog(), transactions, pages, 1, 0)

test('H31 end record not durable yet -> the master record does not name the checkpoint', async () => {
  const log = new LogInMemory()
  let durable: (() => void) | undefined
  log.delay = () => new Promise((resolve) => (durable = resolve))
  const taking = take(log, running([]), dirtyPages([]))
  await new Promise((resolve) => setImmediate(resolve))
  const [begin, end] = log.records
  assert.equal(log.steps, [
    `append ${recordBeginCheckpoint}`,
    `append ${recordEndCheckpoint}`,
    `flush ${end?.lsn}`,
  ])
  durable?.()
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(log.flushedLSN, log.endLSN)
  assert.is(log.steps.at(-1), `master ${begin?.lsn}`)
  let isTaken = false
  void taking.then(() => (isTaken = true))
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(isTaken, false, 'resolves before the master record is durable')
  durable?.()
  await taking
})

test('H58 checkpoint asked for -> begin, both tables and end in one synchronous step', async () => {
  const log = new LogInMemory()
  const order: string[] = []
  const [transactions, pages] = [running([40, 80]), dirtyPages([16, 24])]
  log.onStep = (step) => order.push(step)
  const { snapshot: copyTransactions } = transactions
  transactions.snapshot = () => {
    order.push('transactions')
    return copyTransactions.call(transactions)
  }
  const { snapshot: copyPages } = pages
  pages.snapshot = () => {
    order.push('pages')
    return copyPages.call(pages)
  }
  const taking = take(log, transactions, pages)
  // Nothing but the call itself has happened: no turn and no microtask.
  assert.is(order[0], `append ${recordBeginCheckpoint}`)
  assert.equal(order.slice(1, 3).sort(), ['pages', 'transactions'])
  assert.is(order[3], `append ${recordEndCheckpoint}`)
  await taking
})

test('H30 H36 transactions and dirty pages of that moment -> stand in the end record', async () => {
  const log = new LogInMemory()
  const taken = await take(log, running([40, 80]), dirtyPages([16, 24]))
  const [begin, end] = log.records
  const decoded = decodeCheckpointEnd(end?.body as Uint8Array)
  assert.equal(decoded, taken)
  assert.is(decoded?.beginLSN, begin?.lsn)
  assert.equal(
    decoded?.transactions.map(({ transactionLSN, undoNextLSN }) => [transactionLSN, undoNextLSN]),
    [
      [40, 48],
      [80, 88],
    ],
  )
  assert.equal(decoded?.pages, [
    { pageId: 10, recLSN: 16 },
    { pageId: 11, recLSN: 24 },
  ])
})

test('H32 page that was given up -> stands in the end record, and moves no redo point', async () => {
  const pages = dirtyPages([16])
  pages.lost.noteGivenUp(7)
  const log = new LogInMemory()
  const taken = await take(log, running([]), pages)
  const decoded = decodeCheckpointEnd(log.records[1]?.body as Uint8Array)
  const expected = [
    { pageId: 7, recLSN: 0 },
    { pageId: 10, recLSN: 16 },
  ]
  assert.equal([decoded, decoded?.pages], [taken, expected])
  assert.is(redoLSNOf(expected as PageEntry[]), 16)
  assert.is(redoLSNOf(expected.slice(0, 1) as PageEntry[]), undefined)
})

test.run()
