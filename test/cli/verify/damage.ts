// Damage by hand, and what it is measured against.
import { createHash } from 'node:crypto'
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

import {
  masterRecord,
  masterSlotStrideBytes,
  recordHeader,
  segmentHeader,
} from '../../../lib/format/layout.ts'
import { LogSurvey } from '../../../lib/inspection/survey/log-survey.ts'
import type { LogLayout, ScannedRecord } from '../../../lib/inspection/survey/survey-types.ts'
import { crc32c } from '../../../lib/rig/protocol/crc32c.ts'

/** The layout and all good records of the log in a directory. */
export async function readLog(
  directory: string,
): Promise<{ layout: LogLayout; records: ScannedRecord[]; endLSN: number }> {
  await using survey = await LogSurvey.open(directory)
  const { endLSN } = await survey.tail()
  const records: ScannedRecord[] = []
  for await (const batch of survey.scan({ to: endLSN })) {
    for (const item of batch) {
      if (item.what === 'record') records.push({ ...item, body: item.body.slice() })
    }
  }
  return { layout: survey.layout, records, endLSN }
}

/** Where a byte of the log stands. */
export function placeOf(layout: LogLayout, lsn: number): { path: string; offset: number } {
  const payloadBytes = layout.segmentBytes - layout.blockBytes
  const number = Math.floor(lsn / payloadBytes)
  const segment = layout.segments.find((one) => one.number === number)
  if (segment === undefined) throw new Error(`no segment ${number}`)
  return { path: segment.path, offset: layout.blockBytes + (lsn % payloadBytes) }
}

export function readBytes(path: string, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  const file = openSync(path, 'r')
  try {
    readSync(file, buffer, 0, bytes, offset)
  } finally {
    closeSync(file)
  }
  return buffer
}

export function writeBytes(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  try {
    writeSync(file, bytes, 0, bytes.length, offset)
  } finally {
    closeSync(file)
  }
}

export function flip(path: string, offset: number): void {
  const [byte = 0] = readBytes(path, offset, 1)
  writeBytes(path, offset, Uint8Array.of(byte ^ 0x10))
}

export function flipLog(layout: LogLayout, lsn: number): void {
  const { path, offset } = placeOf(layout, lsn)
  flip(path, offset)
}

export function flipMasterSlot(directory: string, slot: number): void {
  flip(join(directory, 'master'), slot * masterSlotStrideBytes + masterRecord.promiseLSN)
}

export function flipSegmentHeader(path: string): void {
  flip(path, segmentHeader.startLSN)
}

/** Changes fields of both slots, with checksums that match. */
export function editMaster(directory: string, edit: (view: DataView) => void): void {
  const path = join(directory, 'master')
  for (const slot of [0, 1]) {
    const bytes = readBytes(path, slot * masterSlotStrideBytes, masterRecord.bytes)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    edit(view)
    view.setUint32(masterRecord.recordCrc, crc32c(bytes.subarray(0, masterRecord.recordCrc)), true)
    writeBytes(path, slot * masterSlotStrideBytes, bytes)
  }
}

/** Changes a record within one segment, with checksums that match: what a bug would write. */
export function forgeRecord(
  layout: LogLayout,
  record: ScannedRecord,
  edit: (header: DataView, body: DataView) => void,
): void {
  const { path, offset } = placeOf(layout, record.lsn)
  const bytes = readBytes(path, offset, recordHeader.bytes + record.bodyBytes)
  const body = bytes.subarray(recordHeader.bytes)
  const header = new DataView(bytes.buffer, bytes.byteOffset, recordHeader.bytes)
  edit(header, new DataView(body.buffer, body.byteOffset, body.length))
  header.setUint32(recordHeader.bodyCrc, crc32c(body), true)
  const place = Buffer.alloc(8)
  place.writeBigUInt64LE(BigInt(record.lsn))
  const covered = [Buffer.from(layout.logId, 'hex'), place, bytes.subarray(4, recordHeader.bytes)]
  header.setUint32(recordHeader.headerCrc, crc32c(Buffer.concat(covered)), true)
  writeBytes(path, offset, bytes)
}

/** Name and hash of every file below a directory, and when it was changed. */
export function imageOf(directory: string): Record<string, string> {
  const image: Record<string, string> = {}
  for (const name of readdirSync(directory, { recursive: true }) as string[]) {
    const path = join(directory, name)
    const { mtimeMs } = statSync(path)
    const isFile = statSync(path).isFile()
    const hash = isFile ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
    image[name] = `${hash} ${mtimeMs}`
  }
  return image
}
