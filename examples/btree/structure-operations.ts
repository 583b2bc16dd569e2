// The operations that splits are made of. They name cells by their place in the page, and so does
// their undo: it only ever runs for a split that did not come to its end, whose latch kept everybody
// else from the tree. Nothing else of the tree can stand behind such a split in the log, so a
// restart, which undoes from the end of the log backwards, undoes it before everything else, too.
//
// Payload of insertCells and removeCells: index u16 | cells; of setLevel: before u16 | after u16.
import type { Operation } from '../../lib/index.ts'
import { insertCells, levelOf, removeCells, setLevelOf } from './node-format.ts'

export const insertCellsOperation = 66
export const removeCellsOperation = 67
export const setLevelOperation = 68

const indexBytes = 2

export function encodeCells(index: number, cells: Uint8Array): Uint8Array {
  const payload = Buffer.alloc(indexBytes + cells.length)
  payload.writeUInt16LE(index)
  payload.set(cells, indexBytes)
  return payload
}

export function encodeLevels(before: number, after: number): Uint8Array {
  const payload = Buffer.alloc(4)
  payload.writeUInt16LE(before, 0)
  payload.writeUInt16LE(after, 2)
  return payload
}

export const structureOperations: Readonly<Record<number, Operation>> = {
  [insertCellsOperation]: {
    name: 'btree.insertCells',
    redo: (body, payload) => insertCells(body, indexOf(payload), payload.subarray(indexBytes)),
    undo: (payload) => ({ operation: removeCellsOperation, payload }),
  },
  [removeCellsOperation]: {
    name: 'btree.removeCells',
    redo: (body, payload) => removeCells(body, indexOf(payload), payload.subarray(indexBytes)),
    undo: (payload) => ({ operation: insertCellsOperation, payload }),
  },
  [setLevelOperation]: {
    name: 'btree.setLevel',
    redo(body, payload) {
      const { before, after } = decodeLevels(payload)
      if (levelOf(body) !== before) throw new Error(`level ${levelOf(body)} instead of ${before}`)
      setLevelOf(body, after)
    },
    undo(payload) {
      const { before, after } = decodeLevels(payload)
      return { operation: setLevelOperation, payload: encodeLevels(after, before) }
    },
  },
}

function indexOf(payload: Uint8Array): number {
  return viewOf(payload).getUint16(0, true)
}

function decodeLevels(payload: Uint8Array): { before: number; after: number } {
  const view = viewOf(payload)
  return { before: view.getUint16(0, true), after: view.getUint16(2, true) }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
