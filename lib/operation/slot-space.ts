import {
  capacityOf,
  directoryBytes,
  header,
  offsetOf,
  readUint16,
  writeOffset,
  writeUint16,
} from './slot-directory.ts'

/**
 * Bytes that no slot owns when the directory has `count` slots, wherever they lie. Negative when
 * such a directory does not fit.
 */
export function unreservedBytes(body: Uint8Array, count: number): number {
  return body.length - directoryBytes(count) - readUint16(body, header.reservedBytes)
}

/**
 * The offset of `bytes` zeros for a slot to own, in a page whose directory is about to have `count`
 * slots. `bytes` is at most `unreservedBytes(body, count)`.
 */
export function reserveBytes(body: Uint8Array, bytes: number, count: number): number {
  const gapBytes = body.length - readUint16(body, header.heapBytes) - directoryBytes(count)
  if (gapBytes < bytes) compact(body)
  if (bytes === 0) return body.length
  const heapBytes = readUint16(body, header.heapBytes) + bytes
  writeUint16(body, header.heapBytes, heapBytes)
  writeUint16(body, header.reservedBytes, readUint16(body, header.reservedBytes) + bytes)
  return body.length - heapBytes
}

/**
 * Takes `bytes` at `offset` from the slot that owned them. They become zeros, so that what a page
 * holds beside its records depends on nothing that ever stood there; they can be used again after
 * the next compaction.
 */
export function releaseBytes(body: Uint8Array, offset: number, bytes: number): void {
  body.fill(0, offset, offset + bytes)
  const reservedBytes = readUint16(body, header.reservedBytes) - bytes
  writeUint16(body, header.reservedBytes, reservedBytes)
  if (reservedBytes === 0) writeUint16(body, header.heapBytes, 0)
}

/**
 * Moves what the slots own to the end of the body, slot 0 last and without holes. Ghosts and the
 * spare bytes behind records move along.
 */
export function compact(body: Uint8Array): void {
  const heapStart = body.length - readUint16(body, header.heapBytes)
  const heap = body.slice(heapStart)
  body.fill(0, heapStart)
  let offset = body.length
  for (let slot = 0; slot < readUint16(body, header.slotCount); slot++) {
    const capacity = capacityOf(body, slot)
    if (capacity === 0) continue
    const from = offsetOf(body, slot) - heapStart
    offset -= capacity
    body.set(heap.subarray(from, from + capacity), offset)
    writeOffset(body, slot, offset)
  }
  writeUint16(body, header.heapBytes, body.length - offset)
}
