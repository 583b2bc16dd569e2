// Goal: a record is shown exactly if it matches everything that was asked for.
// Method: bodies made by the engine's encoder; every question against every record, and names that
// people use.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EngineRecordEncoder } from '../../../../lib/format/engine-record.ts'
import {
  recordCommit,
  recordCompensation,
  recordPageImage,
  recordUpdate,
} from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import { absent, EngineColumns } from '../../../../lib/inspection/records/engine-columns.ts'
import { RecordFilter, type RecordQuery } from '../../../../lib/inspection/records/record-filter.ts'
import { operationNamed, typeNamed } from '../../../../lib/inspection/records/record-kinds.ts'
import type { ScannedRecord } from '../../../../lib/inspection/survey/survey-types.ts'
import { record } from '../fake-survey.ts'

const encoder = new EngineRecordEncoder()
const lsn = (value: number): LSN => value as LSN
const far = 2 ** 45 + 12345

function of(at: number, type: number, body: Uint8Array): ScannedRecord {
  return record(at, at + 24 + body.length, { type, body: body.slice(), bodyBytes: body.length })
}

const payload = Uint8Array.of(1, 2, 3)
const records = {
  first: of(100, recordUpdate, encoder.update(lsn(0), lsn(0), 7, 1, payload)),
  update: of(200, recordUpdate, encoder.update(lsn(100), lsn(100), 8, 64, payload)),
  clr: of(
    300,
    recordCompensation,
    encoder.compensation(lsn(100), lsn(200), lsn(100), 8, 65, payload),
  ),
  dummy: of(
    400,
    recordCompensation,
    encoder.compensation(lsn(100), lsn(300), lsn(0), 0, 0, payload),
  ),
  commit: of(500, recordCommit, encoder.transaction(lsn(far), lsn(400))),
  image: of(600, recordPageImage, encoder.image(7, 2, lsn(5), payload)),
  incarnation: record(700, 748, { sort: 'incarnation' }),
  padding: record(800, 848, { sort: 'pad' }),
}

function passed(query: RecordQuery): string[] {
  const filter = new RecordFilter(query)
  const columns = new EngineColumns()
  return Object.entries(records)
    .filter(([, one]) => {
      columns.read(one)
      return filter.matches(one, columns)
    })
    .map(([name]) => name)
}

test('no question -> everything but padding', () => {
  const all = Object.keys(records)
  assert.equal(passed({}), all.slice(0, -1))
  assert.equal(passed({ isInternalShown: true }), all)
})

test('each question -> the records that it is about', () => {
  assert.equal(passed({ types: new Set([recordUpdate]) }), ['first', 'update'])
  assert.equal(passed({ types: new Set(['incarnation', 'pad']) }), ['incarnation', 'padding'])
  assert.equal(passed({ transactions: new Set([100]) }), ['first', 'update', 'clr', 'dummy'])
  assert.equal(passed({ transactions: new Set([far]) }), ['commit'])
  assert.equal(passed({ pages: new Set([7]) }), ['first', 'image'])
  assert.equal(passed({ pages: new Set([0]) }), [], 'page 0 is no page')
  assert.equal(passed({ operations: new Set([64, 65]) }), ['update', 'clr'])
  assert.equal(passed({ pages: new Set([7, 8]), types: new Set([recordCompensation]) }), ['clr'])
})

test('a body that is too short for its type -> it has no columns, and nothing is thrown', () => {
  const columns = new EngineColumns()
  for (const { type, body } of Object.values(records)) {
    for (let bytes = 0; bytes < body.length; bytes++) {
      columns.read(records.update)
      const isRead = columns.read(of(1, type, body.subarray(0, bytes)))
      if (!isRead) assert.is(columns.transactionLSN, absent)
    }
  }
})

test('names of types -> those of the documents, in any spelling; a plain log has its own only', () => {
  assert.is(typeNamed('Update', true), recordUpdate)
  assert.is(typeNamed('page image', true), recordPageImage)
  assert.is(typeNamed('PAGE_IMAGE', true), recordPageImage)
  assert.is(typeNamed('CLR', true), recordCompensation)
  assert.is(typeNamed('65535', false), 65535)
  assert.is(typeNamed('65536', false), undefined)
  assert.is(typeNamed('update', false), undefined)
  assert.is(typeNamed('incarnation', false), 'incarnation')
  assert.is(typeNamed('', true), undefined)
  assert.is(operationNamed('writeBytes'), 1)
  assert.is(operationNamed('WRITEBYTES'), 1)
  assert.is(operationNamed('64'), 64)
  assert.is(operationNamed('nothing'), undefined)
})

test.run()
