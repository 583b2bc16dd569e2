// Operation 1: a range of bytes of a page, before and after (physical logging). Only the bytes that
// differ are logged.
//
// Payload: offset u16, length u16, the bytes after, and (not in a compensation) the bytes before.
import { SeawallError } from '../errors.ts'
import type { Compensation } from './operation.ts'
import type { PageContent } from './page-content.ts'

export const writeBytesOperation = 1

const prefixBytes = 4
// Copying so few bytes one by one is quicker than making a view of them.
const shortBytes = 48

export interface ByteRange {
  offset: number
  length: number
}

/** The smallest range of `after`, written at `offset`, that differs from what is in `body`. */
export function changedRange(body: Uint8Array, offset: number, after: Uint8Array): ByteRange {
  let from = 0
  let to = after.length
  while (from < to && body[offset + from] === after[from]) from += 1
  while (to > from && body[offset + to - 1] === after[to - 1]) to -= 1
  return { offset: offset + from, length: to - from }
}

/** Logs `after`, which is written at `offset`, within `range` of the page. */
export function encodeWriteBytes(
  body: Uint8Array,
  offset: number,
  after: Uint8Array,
  range: ByteRange,
): Uint8Array {
  const { length } = range
  const payload = new Uint8Array(prefixBytes + 2 * length)
  writePrefix(payload, range.offset, length)
  const from = range.offset - offset
  payload.set(after.subarray(from, from + length), prefixBytes)
  payload.set(body.subarray(range.offset, range.offset + length), prefixBytes + length)
  return payload
}

/** Applies the payload that stands at `at` in `source`. */
export function applyWriteBytes(
  page: PageContent,
  source: Uint8Array,
  at: number,
  payloadBytes: number,
): void {
  const { body } = page
  const offset = (source[at] as number) | ((source[at + 1] as number) << 8)
  const length = (source[at + 2] as number) | ((source[at + 3] as number) << 8)
  const from = at + prefixBytes
  if (prefixBytes + length > payloadBytes || offset + length > body.length) {
    const detail = `${length} bytes at ${offset} do not fit`
    throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', { detail })
  }
  if (length > shortBytes) body.set(source.subarray(from, from + length), offset)
  else for (let i = 0; i < length; i++) body[offset + i] = source[from + i] as number
}

/** Writes back what was there before. */
export function undoWriteBytes(payload: Uint8Array): Compensation {
  const length = (payload[2] as number) | ((payload[3] as number) << 8)
  const undo = new Uint8Array(prefixBytes + length)
  undo.set(payload.subarray(0, prefixBytes))
  undo.set(payload.subarray(prefixBytes + length, prefixBytes + 2 * length), prefixBytes)
  return { operation: writeBytesOperation, payload: undo }
}

function writePrefix(payload: Uint8Array, offset: number, length: number): void {
  payload[0] = offset
  payload[1] = offset >>> 8
  payload[2] = length
  payload[3] = length >>> 8
}
