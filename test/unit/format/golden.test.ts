// Goal: the bytes on disk are what docs/FORMAT.md says, seen by a second reader that shares no code with the first.
// Method: the golden record, the framer's part of it, and a real segment file, decoded here with a CRC-32C of its own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import * as layout from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { RecordFramer, wholeRecord } from '../../../lib/log/record-framer.ts'
import { openSmall } from '../../support/temporary-directory.ts'

const golden = Buffer.from(
  '37084cba1d00000001000000070001034cbb719a0000000068656c6c6f000000',
  'hex',
)
const goldenLogId = Buffer.from(Array.from({ length: 16 }, (_, i) => i))
const goldenLSN = 48

function crc32c(...parts: Uint8Array[]): number {
  let crc = 0xffffffff
  for (const byte of Buffer.concat(parts)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}

interface Decoded {
  type: number
  kind: number
  incarnation: number
  promiseLSN: number
  body: Buffer
  nextLSN: number
}

/** The record at `lsn`, whose bytes start at `at`; undefined when it is not valid. */
function decode(bytes: Buffer, at: number, lsn: number, logId: Buffer): Decoded | undefined {
  const { recordHeader: field } = layout
  const header = bytes.subarray(at, at + field.bytes)
  const recordBytes = header.readUInt32LE(field.recordBytes)
  if (recordBytes < field.bytes || recordBytes > field.bytes + layout.fragmentBodyBytesMax)
    return undefined
  const place = Buffer.alloc(8)
  place.writeBigUInt64LE(BigInt(lsn))
  if (header.readUInt32LE(field.headerCrc) !== crc32c(logId, place, header.subarray(4)))
    return undefined
  const body = bytes.subarray(at + field.bytes, at + recordBytes)
  if (header.readUInt32LE(field.bodyCrc) !== crc32c(body)) return undefined
  return {
    type: header.readUInt16LE(field.type),
    kind: header.readUInt8(field.kind),
    incarnation: header.readUInt32LE(field.incarnation),
    promiseLSN: lsn - layout.recordAlignmentBytes * header.readUInt32LE(field.promiseDistance),
    body,
    nextLSN:
      lsn + Math.ceil(recordBytes / layout.recordAlignmentBytes) * layout.recordAlignmentBytes,
  }
}

test('golden record -> decoded by the second reader', () => {
  assert.is(crc32c(Buffer.from('123456789')), 0xe3069283)
  const record = decode(golden, 0, goldenLSN, goldenLogId)
  assert.equal(record, {
    type: 7,
    kind: layout.kindRecord,
    incarnation: 1,
    promiseLSN: 48,
    body: Buffer.from('hello'),
    nextLSN: 80,
  })
  assert.is(decode(golden, 0, goldenLSN + 8, goldenLogId), undefined)
})

test('framer -> the golden bytes, except what the writer fills in', () => {
  const ring = new ArrayBuffer(2 * 4096)
  const framer = new RecordFramer(ring, goldenLSN as LSN)
  assert.is(framer.frame(Buffer.from('hello'), wholeRecord, 7), goldenLSN)
  assert.is(framer.endLSN, 80)
  const framed = Buffer.from(ring, goldenLSN, 32)
  const { recordHeader: field } = layout
  for (const [from, to] of [
    [field.recordBytes, field.incarnation],
    [field.type, field.bodyCrc],
    [field.bytes, field.bytes + 5],
  ] as const) {
    assert.equal(framed.subarray(from, to), golden.subarray(from, to))
  }
})

test('segment file of a real log -> the second reader finds the same records', async () => {
  const log = await openSmall()
  const bodies = Array.from({ length: 100 }, (_, i) => Buffer.alloc(i * 11, i))
  for (const [i, body] of bodies.entries()) await log.commit(body, { type: i })
  await log.close()
  const master = readFileSync(join(log.directory, 'master'))
  const logId = master.subarray(layout.masterRecord.logId, layout.masterRecord.logId + 16)
  const segment = readFileSync(join(log.directory, 'wal', `${'0'.repeat(20)}.wal`))
  const header = segment.subarray(0, layout.segmentHeader.bytes)
  assert.equal(header.subarray(layout.segmentHeader.logId, layout.segmentHeader.logId + 16), logId)
  assert.is(
    header.readUInt32LE(layout.segmentHeader.headerCrc),
    crc32c(header.subarray(0, layout.segmentHeader.headerCrc)),
  )
  const found: Decoded[] = []
  for (let lsn = 0; ;) {
    const record = decode(segment, layout.blockBytesMin + lsn, lsn, logId)
    if (record === undefined) break
    found.push(record)
    assert.ok(record.promiseLSN <= lsn)
    lsn = record.nextLSN
  }
  assert.is(found.shift()?.kind, layout.kindIncarnation)
  assert.equal(
    found.map((record) => [record.type, record.body]),
    bodies.map((body, i) => [i, body]),
  )
})

test.run()
