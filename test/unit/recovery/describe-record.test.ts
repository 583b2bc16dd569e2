// Goal: a record is described as what it is, whatever is in it; what cannot be decoded is said, and
// never thrown.
// Method: bodies made by the encoder that the engine uses, payloads by the operations' own encoders;
// then every body cut short at every length, and random bytes.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EngineRecordEncoder } from '../../../lib/format/engine-record.ts'
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
import { encodeBit, takeBitOperation } from '../../../lib/operation/allocation-map.ts'
import { encodePageType, formatPageOperation } from '../../../lib/operation/page-type.ts'
import { insertAt } from '../../../lib/operation/slotted-page.ts'
import {
  encodeDelete,
  encodeInsert,
  encodePurge,
  encodeUpdate,
  slottedDelete,
  slottedInsert,
  slottedOperations,
  slottedPurge,
  slottedUpdate,
} from '../../../lib/operation/slotted-operations.ts'
import {
  encodeWriteBytes,
  undoWriteBytes,
  writeBytesOperation,
} from '../../../lib/operation/write-bytes.ts'
import { describeRecord, type RecordDescription } from '../../../lib/recovery/describe-record.ts'
import { recordInWords } from '../../../lib/recovery/record-in-words.ts'

const encoder = new EngineRecordEncoder()
const lsn = (value: number): LSN => value as LSN
const text = (value: string): Buffer => Buffer.from(value)
const none = new Uint8Array(0)

function update(operation: number, payload: Uint8Array): RecordDescription {
  const body = encoder.update(lsn(100), lsn(200), 7, operation, payload).slice()
  return describeRecord(lsn(300), recordUpdate, body)
}

function wordsOf(operation: number, payload: Uint8Array): string {
  const words = recordInWords(update(operation, payload))
  const head = '300 update: tx 100, prev 200, page 7, '
  assert.ok(words.startsWith(head), words)
  return words.slice(head.length)
}

test('first update of a transaction -> its identity is its own LSN', () => {
  const payload = encodeWriteBytes(text('one'), 0, text('two'), { offset: 0, length: 3 })
  const body = encoder.update(lsn(0), lsn(0), 7, writeBytesOperation, payload)
  const description = describeRecord(lsn(300), recordUpdate, body)
  assert.is(description.transactionLSN, 300)
  assert.is(
    recordInWords(description),
    '300 update: tx 300, prev -, page 7, writeBytes offset 0 before "one" after "two"',
  )
})

test('payloads of the built-in operations -> their parts', () => {
  const write = encodeWriteBytes(text('abcdef'), 2, text('XY'), { offset: 2, length: 2 })
  assert.equal(update(writeBytesOperation, write).fields, {
    offset: 2,
    before: new Uint8Array(text('cd')),
    after: new Uint8Array(text('XY')),
  })
  const written = undoWriteBytes(write).payload
  assert.is(wordsOf(writeBytesOperation, written), 'writeBytes offset 2 after "cd"')
  assert.is(wordsOf(takeBitOperation, encodeBit(3)), 'takeBit bit 3 standsForPage 10')
  assert.is(wordsOf(formatPageOperation, encodePageType(0, 2)), 'formatPage before free after user')
})

test('payloads of the slotted operations -> their parts', () => {
  const body = new Uint8Array(4064)
  insertAt(body, 0, text('red fish'))
  assert.is(
    wordsOf(slottedInsert, encodeInsert(0, text('red'))),
    'slottedInsert slot 0 record "red"',
  )
  assert.is(
    wordsOf(slottedUpdate, encodeUpdate(body, 0, text('red dish'))),
    'slottedUpdate slot 0 prefixBytes 4 suffixBytes 3 oldCapacity 8 newCapacity 8 before "f" after "d"',
  )
  assert.is(wordsOf(slottedDelete, encodeDelete(body, 0)), 'slottedDelete slot 0 length 8')
  assert.is(wordsOf(slottedPurge, encodePurge(5)), 'slottedPurge slot 5')
  for (const [number, { name }] of slottedOperations) {
    assert.is(update(number, new Uint8Array(0)).operationName, name)
  }
})

test('compensation -> where undo goes on; without a page it changes nothing', () => {
  const write = encoder.compensation(lsn(100), lsn(200), lsn(150), 7, 70, text('any'))
  const names = (number: number): string => `mine${number}`
  assert.is(
    recordInWords(describeRecord(lsn(300), recordCompensation, write.slice(), names)),
    '300 compensation: tx 100, prev 200, undo next 150, page 7, mine70 payload "any"',
  )
  assert.is(
    recordInWords(describeRecord(lsn(300), recordCompensation, write.slice())),
    '300 compensation: tx 100, prev 200, undo next 150, page 7, operation 70 payload "any"',
  )
  const dummy = encoder.compensation(lsn(100), lsn(200), lsn(0), 0, 0, none)
  assert.is(
    recordInWords(describeRecord(lsn(300), recordCompensation, dummy)),
    '300 compensation: tx 100, prev 200, undo next -, no page',
  )
  const system = encoder.compensation(lsn(0), lsn(0), lsn(0), 7, takeBitOperation, encodeBit(0))
  assert.is(
    recordInWords(describeRecord(lsn(300), recordCompensation, system)),
    '300 compensation: of no transaction, page 7, takeBit bit 0 standsForPage 7',
  )
})

test('commit, end, images -> transaction, page, and the LSN that the image belongs to', () => {
  const ending = encoder.transaction(lsn(100), lsn(200)).slice()
  assert.is(
    recordInWords(describeRecord(lsn(300), recordCommit, ending)),
    '300 commit: tx 100, prev 200',
  )
  assert.is(recordInWords(describeRecord(lsn(300), recordEnd, ending)), '300 end: tx 100, prev 200')
  const image = encoder.image(7, 2, lsn(250), text('page')).slice()
  for (const [type, kind] of [
    [recordPageImage, 'page image'],
    [recordPageCheck, 'page check'],
  ] as const) {
    const words = recordInWords(describeRecord(lsn(300), type, image))
    assert.is(words, `300 ${kind}: page 7, user page as of 250`)
  }
})

test('checkpoint -> its tables, and a clock that the words leave out', () => {
  const begin = describeRecord(lsn(300), recordBeginCheckpoint, encoder.beginCheckpoint(1234))
  assert.is(begin.beganAtMs, 1234)
  assert.is(recordInWords(begin), '300 begin checkpoint')
  const checkpoint = {
    beginLSN: lsn(300),
    filePages: 257,
    transactions: [{ transactionLSN: lsn(100), lastLSN: lsn(200), undoNextLSN: lsn(0) }],
    pages: [{ pageId: 7, recLSN: lsn(150) }],
  }
  const end = describeRecord(lsn(336), recordEndCheckpoint, encoder.endCheckpoint(checkpoint))
  assert.equal(end.checkpoint, checkpoint)
  assert.is(
    recordInWords(end),
    [
      '336 end checkpoint',
      '  begun at 300; the data file has room for 257 pages',
      '  ATT: tx 100, last 200, undo next -',
      '  DPT: page 7, recLSN 150',
    ].join('\n'),
  )
})

test('long and unprintable bytes -> shortened, hexadecimal', () => {
  assert.match(wordsOf(70, new Uint8Array(100).fill(0x61)), `"${'a'.repeat(24)}"... (100 bytes)`)
  assert.is(wordsOf(70, Uint8Array.of(0, 255)), 'operation 70 payload <00ff>')
  assert.is(wordsOf(70, none), 'operation 70 payload <>')
})

test('unknown type -> said', () => {
  const description = describeRecord(lsn(300), 99, none)
  assert.is(description.kind, undefined)
  assert.is(recordInWords(description), '300 type 99: (no engine writes such a record)')
})

test('body cut short at any length, or random -> a problem or another payload, never an error', () => {
  const payload = encodeInsert(0, text('one'))
  const checkpoint = {
    beginLSN: lsn(300),
    filePages: 1,
    transactions: [{ transactionLSN: lsn(1), lastLSN: lsn(2), undoNextLSN: lsn(0) }],
    pages: [{ pageId: 7, recLSN: lsn(150) }],
  }
  const bodies: [number, Uint8Array][] = [
    [recordUpdate, encoder.update(lsn(1), lsn(2), 7, slottedInsert, payload).slice()],
    [recordCommit, encoder.transaction(lsn(1), lsn(2)).slice()],
    [recordBeginCheckpoint, encoder.beginCheckpoint(1).slice()],
    [recordEndCheckpoint, encoder.endCheckpoint(checkpoint).slice()],
  ]
  for (const [type, body] of bodies) {
    assert.is(describeRecord(lsn(300), type, body).problem, undefined)
    for (let length = 0; length < body.length; length++) {
      const cut = describeRecord(lsn(300), type, body.subarray(0, length))
      const isAnotherInsert = type === recordUpdate && length >= body.length - 3
      assert.is(cut.problem === undefined, isAnotherInsert, `type ${type}, ${length} bytes`)
      recordInWords(cut)
    }
  }
  fc.assert(
    fc.property(fc.nat(12), fc.nat(16), fc.uint8Array({ maxLength: 80 }), (type, number, bytes) => {
      recordInWords(describeRecord(lsn(300), type, bytes))
      recordInWords(update(number, bytes))
    }),
  )
})

test.run()
