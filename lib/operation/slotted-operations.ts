/**
 * The changes of a slotted page as they stand in the log. Payloads, all numbers u16 little endian:
 *
 *     insert           slot | record
 *     update           slot | prefixBytes | suffixBytes | beforeBytes | oldCapacity | newCapacity |
 *                      before | after
 *     delete, restore  slot | length
 *     purge, remove    slot
 *
 * `check…` first (nothing is logged when it throws), then `encode…`, then redo. Undo of an update
 * is an update with both images exchanged; of an insert, remove; of a delete, restore. Purge,
 * remove and restore are never undone. When purge is allowed stands in slotted-page.ts.
 */
import { SeawallError } from '../errors.ts'
import type { Operation } from './operation.ts'
import { capacityOf, lengthOf, readUint16, writeUint16 } from './slot-directory.ts'
import {
  checkRecord,
  deleteAt,
  insertAt,
  purgeAt,
  readRecord,
  removeAt,
  restoreAt,
  spliceAt,
} from './slotted-page.ts'

export { checkRecord as checkDelete, checkInsert, checkPurge, checkUpdate } from './slotted-page.ts'

export const slottedInsert = 8
export const slottedUpdate = 9
export const slottedDelete = 10
/** Undo of a delete. */
export const slottedRestore = 11
export const slottedPurge = 12
/** Undo of an insert. */
export const slottedRemove = 13

const insertHeaderBytes = 2
const updateHeaderBytes = 12

/** Payload of slottedInsert. */
export function encodeInsert(slot: number, record: Uint8Array): Uint8Array {
  const payload = numbers(insertHeaderBytes + record.length, slot)
  payload.set(record, insertHeaderBytes)
  return payload
}

/** Payload of slottedUpdate: what `record` changes in the record that is in `slot` now. */
export function encodeUpdate(body: Uint8Array, slot: number, record: Uint8Array): Uint8Array {
  const old = readRecord(body, slot)
  const prefixBytes = commonPrefixBytes(old, record)
  const suffixBytes = commonSuffixBytes(old, record, prefixBytes)
  const oldCapacity = capacityOf(body, slot)
  return encodeParts({
    slot,
    prefixBytes,
    suffixBytes,
    oldCapacity,
    newCapacity: Math.max(oldCapacity, record.length),
    before: old.subarray(prefixBytes, old.length - suffixBytes),
    after: record.subarray(prefixBytes, record.length - suffixBytes),
  })
}

/** Payload of slottedDelete. */
export function encodeDelete(body: Uint8Array, slot: number): Uint8Array {
  checkRecord(body, slot)
  return numbers(4, slot, lengthOf(body, slot))
}

/** Payload of slottedPurge. */
export function encodePurge(slot: number): Uint8Array {
  return numbers(2, slot)
}

/** The operations by their numbers. */
export const slottedOperations: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [
    slottedInsert,
    {
      name: 'slottedInsert',
      redo(body, payload) {
        checkPayload(payload.length >= insertHeaderBytes, 'slottedInsert', payload)
        insertAt(body, readUint16(payload, 0), payload.subarray(insertHeaderBytes))
      },
      undo(payload) {
        checkPayload(payload.length >= insertHeaderBytes, 'slottedInsert', payload)
        return { operation: slottedRemove, payload: payload.slice(0, 2) }
      },
    },
  ],
  [
    slottedUpdate,
    {
      name: 'slottedUpdate',
      redo(body, payload) {
        redoUpdate(body, decodeUpdate(payload))
      },
      undo(payload) {
        const parts = decodeUpdate(payload)
        return {
          operation: slottedUpdate,
          payload: encodeParts({
            ...parts,
            oldCapacity: parts.newCapacity,
            newCapacity: parts.oldCapacity,
            before: parts.after,
            after: parts.before,
          }),
        }
      },
    },
  ],
  [
    slottedDelete,
    {
      name: 'slottedDelete',
      redo(body, payload) {
        checkPayload(payload.length === 4, 'slottedDelete', payload)
        const slot = readUint16(payload, 0)
        checkLength(body, slot, readUint16(payload, 2), 'slottedDelete')
        deleteAt(body, slot)
      },
      undo(payload) {
        checkPayload(payload.length === 4, 'slottedDelete', payload)
        return { operation: slottedRestore, payload: payload.slice() }
      },
    },
  ],
  [
    slottedRestore,
    {
      name: 'slottedRestore',
      redo(body, payload) {
        checkPayload(payload.length === 4, 'slottedRestore', payload)
        restoreAt(body, readUint16(payload, 0), readUint16(payload, 2))
      },
    },
  ],
  [
    slottedPurge,
    {
      name: 'slottedPurge',
      redo(body, payload) {
        checkPayload(payload.length === 2, 'slottedPurge', payload)
        purgeAt(body, readUint16(payload, 0))
      },
    },
  ],
  [
    slottedRemove,
    {
      name: 'slottedRemove',
      redo(body, payload) {
        checkPayload(payload.length === 2, 'slottedRemove', payload)
        removeAt(body, readUint16(payload, 0))
      },
    },
  ],
])

/** What an update changes: the part between a prefix and a suffix that stay. */
export interface UpdateParts {
  slot: number
  prefixBytes: number
  suffixBytes: number
  oldCapacity: number
  newCapacity: number
  before: Uint8Array
  after: Uint8Array
}

function redoUpdate(body: Uint8Array, parts: UpdateParts): void {
  const { slot, prefixBytes, suffixBytes, before, after, newCapacity } = parts
  checkLength(body, slot, prefixBytes + before.length + suffixBytes, 'slottedUpdate')
  spliceAt(body, slot, prefixBytes, suffixBytes, after, newCapacity)
}

function encodeParts(parts: UpdateParts): Uint8Array {
  const { before, after } = parts
  const payload = numbers(
    updateHeaderBytes + before.length + after.length,
    parts.slot,
    parts.prefixBytes,
    parts.suffixBytes,
    before.length,
    parts.oldCapacity,
    parts.newCapacity,
  )
  payload.set(before, updateHeaderBytes)
  payload.set(after, updateHeaderBytes + before.length)
  return payload
}

/** @throws ERR_SEAWALL_OPERATION_FAILED */
export function decodeUpdate(payload: Uint8Array): UpdateParts {
  checkPayload(payload.length >= updateHeaderBytes, 'slottedUpdate', payload)
  const afterStart = updateHeaderBytes + readUint16(payload, 6)
  checkPayload(payload.length >= afterStart, 'slottedUpdate', payload)
  return {
    slot: readUint16(payload, 0),
    prefixBytes: readUint16(payload, 2),
    suffixBytes: readUint16(payload, 4),
    oldCapacity: readUint16(payload, 8),
    newCapacity: readUint16(payload, 10),
    before: payload.subarray(updateHeaderBytes, afterStart),
    after: payload.subarray(afterStart),
  }
}

function numbers(payloadBytes: number, ...values: number[]): Uint8Array {
  const payload = new Uint8Array(payloadBytes)
  for (const [i, value] of values.entries()) writeUint16(payload, 2 * i, value)
  return payload
}

function checkPayload(holds: boolean, name: string, payload: Uint8Array): void {
  if (holds) return
  const detail = `${name}: a payload of ${payload.length} bytes cannot be`
  throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', { detail })
}

/** A change that was made to a record of another length was not made to this page. */
function checkLength(body: Uint8Array, slot: number, length: number, name: string): void {
  checkRecord(body, slot)
  if (lengthOf(body, slot) === length) return
  const detail = `${name}: slot ${slot} has ${lengthOf(body, slot)} bytes instead of ${length}`
  throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', { detail })
}

function commonPrefixBytes(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  let bytes = 0
  while (bytes < most && a[bytes] === b[bytes]) bytes += 1
  return bytes
}

/** Of what lies behind the common prefix. */
function commonSuffixBytes(a: Uint8Array, b: Uint8Array, prefixBytes: number): number {
  const most = Math.min(a.length, b.length) - prefixBytes
  let bytes = 0
  while (bytes < most && a[a.length - 1 - bytes] === b[b.length - 1 - bytes]) bytes += 1
  return bytes
}
