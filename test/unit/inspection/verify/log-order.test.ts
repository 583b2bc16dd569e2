// Goal: gaps, bad records, incarnations and promises are judged by where the log ends.
// Method: items made by hand, in the order of a scan.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/format/lsn.ts'
import { Findings } from '../../../../lib/inspection/verify/finding.ts'
import { LogOrder } from '../../../../lib/inspection/verify/log-order.ts'
import type {
  LogTail,
  MasterRecord,
  ScannedGap,
  ScannedItem,
  ScannedRecord,
} from '../../../../lib/inspection/survey/survey-types.ts'

const lsn = (value: number): LSN => value as LSN

function record(at: number, more: Partial<ScannedRecord> = {}): ScannedRecord {
  return {
    what: 'record',
    lsn: lsn(at),
    nextLSN: lsn(at + 100),
    sort: 'record',
    type: 1,
    incarnation: 1,
    promiseLSN: lsn(at),
    pieces: 1,
    bodyBytes: 0,
    body: new Uint8Array(0),
    ...more,
  }
}

function incarnation(at: number, number: number, previous: number): ScannedRecord {
  const body = new Uint8Array(24)
  new DataView(body.buffer).setUint32(0, previous, true)
  return record(at, { sort: 'incarnation', type: 0, incarnation: number, body })
}

function gap(at: number, end: number): ScannedGap {
  const reason = 'a header that does not match its checksum'
  return {
    what: 'gap',
    lsn: lsn(at),
    endLSN: lsn(end),
    reason,
    isZeros: false,
    isAtStart: false,
  }
}

function tail(verdict: LogTail['verdict'], end: number): LogTail {
  return {
    verdict,
    endLSN: lsn(end),
    reason: '',
    closedCleanly: false,
    incarnation: 1,
    promiseLSN: lsn(end),
    cutBytes: 0,
    scannedFromLSN: lsn(0),
    scannedRecords: 0,
  }
}

function master(more: Partial<MasterRecord>): MasterRecord {
  return {
    logId: '',
    sequence: 1,
    incarnation: 1,
    closedCleanly: false,
    segmentBytes: 65536,
    blockBytes: 4096,
    incarnationStartLSN: lsn(0),
    promiseLSN: lsn(0),
    oldestLSN: lsn(0),
    lastSegment: 0,
    inFlightMaxBytes: 0,
    checkpointLSN: lsn(0),
    createdAtMs: 0,
    ...more,
  }
}

function found(end: LogTail, items: readonly ScannedItem[], ofMaster?: MasterRecord): string[] {
  const findings = new Findings()
  const order = new LogOrder(findings, end, ofMaster)
  for (const item of items) order.take(item)
  order.end()
  return findings.groups().map(({ code, count }) => `${count} ${code}`)
}

test('records one after the other -> nothing; only those below the end are of the log', () => {
  const order = new LogOrder(new Findings(), tail('clean', 200), undefined)
  assert.equal(
    [record(0), record(100), record(200)].map((item) => order.take(item)),
    [true, true, false],
  )
  assert.is(order.records, 2)
})

test('gap and bad record below the end -> damage; behind a good end -> nothing', () => {
  const bad = record(100, { problem: 'its body does not match its checksum' })
  assert.equal(found(tail('clean', 500), [record(0), bad, gap(200, 400)]), [
    '1 log-gap',
    '1 record-damaged',
  ])
  assert.equal(found(tail('torn', 100), [record(0), bad, gap(200, 400), record(400)]), [])
})

test('behind a damaged end -> damage as far as records follow, not beyond', () => {
  assert.equal(
    found(tail('damaged', 100), [record(0), gap(100, 300), record(300), gap(400, 900)]),
    ['1 log-gap'],
  )
  assert.equal(found(tail('damaged', 100), [record(0), gap(100, 300)]), [])
})

test('promise that goes back, or beyond its own record -> damage', () => {
  const back = [record(0), record(100), record(200, { promiseLSN: lsn(50) })]
  assert.equal(found(tail('clean', 900), back), ['1 promise-broken'])
  const beyond = [record(0, { promiseLSN: lsn(64) })]
  assert.equal(found(tail('clean', 900), beyond), ['1 promise-broken'])
})

test('incarnations in order, also with numbers left out -> nothing', () => {
  const items = [incarnation(0, 3, 2), record(100), incarnation(200, 7, 6)].map((item, i) => ({
    ...item,
    incarnation: [3, 3, 7][i] ?? 0,
  }))
  assert.equal(found(tail('clean', 900), items), [])
})

test('incarnation after one that it does not know -> out of order', () => {
  const items = [incarnation(0, 3, 2), incarnation(100, 7, 1)]
  assert.equal(found(tail('clean', 900), items), ['1 record-order'])
  assert.equal(found(tail('clean', 900), [incarnation(0, 3, 3)]), ['1 record-order'])
})

test('LSN of the master record where no record begins -> contradiction, unless it lies in damage', () => {
  const items = [incarnation(0, 1, 0), record(100), record(200)]
  const end = tail('clean', 300)
  assert.equal(found(end, items, master({ promiseLSN: lsn(200) })), [])
  assert.equal(found(end, items, master({ promiseLSN: lsn(300) })), [])
  assert.equal(found(end, items, master({ promiseLSN: lsn(208) })), ['1 master-contradiction'])
  const damaged = [incarnation(0, 1, 0), gap(100, 200), record(200)]
  assert.equal(found(end, damaged, master({ promiseLSN: lsn(104) })), ['1 log-gap'])
})

test('another incarnation where the master record begins its own -> contradiction', () => {
  const items = [incarnation(0, 1, 0), record(100)]
  assert.equal(found(tail('clean', 200), items, master({ incarnation: 2 })), [
    '1 master-contradiction',
  ])
})

test.run()
