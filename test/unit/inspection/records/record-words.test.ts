// Goal: whatever stands in a record has words and a value that JSON takes, and nothing throws.
// Method: bodies of every type cut short at every length, random ones, and bodies of which only the
// beginning was read.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EngineRecordEncoder } from '../../../../lib/format/engine-record.ts'
import { recordEndCheckpoint, recordUpdate } from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import { EngineColumns } from '../../../../lib/inspection/records/engine-columns.ts'
import { recordValue } from '../../../../lib/inspection/records/record-value.ts'
import { recordDetails, someBytesInWords } from '../../../../lib/inspection/records/record-words.ts'
import type { ScannedRecord } from '../../../../lib/inspection/survey/survey-types.ts'
import { record } from '../fake-survey.ts'

const seed = Math.floor(Math.random() * 2 ** 31)
const encoder = new EngineRecordEncoder()
const lsn = (value: number): LSN => value as LSN

function shown(
  one: ScannedRecord,
  isStore: boolean,
): { words: string; value: Record<string, unknown> } {
  const columns = new EngineColumns()
  columns.read(one)
  const words = recordDetails(one, columns, isStore)
  assert.not.match(words, /\n/, 'one line')
  const text = JSON.stringify(recordValue(one, columns, isStore, 100))
  return { words, value: JSON.parse(text) as Record<string, unknown> }
}

test('any type with any body -> one line of words and a value (seeded)', () => {
  const sorts = fc.constantFrom('record' as const, 'incarnation' as const, 'pad' as const)
  const property = fc.property(
    fc.nat(12),
    fc.uint8Array({ maxLength: 200 }),
    sorts,
    fc.nat(50),
    fc.boolean(),
    (type, body, sort, unread, isStore) => {
      shown(record(8, 1000, { type, body, sort, bodyBytes: body.length + unread }), isStore)
    },
  )
  fc.assert(property, { seed, numRuns: 5000 })
})

test('a body that was not read to its end -> its columns, and how much there is', () => {
  const body = encoder.update(lsn(100), lsn(200), 7, 1, new Uint8Array(1000)).slice(0, 60)
  const update = shown(record(8, 9, { type: recordUpdate, body, bodyBytes: 1024 }), true)
  assert.match(update.words, /^<0{48}>\.\.\. \(1000 bytes\)$/)
  assert.is(update.value.pageId, 7)
  assert.is(update.value.isCut, true)
  const pages = Array.from({ length: 50_000 }, (_, i) => ({ pageId: i + 1, recLSN: lsn(9) }))
  const checkpoint = { beginLSN: lsn(77), filePages: 5, transactions: [], pages }
  const large = encoder.endCheckpoint(checkpoint).slice()
  const part = { type: recordEndCheckpoint, body: large.subarray(0, 100), bodyBytes: large.length }
  assert.is(shown(record(8, 9, part), true).words, 'begun at 77, ATT 0, DPT 50000')
  const whole = { type: recordEndCheckpoint, body: large, bodyBytes: large.length }
  const { words } = shown(record(8, 9, whole), true)
  assert.match(words, /DPT 50000 \(page 1 recLSN 9; .*page 8 recLSN 9; \.\.\.\)$/)
})

test('bytes -> text where they are text, shortened', () => {
  assert.is(someBytesInWords(Buffer.from('abc'), 3), '"abc"')
  assert.is(someBytesInWords(Buffer.from('abc\n'), 4), '<6162630a>')
  assert.is(someBytesInWords(new Uint8Array(0), 0), '<>')
  assert.is(someBytesInWords(Buffer.alloc(30, 'x'), 30), `"${'x'.repeat(24)}"... (30 bytes)`)
  assert.is(someBytesInWords(Buffer.from('ab'), 9), '"ab"... (9 bytes)')
})

test.run()
