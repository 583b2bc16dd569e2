/**
 * Header and slot directory of a slotted page: where the numbers stand, and nothing else.
 *
 *     header 8 | entry 0 | entry 1 | … | gap of zeros | heap
 *
 * The heap ends where the body ends and grows towards the directory. All numbers are u16 little
 * endian: a body has at most 65504 bytes, so that every offset and length fits, and 0xffff is left
 * over as a mark.
 */

/** Offsets of the header's fields. All zero in an empty page. */
export const header = {
  bytes: 8,
  /** u16: entries in the directory, free ones included; the last one is never free */
  slotCount: 0,
  /** u16: how many of them are free */
  freeSlotCount: 2,
  /** u16: size of the heap, with the holes in it; 0 when reservedBytes is */
  heapBytes: 4,
  /** u16: sum of the capacities of all slots */
  reservedBytes: 6,
} as const

/** Offsets of the fields of a directory entry. All zero in a free slot. */
export const entry = {
  bytes: 6,
  /** u16: start of the slot's bytes; the end of the body when it has none; 0 when it is free */
  offset: 0,
  /** u16: size of the record, or ghostLength */
  length: 2,
  /** u16: bytes that the slot owns, at least length; those behind the record are zero */
  capacity: 4,
} as const

/** In place of a length: the record is deleted, and its bytes are still there. */
export const ghostLength = 0xffff

export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}

/** How many bytes header and directory take with `count` slots. */
export function directoryBytes(count: number): number {
  return header.bytes + entry.bytes * count
}

export function offsetOf(body: Uint8Array, slot: number): number {
  return readUint16(body, directoryBytes(slot) + entry.offset)
}

export function lengthOf(body: Uint8Array, slot: number): number {
  return readUint16(body, directoryBytes(slot) + entry.length)
}

export function capacityOf(body: Uint8Array, slot: number): number {
  return readUint16(body, directoryBytes(slot) + entry.capacity)
}

export function writeOffset(body: Uint8Array, slot: number, offset: number): void {
  writeUint16(body, directoryBytes(slot) + entry.offset, offset)
}

export function writeLength(body: Uint8Array, slot: number, length: number): void {
  writeUint16(body, directoryBytes(slot) + entry.length, length)
}

export function writeCapacity(body: Uint8Array, slot: number, capacity: number): void {
  writeUint16(body, directoryBytes(slot) + entry.capacity, capacity)
}

/** True when the directory has such an entry and it is a record or a ghost. */
export function isInUse(body: Uint8Array, slot: number): boolean {
  return (
    Number.isInteger(slot) &&
    slot >= 0 &&
    slot < readUint16(body, header.slotCount) &&
    offsetOf(body, slot) !== 0
  )
}
