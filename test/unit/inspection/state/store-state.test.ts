// Goal: what a restart would begin with is read from a log as the restart would, with who holds the
// log and an estimate of the time; damage is a sentence, not a guess.
// Method: records made with the engine's encoder.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EngineRecordEncoder, noLSN } from '../../../../lib/format/engine-record.ts'
import {
  recordBeginCheckpoint,
  recordCommit,
  recordEndCheckpoint,
  recordUpdate,
} from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import {
  estimateRestart,
  measuredRates,
  recordsIn,
} from '../../../../lib/inspection/state/restart-estimate.ts'
import { type StoreState, StoreStateReader } from '../../../../lib/inspection/state/store-state.ts'
import type { ScannedRecord } from '../../../../lib/inspection/survey/survey-types.ts'

const encoder = new EngineRecordEncoder()
const bytes = Buffer.from([0, 0, 1, 0, 7, 8])

class TestLog {
  readonly items: ScannedRecord[] = []
  endLSN = 1000 as LSN

  append(type: number, body: Uint8Array): LSN {
    const lsn = this.endLSN
    this.endLSN = (lsn + 100) as LSN
    this.items.push({
      what: 'record',
      lsn,
      nextLSN: this.endLSN,
      sort: 'record',
      type,
      incarnation: 1,
      promiseLSN: lsn,
      pieces: 1,
      bodyBytes: body.length,
      body: body.slice(),
    })
    return lsn
  }

  update(transaction: LSN, prevLSN: LSN, pageId: number): LSN {
    return this.append(recordUpdate, encoder.update(transaction, prevLSN, pageId, 1, bytes))
  }

  checkpoint(transactions: readonly LSN[], pages: readonly [number, LSN][]): LSN {
    const beginLSN = this.append(recordBeginCheckpoint, encoder.beginCheckpoint(0))
    const entry = (transactionLSN: LSN) => ({
      transactionLSN,
      lastLSN: transactionLSN,
      undoNextLSN: transactionLSN,
    })
    this.append(
      recordEndCheckpoint,
      encoder.endCheckpoint({
        beginLSN,
        filePages: 10,
        transactions: transactions.map(entry),
        pages: pages.map(([pageId, recLSN]) => ({ pageId, recLSN })),
      }),
    )
    return beginLSN
  }

  read(checkpointLSN: LSN, oldestLSN = 1000): StoreState | string {
    const reader = new StoreStateReader(checkpointLSN)
    for (const item of this.items) reader.take(item)
    return reader.state(oldestLSN as LSN, this.endLSN)
  }
}

function stateOf(state: StoreState | string): StoreState {
  if (typeof state === 'string') throw new Error(state)
  return state
}

test('transactions and pages of the checkpoint and since -> as a restart would find them', () => {
  const log = new TestLog()
  const old = log.update(noLSN, noLSN, 2)
  const checkpointLSN = log.checkpoint([old], [[2, old]])
  const committed = log.update(noLSN, noLSN, 3)
  log.append(recordCommit, encoder.transaction(committed, committed))
  const running = log.update(noLSN, noLSN, 4)
  const last = log.update(running, running, 3)
  const state = stateOf(log.read(checkpointLSN))
  assert.equal(
    state.transactions.map(({ firstLSN, lastLSN, ageBytes, records }) => {
      return [firstLSN, lastLSN, ageBytes, records]
    }),
    [
      [old, old, log.endLSN - old, 0],
      [running, last, log.endLSN - running, 2],
    ],
  )
  assert.is(state.redoLSN, old)
  assert.is(state.dirtyPages, 3)
  assert.equal(state.oldestDirtyPages, [
    { pageId: 2, recLSN: old },
    { pageId: 3, recLSN: committed },
    { pageId: 4, recLSN: running },
  ])
  assert.equal(state.retention, { holder: 'transaction', lsn: old, reclaimableBytes: 0 })
  // The old one may have written all of the hundred bytes before the checkpoint.
  assert.is(state.work.undoRecords, 3)
  assert.is(state.work.redoBytes, log.endLSN - old)
})

test('dirty page, or nobody, behind the beginning of the log -> named, with what could go', () => {
  const log = new TestLog()
  log.update(noLSN, noLSN, 2)
  const dirty = log.update(noLSN, noLSN, 3)
  const byPage = log.checkpoint([], [[3, dirty]])
  assert.equal(stateOf(log.read(byPage)).retention, {
    holder: 'dirty pages',
    lsn: dirty,
    reclaimableBytes: 100,
  })
  const byNobody = log.checkpoint([], [])
  assert.equal(stateOf(log.read(byNobody, byNobody)).retention, {
    holder: 'checkpoint',
    lsn: byNobody,
    reclaimableBytes: 0,
  })
})

test('damage since the checkpoint, or no end of it -> a sentence; damage before it -> no matter', () => {
  const log = new TestLog()
  log.update(noLSN, noLSN, 2)
  const checkpointLSN = log.checkpoint([], [])
  const [first, begin, end] = log.items as [ScannedRecord, ScannedRecord, ScannedRecord]
  log.items[0] = { ...first, problem: 'bad' }
  assert.is(typeof log.read(checkpointLSN), 'object')
  log.items[2] = { ...end, problem: 'bad' }
  assert.is(log.read(checkpointLSN), `the log is damaged at LSN ${end.lsn}`)
  log.items.length = 2
  assert.is(log.read(checkpointLSN), `the checkpoint at LSN ${begin.lsn} is not complete`)
  log.items.push({ ...end, type: 77 })
  assert.match(log.read(checkpointLSN) as string, /cannot be decoded: no engine writes/)
})

test('estimate -> the parts, and their sum', () => {
  const work = {
    analysisBytes: 0,
    analysisRecords: 1_000_000,
    redoBytes: 0,
    redoRecords: 1_000_000,
    redoPages: 1000,
    undoBytes: 0,
    undoRecords: 1000,
  }
  const { openMs, analysisMs, redoMs, undoMs, totalMs } = estimateRestart(work)
  assert.is(openMs, measuredRates.openMs)
  assert.is(Math.round(analysisMs), 150)
  assert.is(Math.round(redoMs), 370 + 20)
  assert.is(Math.round(10 * undoMs), 69)
  assert.is(Math.round(totalMs), Math.round(openMs + analysisMs + redoMs + undoMs))
  assert.is(recordsIn(1000, 10, 500), 20)
  assert.is(recordsIn(1200, 0, 0), 10)
})

test.run()
