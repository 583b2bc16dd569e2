// Goal: the record that QEMU makes of a disk is read as it was written, and as far as it goes.
// Method: small records made by hand, whole and cut at every place.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { parseWriteRecord } from '../../../crash/machine/write-record.ts'
import { madeRecord, readerOf } from './made-record.ts'

const steps = [
  { write: 3, bytes: [1, 2] },
  { flush: true },
  { discard: 9 },
  { write: 0, bytes: [7] },
] as const

test('writes, flushes and discards -> writes with their data, and flushes, in order', () => {
  for (const sectorBytes of [512, 4096]) {
    const bytes = madeRecord(sectorBytes, steps)
    const { entries, ...record } = parseWriteRecord(readerOf(bytes), bytes.length)
    assert.is(record.sectorBytes, sectorBytes)
    assert.equal(
      entries.map(({ kind }) => kind),
      ['write', 'flush', 'write'],
    )
    const [first, , last] = entries
    assert.ok(first?.kind === 'write' && last?.kind === 'write')
    assert.is(first.offset, 3 * sectorBytes)
    assert.is(first.bytes, 2 * sectorBytes)
    assert.is(bytes[first.dataAt], 1)
    assert.is(bytes[first.dataAt + sectorBytes], 2)
    assert.is(bytes[last.dataAt], 7)
    assert.is(last.recordEnd, bytes.length)
  }
})

test('a record that was cut -> the entries that are whole', () => {
  const bytes = madeRecord(512, steps)
  const { entries } = parseWriteRecord(readerOf(bytes), bytes.length)
  for (let length = 512; length <= bytes.length; length += 64) {
    const cut = bytes.subarray(0, length)
    const found = parseWriteRecord(readerOf(cut), length).entries
    assert.equal(found, entries.slice(0, found.length))
    assert.is(found.length, entries.filter(({ recordEnd }) => recordEnd <= length).length)
  }
})

test('another file -> refused', () => {
  const bytes = madeRecord(512, steps)
  assert.throws(() => parseWriteRecord(readerOf(Buffer.alloc(512)), 512), /no write record/)
  assert.throws(() => parseWriteRecord(readerOf(Buffer.alloc(0)), 0), /no superblock/)
  bytes.writeBigUInt64LE(8n, 512 + 16)
  assert.throws(() => parseWriteRecord(readerOf(bytes), bytes.length), /mark/)
})

test.run()
