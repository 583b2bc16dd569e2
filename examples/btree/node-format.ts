/**
 * A node of the tree in the body of a page: cells in the order of their keys, and a directory that
 * says where each of them ends, so that a key is found by halving.
 *
 *     level u16 | cellCount u16 | cellBytes u16 | 0 u16 | cells | zeros | directory
 *
 *     cell:      keyBytes u16 | valueBytes u16 | key | value
 *     directory: for each cell u16, its end from the start of the cells; the first one comes last
 *
 * Numbers are little endian. In a leaf (level 0) values are the user's. Above, a value is the page id
 * (u32) of the child that holds the keys from this cell's key to that of the next cell; the leftmost
 * key of a level is empty. A body of zeros, which is what a new page has, is an empty leaf.
 */
const headerBytes = 8
const cellHeaderBytes = 4
const entryBytes = 2
const at = { level: 0, cellCount: 2, cellBytes: 4 } as const

export interface Place {
  /** Of the first cell whose key is not less. */
  readonly index: number
  readonly isFound: boolean
}

/** 0 for a leaf. */
export function levelOf(body: Uint8Array): number {
  return readUint16(body, at.level)
}

export function setLevelOf(body: Uint8Array, level: number): void {
  writeUint16(body, at.level, level)
}

export function cellCount(body: Uint8Array): number {
  return readUint16(body, at.cellCount)
}

/** A view of the page, as everything here that returns bytes, unless it says otherwise. */
export function keyAt(body: Uint8Array, index: number): Uint8Array {
  const start = startOf(body, index) + cellHeaderBytes
  return body.subarray(start, start + readUint16(body, startOf(body, index)))
}

export function valueAt(body: Uint8Array, index: number): Uint8Array {
  const start = startOf(body, index)
  const valueStart = start + cellHeaderBytes + readUint16(body, start)
  return body.subarray(valueStart, valueStart + readUint16(body, start + 2))
}

/** The page id in a cell of a node above the leaves. */
export function childAt(body: Uint8Array, index: number): number {
  return Buffer.from(valueAt(body, index)).readUInt32LE()
}

export function search(body: Uint8Array, key: Uint8Array): Place {
  let low = 0
  let high = cellCount(body)
  while (low < high) {
    const middle = (low + high) >> 1
    const order = Buffer.compare(keyAt(body, middle), key)
    if (order === 0) return { index: middle, isFound: true }
    if (order < 0) low = middle + 1
    else high = middle
  }
  return { index: low, isFound: false }
}

/** The cell whose child holds `key`. */
export function childIndexFor(body: Uint8Array, key: Uint8Array): number {
  const { index, isFound } = search(body, key)
  return isFound ? index : index - 1
}

/** What a cell takes of a node, with its place in the directory. */
export function cellCost(keyBytes: number, valueBytes: number): number {
  return cellHeaderBytes + keyBytes + valueBytes + entryBytes
}

/**
 * A quarter of a node. A node that has no room for such a cell holds at least four, so that it can
 * be split, and each half then has room for one: see `splitIndex`.
 */
export function cellCostMax(bodyBytes: number): number {
  return Math.floor((bodyBytes - headerBytes) / 4)
}

export function freeBytes(body: Uint8Array): number {
  return body.length - headerBytes - readUint16(body, at.cellBytes) - entryBytes * cellCount(body)
}

/**
 * The first cell of the upper half. The lower half gets at most one cell more than half of the
 * bytes: three quarters of the node.
 */
export function splitIndex(body: Uint8Array): number {
  const count = cellCount(body)
  const half = readUint16(body, at.cellBytes) / 2
  let index = 1
  while (index < count - 1 && endOf(body, index - 1) - headerBytes < half) index += 1
  return index
}

export function encodeCell(key: Uint8Array, value: Uint8Array): Uint8Array {
  const cell = new Uint8Array(cellHeaderBytes + key.length + value.length)
  writeUint16(cell, 0, key.length)
  writeUint16(cell, 2, value.length)
  cell.set(key, cellHeaderBytes)
  cell.set(value, cellHeaderBytes + key.length)
  return cell
}

export function encodeChild(key: Uint8Array, pageId: number): Uint8Array {
  const value = Buffer.alloc(childBytes)
  value.writeUInt32LE(pageId)
  return encodeCell(key, value)
}

/** Bytes of the value in a node above the leaves. */
export const childBytes = 4

/** A copy of the cells from `from` to before `to`, one behind the other. */
export function copyCells(body: Uint8Array, from: number, to: number): Uint8Array {
  return body.slice(startOf(body, from), startOf(body, to))
}

/** Puts `cells`, one behind the other, before the cell at `index`. Throws without room. */
export function insertCells(body: Uint8Array, index: number, cells: Uint8Array): void {
  const ends = endsIn(cells)
  const count = cellCount(body)
  if (index > count) throw new Error(`cell ${index} of ${count}`)
  if (cells.length + entryBytes * ends.length > freeBytes(body)) throw new Error('no room')
  const start = startOf(body, index)
  const end = startOf(body, count)
  body.copyWithin(start + cells.length, start, end)
  body.set(cells, start)
  for (let i = count - 1; i >= index; i--) {
    writeEnd(body, i + ends.length, endOf(body, i) + cells.length)
  }
  for (const [i, cellEnd] of ends.entries()) writeEnd(body, index + i, start + cellEnd)
  writeUint16(body, at.cellCount, count + ends.length)
  writeUint16(body, at.cellBytes, end + cells.length - headerBytes)
}

/** Takes `cells` out, which stand one behind the other from `index` on. Throws if they do not. */
export function removeCells(body: Uint8Array, index: number, cells: Uint8Array): void {
  const removed = endsIn(cells).length
  const count = cellCount(body)
  if (index + removed > count) throw new Error(`cells ${index} to ${index + removed} of ${count}`)
  const start = startOf(body, index)
  const end = startOf(body, count)
  if (Buffer.compare(body.subarray(start, startOf(body, index + removed)), cells) !== 0) {
    throw new Error(`other cells at ${index}`)
  }
  body.copyWithin(start, start + cells.length, end)
  body.fill(0, end - cells.length, end)
  for (let i = index + removed; i < count; i++) {
    writeEnd(body, i - removed, endOf(body, i) - cells.length)
  }
  body.fill(0, entryAt(body, count - 1), entryAt(body, count - removed - 1))
  writeUint16(body, at.cellCount, count - removed)
  writeUint16(body, at.cellBytes, end - cells.length - headerBytes)
}

function endsIn(cells: Uint8Array): number[] {
  const ends: number[] = []
  for (let end = 0; end < cells.length;) {
    end += cellHeaderBytes + readUint16(cells, end) + readUint16(cells, end + 2)
    ends.push(end)
  }
  return ends
}

function startOf(body: Uint8Array, index: number): number {
  return index === 0 ? headerBytes : endOf(body, index - 1)
}

function endOf(body: Uint8Array, index: number): number {
  return headerBytes + readUint16(body, entryAt(body, index))
}

function writeEnd(body: Uint8Array, index: number, end: number): void {
  writeUint16(body, entryAt(body, index), end - headerBytes)
}

function entryAt(body: Uint8Array, index: number): number {
  return body.length - entryBytes * (index + 1)
}

function readUint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8)
}

function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value
  bytes[offset + 1] = value >>> 8
}
