// Goal: losers are undone in one backward sweep, each to its end and only once; while they are not,
// the table names them so that a checkpoint and the retention of the log see them (H32, H33, H36).
// Method: an undo that only notes what it is asked to undo; random chains of several losers.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { noLSN } from '../../../lib/format/engine-record.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import type { Loser } from '../../../lib/recovery/analysis.ts'
import { LoserUndo } from '../../../lib/recovery/losers.ts'
import { PhaseProgress } from '../../../lib/recovery/progress.ts'
import type { PageChanges } from '../../../lib/txn/page-changes.ts'
import {
  type TransactionState,
  TransactionTable,
  UndoMarks,
} from '../../../lib/txn/transaction-table.ts'
import type { Undo } from '../../../lib/txn/undo.ts'
import { Random, seedOr } from '../../support/random.ts'

interface Sweep {
  readonly undone: number[]
  readonly ended: number[]
  readonly transactions: TransactionTable
  readonly undo: LoserUndo
}

/** Losers by the LSNs of their records, oldest first; those in `compensated` are CLRs. */
function sweepOf(chains: readonly number[][], compensated = new Set<number>()): Sweep {
  const transactions = new TransactionTable()
  const undone: number[] = []
  const ended: number[] = []
  const before = new Map<number, number>()
  for (const chain of chains) chain.forEach((lsn, i) => before.set(lsn, chain[i - 1] ?? 0))
  const undo = {
    step: async (state: TransactionState): Promise<boolean> => {
      const lsn = state.undoNextLSN
      assert.ok(lsn > 0, 'a loser with nothing left is not undone')
      await Promise.resolve()
      undone.push(lsn)
      state.undoNextLSN = before.get(lsn) as LSN
      return !compensated.has(lsn)
    },
  } as unknown as Undo
  const changes = {
    end: (state: TransactionState): void => {
      ended.push(state.firstLSN)
      transactions.remove(state)
    },
  } as unknown as PageChanges
  const losers: Loser[] = chains.map((chain) => ({
    firstLSN: chain[0] as LSN,
    lastLSN: chain.at(-1) as LSN,
    undoNextLSN: chain.at(-1) as LSN,
    marks: new UndoMarks(),
  }))
  return {
    undone,
    ended,
    transactions,
    undo: new LoserUndo(losers, transactions, undo, changes, 0),
  }
}

const progress = (): PhaseProgress => new PhaseProgress('undo', noLSN, noLSN, undefined)

test('H33 H36 random losers -> every record once, highest LSN first, every loser ended', async () => {
  const first = seedOr(1)
  for (let seed = first; seed < first + 200; seed++) {
    const random = new Random(seed)
    const chains = new Map<number, number[]>()
    for (let lsn = 8; lsn < 8 * random.below(60); lsn += 8) {
      const loser = random.below(7)
      chains.set(loser, [...(chains.get(loser) ?? []), lsn])
    }
    const all = [...chains.values()].flat()
    const clrs = new Set(all.filter(() => random.chance(0.3)))
    const { undo, undone, ended, transactions } = sweepOf([...chains.values()], clrs)
    assert.is(undo.highestLSN, Math.max(0, ...all), `seed ${seed}`)
    await undo.run(progress())
    const downwards = all.sort((a, b) => b - a)
    assert.equal(undone, downwards, `seed ${seed}`)
    assert.equal(
      ended.sort((a, b) => a - b),
      [...chains.values()].map(([lsn]) => lsn).sort((a, b) => (a ?? 0) - (b ?? 0)),
      `seed ${seed}`,
    )
    assert.equal(undo.counts, { records: all.length, compensations: all.length - clrs.size })
    assert.is(transactions.size, 0)
  }
})

test('H32 losers before they are undone -> in the table, the oldest first', () => {
  const { transactions } = sweepOf([[80], [16, 96], [48]])
  assert.is(transactions.oldest()?.firstLSN, 16)
  assert.equal(
    transactions.snapshot().map(({ transactionLSN, lastLSN }) => [transactionLSN, lastLSN]),
    [
      [16, 96],
      [48, 48],
      [80, 80],
    ],
  )
})

test('H33 loser whose undo was done but not ended -> only ended', async () => {
  const { undo, ended, undone, transactions } = sweepOf([[16]])
  const state = transactions.oldest() as TransactionState
  state.undoNextLSN = noLSN
  await undo.run(progress())
  assert.equal([undone, ended, transactions.size], [[], [16], 0])
})

test.run()
