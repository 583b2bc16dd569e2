// What stands in the payloads of the engine's own operations, for people. How a payload is laid out
// stands in the file of its operation.
import { pageTypeFree, pageTypeMap, pageTypeUser } from '../format/layout.ts'
import { clearBitOperation, takeBitOperation } from './allocation-map.ts'
import { formatPageOperation, setPageTypeOperation } from './page-type.ts'
import { readUint16 } from './slot-directory.ts'
import {
  decodeUpdate,
  slottedDelete,
  slottedInsert,
  slottedPurge,
  slottedRemove,
  slottedRestore,
  slottedUpdate,
} from './slotted-operations.ts'
import { writeBytesOperation } from './write-bytes.ts'

/** Named parts of a payload. Bytes are views of it. */
export type PayloadFields = Readonly<Record<string, number | string | Uint8Array>>

/**
 * The parts of `payload`, which a record of `pageId` has; undefined when the operation is not one of
 * the engine's, or when it cannot have such a payload.
 */
export function describePayload(
  operation: number,
  pageId: number,
  payload: Uint8Array,
): PayloadFields | undefined {
  const { length } = payload
  switch (operation) {
    case writeBytesOperation:
      return writtenBytes(payload)
    case formatPageOperation:
    case setPageTypeOperation:
      return length === 2 ? pageTypes(payload) : undefined
    case takeBitOperation:
    case clearBitOperation:
      return length === 4 ? mapBit(pageId, payload) : undefined
    case slottedInsert:
      return length < 2 ? undefined : { ...slotOf(payload), record: payload.subarray(2) }
    case slottedUpdate:
      return updatedRecord(payload)
    case slottedDelete:
    case slottedRestore:
      return length === 4 ? { ...slotOf(payload), length: readUint16(payload, 2) } : undefined
    case slottedPurge:
    case slottedRemove:
      return length === 2 ? slotOf(payload) : undefined
    default:
      return undefined
  }
}

/** The name of a page type as it stands in page headers and images. */
export function pageTypeName(pageType: number): string {
  switch (pageType) {
    case pageTypeFree:
      return 'free'
    case pageTypeMap:
      return 'map'
    case pageTypeUser:
      return 'user'
    default:
      return `type ${pageType}`
  }
}

// A compensation has no bytes before: it is never undone.
function writtenBytes(payload: Uint8Array): PayloadFields | undefined {
  if (payload.length < 4) return undefined
  const offset = readUint16(payload, 0)
  const length = readUint16(payload, 2)
  const after = payload.subarray(4, 4 + length)
  if (payload.length === 4 + length) return { offset, after }
  if (payload.length !== 4 + 2 * length) return undefined
  return { offset, before: payload.subarray(4 + length), after }
}

function pageTypes(payload: Uint8Array): PayloadFields {
  const [before = 0, after = 0] = payload
  return { before: pageTypeName(before), after: pageTypeName(after) }
}

// Bit 0 of a map page stands for the map page itself.
function mapBit(mapPage: number, payload: Uint8Array): PayloadFields {
  const bit = new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true)
  return { bit, standsForPage: mapPage + bit }
}

function slotOf(payload: Uint8Array): { slot: number } {
  return { slot: readUint16(payload, 0) }
}

function updatedRecord(payload: Uint8Array): PayloadFields | undefined {
  try {
    return { ...decodeUpdate(payload) }
  } catch {
    return undefined
  }
}
