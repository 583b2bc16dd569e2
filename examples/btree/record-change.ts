import { cellCost, encodeCell, insertCells, removeCells, search, valueAt } from './node-format.ts'

/** What happens to one key: insert (before is undefined), delete (after is), or update. */
export interface RecordChange {
  readonly rootPageId: number
  readonly key: Uint8Array
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array | undefined
}

const headerBytes = 10
/** In place of a length: there is no value. */
const none = 0xffff

/**
 * Payload of the record operations, numbers little endian:
 *
 *     rootPageId u32 | keyBytes u16 | beforeBytes u16 | afterBytes u16 | key | before | after
 */
export function encodeRecordChange(change: RecordChange): Uint8Array {
  const { rootPageId, key, before, after } = change
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(rootPageId, 0)
  header.writeUInt16LE(key.length, 4)
  header.writeUInt16LE(before?.length ?? none, 6)
  header.writeUInt16LE(after?.length ?? none, 8)
  return Buffer.concat([
    header,
    key,
    before ?? header.subarray(0, 0),
    after ?? header.subarray(0, 0),
  ])
}

export function decodeRecordChange(payload: Uint8Array): RecordChange {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  let end = headerBytes
  const take = (length: number): Uint8Array => payload.subarray(end, (end += length))
  const takeValue = (length: number): Uint8Array | undefined =>
    length === none ? undefined : take(length)
  return {
    rootPageId: view.getUint32(0, true),
    key: take(view.getUint16(4, true)),
    before: takeValue(view.getUint16(6, true)),
    after: takeValue(view.getUint16(8, true)),
  }
}

/** A view of the value under `key`; undefined when the leaf does not have it. */
export function valueIn(leaf: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  const { index, isFound } = search(leaf, key)
  return isFound ? valueAt(leaf, index) : undefined
}

/** Makes the change in its leaf. Throws when the leaf does not have `before` under the key. */
export function changeRecord(leaf: Uint8Array, change: RecordChange): void {
  const { key, before, after } = change
  const { index, isFound } = search(leaf, key)
  if (isFound !== (before !== undefined)) throw new Error(isFound ? 'key exists' : 'no such key')
  if (before !== undefined) removeCells(leaf, index, encodeCell(key, before))
  if (after !== undefined) insertCells(leaf, index, encodeCell(key, after))
}

/** Bytes that the leaf must have free for the change; negative when it gives some back. */
export function neededBytes({ key, before, after }: RecordChange): number {
  const cost = (value: Uint8Array | undefined): number =>
    value === undefined ? 0 : cellCost(key.length, value.length)
  return cost(after) - cost(before)
}
