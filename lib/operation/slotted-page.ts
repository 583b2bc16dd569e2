/**
 * A slotted page: records of any length under slot numbers that never change. The functions here
 * work on the body of a page; a body of zeros is an empty page. Every change is a function of the
 * body and the arguments alone, and checks its precondition before the first byte changes.
 *
 * Rollback must never fail for want of space, although other transactions change other slots of
 * the same page meanwhile. Therefore what a transaction could need again is never given away
 * before it ends (Mohan and Haderle, Algorithms for Flexible Space Management in Transaction
 * Systems Supporting Fine-Granularity Locking, EDBT 1994):
 *
 * - A slot owns `capacity` bytes, which no other slot touches. Inserting takes as many as the
 *   record has. An update takes more when the record outgrows them, and never gives any back.
 * - Deleting makes the record a ghost: invisible, with slot, capacity and bytes as they were.
 * - So undo of a delete turns the ghost into the record again, undo of an update goes back to a
 *   length and a capacity that the slot still owns, and undo of an insert gives back what the
 *   insert took. None of them takes a byte that the slot does not own, nor a directory entry.
 * - Only `purgeAt` makes ghosts and spare capacity free for others, and it is never undone. It may
 *   follow only when no change of the slot can be rolled back any more. Whoever holds the slot's
 *   exclusive lock knows: either its own commit record is in the log already (the log is durable
 *   in order, so that a restart which sees the purge sees the commit too), or it has not changed
 *   the slot yet, so that every transaction that did has ended. Before the own commit record, a
 *   purge of an own change would be wrong: after a crash between the two, undo finds no ghost.
 *
 * A crash can lose the purge that should have followed a commit. The ghost then costs its space,
 * nothing else, until someone purges what `purgeableSlots` names.
 *
 * A free slot has no change that can still be rolled back: between its first and its last change
 * in a running transaction a slot is a record or a ghost. So a free slot can be reused at once by
 * whoever gets its lock.
 */
import { SeawallError } from '../errors.ts'
import {
  capacityOf,
  ghostLength,
  header,
  isInUse,
  lengthOf,
  offsetOf,
  readUint16,
  writeCapacity,
  writeLength,
  writeOffset,
  writeUint16,
} from './slot-directory.ts'
import { releaseBytes, reserveBytes, unreservedBytes } from './slot-space.ts'

export { verify } from './slotted-page-verify.ts'

/** Slots in the directory: records, ghosts and free ones. All slots from here on are free. */
export function slotCount(body: Uint8Array): number {
  return readUint16(body, header.slotCount)
}

/** True when a record can be read in `slot`; false for ghosts, free slots, and what is no slot. */
export function hasRecord(body: Uint8Array, slot: number): boolean {
  return isInUse(body, slot) && lengthOf(body, slot) !== ghostLength
}

/**
 * The record in `slot`: a view, valid until the next change of the page. Throws
 * ERR_SEAWALL_UNKNOWN_SLOT when there is none.
 */
export function readRecord(body: Uint8Array, slot: number): Uint8Array {
  checkRecord(body, slot)
  const offset = offsetOf(body, slot)
  return body.subarray(offset, offset + lengthOf(body, slot))
}

/** The slots that hold a record, in ascending order. The page must not change meanwhile. */
export function* slots(body: Uint8Array): IterableIterator<number> {
  for (let slot = 0; slot < slotCount(body); slot++) if (hasRecord(body, slot)) yield slot
}

/** Bytes of the largest record that goes into a free slot; -1 when not even an empty one does. */
export function freeBytesFor(body: Uint8Array): number {
  const needsEntry = readUint16(body, header.freeSlotCount) === 0
  return Math.max(-1, unreservedBytes(body, slotCount(body) + (needsEntry ? 1 : 0)))
}

/**
 * The lowest free slot that is at least `from`: where the next insert goes. One beyond the last
 * slot when all are in use, whether or not the directory has room for it.
 */
export function findFreeSlot(body: Uint8Array, from = 0): number {
  const count = slotCount(body)
  if (readUint16(body, header.freeSlotCount) === 0) return Math.max(count, from)
  let slot = from
  while (slot < count && isInUse(body, slot)) slot += 1
  return slot
}

/** The slots that purgeAt would take bytes from. Whether it may is not written in the page. */
export function* purgeableSlots(body: Uint8Array): IterableIterator<number> {
  for (let slot = 0; slot < slotCount(body); slot++) if (isPurgeable(body, slot)) yield slot
}

/** True for a ghost, and for a record with spare capacity. */
export function isPurgeable(body: Uint8Array, slot: number): boolean {
  return isInUse(body, slot) && lengthOf(body, slot) !== capacityOf(body, slot)
}

/** Whether a record of `bytes` goes into `slot`, which may lie beyond the last one. */
export function canInsert(body: Uint8Array, slot: number, bytes: number): boolean {
  return (
    Number.isInteger(slot) &&
    slot >= 0 &&
    !isInUse(body, slot) &&
    bytes <= unreservedBytes(body, Math.max(slotCount(body), slot + 1))
  )
}

/** Whether the record in `slot` can become one of `bytes`. */
export function canUpdate(body: Uint8Array, slot: number, bytes: number): boolean {
  return (
    hasRecord(body, slot) &&
    bytes <= capacityOf(body, slot) + unreservedBytes(body, slotCount(body))
  )
}

/**
 * Throws ERR_SEAWALL_PAGE_FULL unless there is room, ERR_SEAWALL_INVALID_ARGUMENT when `slot` is in
 * use (a ghost uses it too) or is no slot number.
 */
export function checkInsert(body: Uint8Array, slot: number, bytes: number): void {
  if (canInsert(body, slot, bytes)) return
  if (!Number.isInteger(slot) || slot < 0 || isInUse(body, slot)) {
    throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail: `slot ${slot} is not free` })
  }
  throw pageFull(slot, bytes)
}

/** Throws ERR_SEAWALL_UNKNOWN_SLOT without a record in `slot`, ERR_SEAWALL_PAGE_FULL without room. */
export function checkUpdate(body: Uint8Array, slot: number, bytes: number): void {
  checkRecord(body, slot)
  if (!canUpdate(body, slot, bytes)) throw pageFull(slot, bytes)
}

/** Throws ERR_SEAWALL_UNKNOWN_SLOT unless there is a record in `slot`. */
export function checkRecord(body: Uint8Array, slot: number): void {
  if (!hasRecord(body, slot)) throw unknownSlot(slot)
}

/** Throws ERR_SEAWALL_UNKNOWN_SLOT unless there is a record or a ghost in `slot`. */
export function checkPurge(body: Uint8Array, slot: number): void {
  if (!isInUse(body, slot)) throw unknownSlot(slot)
}

/**
 * Puts `record` (no view of this body) into `slot`, which is free; slots that come into being below
 * it are free as well. Throws as checkInsert does.
 */
export function insertAt(body: Uint8Array, slot: number, record: Uint8Array): void {
  checkInsert(body, slot, record.length)
  const oldCount = slotCount(body)
  const count = Math.max(oldCount, slot + 1)
  const offset = reserveBytes(body, record.length, count)
  body.set(record, offset)
  writeUint16(body, header.slotCount, count)
  const freeSlotCount = readUint16(body, header.freeSlotCount) + (count - oldCount) - 1
  writeUint16(body, header.freeSlotCount, freeSlotCount)
  writeEntry(body, slot, offset, record.length, record.length)
}

/** Replaces the record in `slot` by `record` (no view of this body). Throws as checkUpdate does. */
export function updateAt(body: Uint8Array, slot: number, record: Uint8Array): void {
  checkRecord(body, slot)
  spliceAt(body, slot, 0, 0, record, Math.max(capacityOf(body, slot), record.length))
}

/**
 * Replaces what lies between the first `prefixBytes` and the last `suffixBytes` of the record in
 * `slot`, and makes `capacity` the bytes that the slot owns. Throws as checkUpdate does, and
 * ERR_SEAWALL_OUTSIDE_PAGE for a part outside the record or a record outside its capacity.
 */
export function spliceAt(
  body: Uint8Array,
  slot: number,
  prefixBytes: number,
  suffixBytes: number,
  middle: Uint8Array,
  capacity: number,
): void {
  checkUpdate(body, slot, capacity)
  const offset = offsetOf(body, slot)
  const oldLength = lengthOf(body, slot)
  const oldCapacity = capacityOf(body, slot)
  const length = prefixBytes + middle.length + suffixBytes
  if (prefixBytes + suffixBytes > oldLength || length > capacity) {
    const detail = `${prefixBytes} + ${middle.length} + ${suffixBytes} bytes in slot ${slot}`
    throw new SeawallError('ERR_SEAWALL_OUTSIDE_PAGE', { detail })
  }
  if (capacity > oldCapacity) {
    const record = new Uint8Array(length)
    record.set(body.subarray(offset, offset + prefixBytes))
    record.set(middle, prefixBytes)
    const suffixStart = offset + oldLength - suffixBytes
    record.set(body.subarray(suffixStart, offset + oldLength), length - suffixBytes)
    moveAt(body, slot, record, capacity)
    return
  }
  body.copyWithin(
    offset + length - suffixBytes,
    offset + oldLength - suffixBytes,
    offset + oldLength,
  )
  body.set(middle, offset + prefixBytes)
  if (length < oldLength) body.fill(0, offset + length, offset + oldLength)
  writeLength(body, slot, length)
  shrinkTo(body, slot, capacity)
}

/** Makes the record in `slot` a ghost. Throws ERR_SEAWALL_UNKNOWN_SLOT when there is none. */
export function deleteAt(body: Uint8Array, slot: number): void {
  checkRecord(body, slot)
  writeLength(body, slot, ghostLength)
}

/**
 * Makes the ghost in `slot` a record of `length` bytes again, which is what it was. Throws
 * ERR_SEAWALL_UNKNOWN_SLOT unless there is a ghost that holds as much.
 */
export function restoreAt(body: Uint8Array, slot: number, length: number): void {
  const isGhost = isInUse(body, slot) && lengthOf(body, slot) === ghostLength
  if (!isGhost || length > capacityOf(body, slot)) throw unknownSlot(slot)
  const offset = offsetOf(body, slot)
  body.fill(0, offset + length, offset + capacityOf(body, slot))
  writeLength(body, slot, length)
}

/**
 * Frees a slot with a record and all that it owns, as if the insert had never been. Throws
 * ERR_SEAWALL_UNKNOWN_SLOT when there is no record.
 */
export function removeAt(body: Uint8Array, slot: number): void {
  checkRecord(body, slot)
  free(body, slot)
}

/**
 * Gives back what nobody can need any more: all of a ghost, or the spare capacity of a record. The
 * rule when it may follow stands at the top of this file. Throws as checkPurge does.
 */
export function purgeAt(body: Uint8Array, slot: number): void {
  checkPurge(body, slot)
  if (lengthOf(body, slot) === ghostLength) free(body, slot)
  else shrinkTo(body, slot, lengthOf(body, slot))
}

/** The record's own bytes count as free while a place for the longer record is sought. */
function moveAt(body: Uint8Array, slot: number, record: Uint8Array, capacity: number): void {
  releaseBytes(body, offsetOf(body, slot), capacityOf(body, slot))
  writeEntry(body, slot, body.length, 0, 0)
  const offset = reserveBytes(body, capacity, slotCount(body))
  body.set(record, offset)
  writeEntry(body, slot, offset, record.length, capacity)
}

function shrinkTo(body: Uint8Array, slot: number, capacity: number): void {
  const oldCapacity = capacityOf(body, slot)
  if (capacity === oldCapacity) return
  releaseBytes(body, offsetOf(body, slot) + capacity, oldCapacity - capacity)
  writeCapacity(body, slot, capacity)
  if (capacity === 0) writeOffset(body, slot, body.length)
}

function free(body: Uint8Array, slot: number): void {
  releaseBytes(body, offsetOf(body, slot), capacityOf(body, slot))
  writeEntry(body, slot, 0, 0, 0)
  let count = slotCount(body)
  let freeSlotCount = readUint16(body, header.freeSlotCount) + 1
  while (count > 0 && offsetOf(body, count - 1) === 0) {
    count -= 1
    freeSlotCount -= 1
  }
  writeUint16(body, header.slotCount, count)
  writeUint16(body, header.freeSlotCount, freeSlotCount)
}

function writeEntry(
  body: Uint8Array,
  slot: number,
  offset: number,
  length: number,
  capacity: number,
): void {
  writeOffset(body, slot, offset)
  writeLength(body, slot, length)
  writeCapacity(body, slot, capacity)
}

function unknownSlot(slot: number): SeawallError {
  return new SeawallError('ERR_SEAWALL_UNKNOWN_SLOT', { detail: `slot ${slot}` })
}

function pageFull(slot: number, bytes: number): SeawallError {
  return new SeawallError('ERR_SEAWALL_PAGE_FULL', { detail: `${bytes} bytes in slot ${slot}` })
}
