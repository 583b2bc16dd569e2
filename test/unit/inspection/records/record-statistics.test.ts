// Goal: every record is counted once, with its place in the log.
// Method: a few records by hand.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EngineRecordEncoder } from '../../../../lib/format/engine-record.ts'
import { recordCommit, recordUpdate } from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import { EngineColumns } from '../../../../lib/inspection/records/engine-columns.ts'
import { RecordStatistics } from '../../../../lib/inspection/records/record-statistics.ts'
import { record } from '../fake-survey.ts'

const encoder = new EngineRecordEncoder()
const lsn = (value: number): LSN => value as LSN

test('records of a store -> counted by type and by operation, most space first', () => {
  const statistics = new RecordStatistics(true)
  const columns = new EngineColumns()
  const add = (at: number, next: number, type: number, body: Uint8Array): void => {
    const one = record(at, next, { type, body, bodyBytes: body.length })
    columns.read(one)
    statistics.add(one, columns)
  }
  const update = (bytes: number): Uint8Array =>
    encoder.update(lsn(1), lsn(1), 1, 64, new Uint8Array(bytes)).slice()
  add(100, 160, recordUpdate, update(10))
  add(160, 1200, recordUpdate, update(990))
  add(1200, 1240, recordCommit, encoder.transaction(lsn(1), lsn(2)).slice())
  const named = statistics.types().map(({ name, count, logBytes, largestLSN }) => {
    return [name, count, logBytes, largestLSN]
  })
  assert.equal(named, [
    ['update', 2, 1100, 160],
    ['commit', 1, 40, 1200],
  ])
  assert.equal(
    statistics.operations().map(({ name, count }) => [name, count]),
    [['64', 2]],
  )
  assert.is(statistics.total.count, 3)
  assert.is(statistics.total.largestBodyBytes, 24 + 990)
  assert.equal(statistics.range, { firstLSN: 100, endLSN: 1240 })
})

test('nothing was counted -> no range, nothing is divided by zero', () => {
  const statistics = new RecordStatistics(false)
  assert.is(statistics.range, undefined)
  assert.equal(statistics.types(), [])
  assert.is(statistics.total.count, 0)
})

test('a plain log -> types are numbers, also where they are those of an engine', () => {
  const statistics = new RecordStatistics(false)
  const columns = new EngineColumns()
  statistics.add(record(0, 48, { sort: 'incarnation' }), columns)
  statistics.add(record(48, 80, { type: recordUpdate }), columns)
  statistics.add(record(80, 120, { sort: 'pad' }), columns)
  assert.equal(
    statistics.types().map(({ name, number }) => [name, number]),
    [
      ['incarnation', undefined],
      ['padding', undefined],
      ['1', recordUpdate],
    ],
  )
})

test.run()
