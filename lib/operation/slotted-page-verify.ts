import {
  capacityOf,
  directoryBytes,
  ghostLength,
  header,
  lengthOf,
  offsetOf,
  readUint16,
} from './slot-directory.ts'

/** What is wrong with a slotted page, in words; undefined when nothing is. For checkers. */
export function verify(body: Uint8Array): string | undefined {
  const count = readUint16(body, header.slotCount)
  const heapBytes = readUint16(body, header.heapBytes)
  if (directoryBytes(count) + heapBytes > body.length) {
    return `${count} slots and a heap of ${heapBytes} bytes do not fit into ${body.length} bytes`
  }
  const owners = new Int32Array(body.length).fill(-1)
  let freeSlotCount = 0
  let reservedBytes = 0
  for (let slot = 0; slot < count; slot++) {
    const wrong = claim(body, slot, owners)
    if (wrong !== undefined) return `slot ${slot} ${wrong}`
    if (offsetOf(body, slot) === 0) freeSlotCount += 1
    reservedBytes += capacityOf(body, slot)
  }
  return (
    differs('freeSlotCount', readUint16(body, header.freeSlotCount), freeSlotCount) ??
    differs('reservedBytes', readUint16(body, header.reservedBytes), reservedBytes) ??
    (reservedBytes === 0 ? differs('heapBytes', heapBytes, 0) : undefined) ??
    (count > 0 && offsetOf(body, count - 1) === 0 ? 'the last slot is free' : undefined) ??
    firstStray(body, owners)
  )
}

/** Enters the slot into `owners` for every byte of its record; what is wrong with the slot. */
function claim(body: Uint8Array, slot: number, owners: Int32Array): string | undefined {
  const offset = offsetOf(body, slot)
  const length = lengthOf(body, slot)
  const capacity = capacityOf(body, slot)
  if (offset === 0) {
    return length === 0 && capacity === 0 ? undefined : `is free, but owns ${capacity} bytes`
  }
  const heapStart = body.length - readUint16(body, header.heapBytes)
  if (capacity === 0 ? offset !== body.length : offset < heapStart) {
    return `starts at ${offset}, outside the heap`
  }
  if (offset + capacity > body.length) return `ends at ${offset + capacity}, outside the body`
  if (length !== ghostLength && length > capacity) return `has ${length} of ${capacity} bytes`
  // The bytes of a ghost stay; those behind a record are zero like those that nobody owns.
  const filled = length === ghostLength ? capacity : length
  for (let at = offset; at < offset + capacity; at++) {
    if ((owners[at] as number) >= 0) return `shares byte ${at} with slot ${String(owners[at])}`
    owners[at] = slot
    if (at >= offset + filled && body[at] !== 0) return `has a stray byte at ${at}`
  }
  return undefined
}

function firstStray(body: Uint8Array, owners: Int32Array): string | undefined {
  const from = directoryBytes(readUint16(body, header.slotCount))
  for (let at = from; at < body.length; at++) {
    if (body[at] !== 0 && (owners[at] as number) < 0) return `byte ${at} is stray`
  }
  return undefined
}

function differs(field: string, found: number, expected: number): string | undefined {
  return found === expected ? undefined : `${field} is ${found} instead of ${expected}`
}
