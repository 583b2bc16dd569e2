// Goal: analysis finds every transaction that had not ended and every page that may lack changes,
// also those that began, ended or became dirty around the checkpoint (H30, H31, H36).
// Method: logs made record by record with the engine's encoder; a checkpoint whose tables were copied
// at any moment between its two records must lead to the same result.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  type CheckpointEnd,
  EngineRecordEncoder,
  noLSN,
} from '../../../lib/format/engine-record.ts'
import {
  recordBeginCheckpoint,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordEndCheckpoint,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
} from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { Analysis, type AnalysisResult } from '../../../lib/recovery/analysis.ts'
import { expectError } from '../../support/expect-error.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'

const none = new Uint8Array(0)
const encoder = new EngineRecordEncoder()

/** A log with short names for its records. */
class TestLog {
  readonly log = new LogInMemory()

  /** `transaction` 0: the first record of one. */
  update(transaction: LSN, pageId: number): LSN {
    const body = encoder.update(transaction, transaction, pageId, 1, none)
    return this.log.append(body, { type: recordUpdate })
  }

  clr(transaction: LSN, undoNextLSN: LSN, pageId: number): LSN {
    const body = encoder.compensation(transaction, transaction, undoNextLSN, pageId, 1, none)
    return this.log.append(body, { type: recordCompensation })
  }

  over(transaction: LSN, type: typeof recordCommit | typeof recordEnd): LSN {
    return this.log.append(encoder.transaction(transaction, transaction), { type })
  }

  image(pageId: number, type: typeof recordPageImage | typeof recordPageCheck): LSN {
    return this.log.append(encoder.image(pageId, 2, noLSN, none), { type })
  }

  begin(): LSN {
    return this.log.append(encoder.beginCheckpoint(0), { type: recordBeginCheckpoint })
  }

  end(
    beginLSN: LSN,
    transactions: CheckpointEnd['transactions'],
    pages: CheckpointEnd['pages'],
  ): LSN {
    const body = encoder.endCheckpoint({ beginLSN, filePages: 1, transactions, pages })
    return this.log.append(body, { type: recordEndCheckpoint })
  }

  analyse(checkpointLSN: LSN): AnalysisResult {
    const analysis = new Analysis(checkpointLSN)
    analysis.take(this.log.batch(checkpointLSN === noLSN ? undefined : checkpointLSN))
    return analysis.result()
  }
}

const running = (firstLSN: LSN, lastLSN = firstLSN): CheckpointEnd['transactions'][number] => ({
  transactionLSN: firstLSN,
  lastLSN,
  undoNextLSN: lastLSN,
})

const losersOf = ({ losers }: AnalysisResult): [LSN, LSN, LSN][] =>
  [...losers.values()].map(({ firstLSN, lastLSN, undoNextLSN }) => [firstLSN, lastLSN, undoNextLSN])

test('H36 transaction that began after the checkpoint -> loser; one that has ended -> none', () => {
  const made = new TestLog()
  const begin = made.begin()
  made.end(begin, [], [])
  const left = made.update(noLSN, 1)
  const committed = made.update(noLSN, 2)
  const undone = made.update(noLSN, 3)
  const last = made.update(left, 4)
  made.over(committed, recordCommit)
  made.clr(undone, noLSN, 3)
  made.over(undone, recordEnd)
  assert.equal(losersOf(made.analyse(begin)), [[left, last, last]])
})

test('H36 transaction of the checkpoint, silent since -> loser as the checkpoint says', () => {
  const made = new TestLog()
  const first = made.update(noLSN, 1)
  const last = made.update(first, 1)
  const begin = made.begin()
  made.end(begin, [running(first, last)], [])
  assert.equal(losersOf(made.analyse(begin)), [[first, last, last]])
})

test('H36 transaction of the checkpoint that went on -> its later records decide', () => {
  const made = new TestLog()
  const first = made.update(noLSN, 1)
  const second = made.update(first, 1)
  const begin = made.begin()
  made.end(begin, [running(first, second)], [])
  const clr = made.clr(first, first, 1)
  assert.equal(losersOf(made.analyse(begin)), [[first, clr, first]])
})

test('H36 H58 tables copied at any moment between the two records -> the same losers and pages', () => {
  // Between begin and end: one transaction ends, one begins, one goes on, a page becomes dirty.
  for (const copiedAt of [0, 1, 2, 3, 4]) {
    const made = new TestLog()
    const [ending, going] = [made.update(noLSN, 1), made.update(noLSN, 2)]
    const begin = made.begin()
    const table = new Map<LSN, CheckpointEnd['transactions'][number]>([
      [ending, running(ending)],
      [going, running(going)],
    ])
    const dirty = new Map<number, LSN>([
      [1, ending],
      [2, going],
    ])
    let copy: [CheckpointEnd['transactions'], CheckpointEnd['pages']] = [[], []]
    const look = (moment: number): void => {
      if (moment !== copiedAt) return
      copy = [[...table.values()], [...dirty].map(([pageId, recLSN]) => ({ pageId, recLSN }))]
    }
    look(0)
    made.over(ending, recordCommit)
    table.delete(ending)
    look(1)
    const beginning = made.update(noLSN, 3)
    table.set(beginning, running(beginning))
    dirty.set(3, beginning)
    look(2)
    const last = made.update(going, 3)
    table.set(going, running(going, last))
    look(3)
    const clr = made.clr(going, going, 2)
    table.set(going, { transactionLSN: going, lastLSN: clr, undoNextLSN: going })
    look(4)
    made.end(begin, ...copy)
    const result = made.analyse(begin)
    assert.equal(
      losersOf(result).sort(([a], [b]) => a - b),
      [
        [going, clr, going],
        [beginning, beginning, beginning],
      ],
      `copied at ${copiedAt}`,
    )
    assert.equal(
      [...result.dirtyPages].sort(([a], [b]) => a - b),
      [...dirty],
      `copied at ${copiedAt}`,
    )
  }
})

test('H30 page dirty at the checkpoint and changed later -> the older recLSN', () => {
  const made = new TestLog()
  const first = made.update(noLSN, 1)
  const begin = made.begin()
  const between = made.update(first, 1)
  made.end(begin, [running(first, between)], [{ pageId: 1, recLSN: first }])
  made.update(first, 1)
  assert.equal([...made.analyse(begin).dirtyPages], [[1, first]])
})

test('H30 every record that changes a page -> makes it dirty, with its first LSN; others do not', () => {
  const made = new TestLog()
  const begin = made.begin()
  made.end(begin, [], [])
  const update = made.update(noLSN, 1)
  const clr = made.clr(update, noLSN, 2)
  const system = made.clr(noLSN, noLSN, 3)
  const image = made.image(4, recordPageImage)
  made.image(5, recordPageCheck)
  made.clr(update, noLSN, 0)
  made.update(update, 4)
  made.update(update, 1)
  const { dirtyPages, losers } = made.analyse(begin)
  assert.equal(
    [...dirtyPages],
    [
      [1, update],
      [2, clr],
      [3, system],
      [4, image],
    ],
  )
  assert.is(losers.size, 1)
})

test('H32 page that the checkpoint says was given up -> known as such, dirty only by later records', () => {
  const made = new TestLog()
  const old = made.update(noLSN, 1)
  const begin = made.begin()
  const pages = [2, 3].map((pageId) => ({ pageId, recLSN: noLSN }))
  made.end(begin, [], [{ pageId: 1, recLSN: old }, ...pages])
  const later = made.update(old, 3)
  const { dirtyPages, givenUpPages } = made.analyse(begin)
  assert.equal([...givenUpPages], [2, 3])
  assert.equal(
    [...dirtyPages].sort(([a], [b]) => a - b),
    [
      [1, old],
      [3, later],
    ],
  )
})

test('H31 checkpoint without its end, or with a damaged one -> refused', async () => {
  const made = new TestLog()
  const begin = made.begin()
  made.update(noLSN, 1)
  await expectError('ERR_SEAWALL_CORRUPT_STORE', () => made.analyse(begin))
  made.log.append(Uint8Array.of(1, 2, 3), { type: recordEndCheckpoint })
  await expectError('ERR_SEAWALL_CORRUPT_STORE', () => made.analyse(begin))
})

test('H31 later checkpoint that the master record does not name -> its tables are not used', () => {
  const made = new TestLog()
  const begin = made.begin()
  made.end(begin, [], [])
  const ended = made.update(noLSN, 1)
  const later = made.begin()
  made.over(ended, recordCommit)
  // As of a moment at which the transaction still ran: stale by the time the record was written.
  made.end(later, [running(ended)], [{ pageId: 9, recLSN: ended }])
  const { losers, dirtyPages } = made.analyse(begin)
  assert.is(losers.size, 0)
  assert.equal([...dirtyPages], [[1, ended]])
})

test('no checkpoint at all -> everything from the beginning counts', () => {
  const made = new TestLog()
  const first = made.update(noLSN, 1)
  assert.equal(losersOf(made.analyse(noLSN)), [[first, first, first]])
})

test.run()
