import type { Operation, PageActions, PinnedPage, UndoActions } from '../../lib/index.ts'
import { findLeaf, visitWith } from './descent.ts'
import { latchOf } from './latch.ts'
import { freeBytes } from './node-format.ts'
import {
  changeRecord,
  decodeRecordChange,
  encodeRecordChange,
  neededBytes,
  type RecordChange,
  valueIn,
} from './record-change.ts'
import { makeRoom } from './split.ts'

/** A put or a delete. */
export const changeRecordOperation = 64
/** What undo of it does. It has no undo of its own: what is undone stays undone. */
export const restoreRecordOperation = 65

function redo(body: Uint8Array, payload: Uint8Array): void {
  changeRecord(body, decodeRecordChange(payload))
}

export const recordOperations: Readonly<Record<number, Operation>> = {
  [changeRecordOperation]: {
    name: 'btree.changeRecord',
    redo,
    // The page in the record tells nothing: splits of other transactions may have moved the key
    // since. The latch keeps the leaf the right one until it is changed.
    async logicalUndo(actions, _pageId, payload) {
      const change = decodeRecordChange(payload)
      await latchOf(change.rootPageId).exclusive(() => restore(actions, change))
    },
  },
  [restoreRecordOperation]: { name: 'btree.restoreRecord', redo },
}

async function restore(actions: UndoActions, undone: RecordChange): Promise<void> {
  const { rootPageId, key, before: after } = undone
  let leaf = await leafOf(actions, undone)
  // A copy, for the split moves it.
  const before = valueIn(leaf.body, key)?.slice()
  const change: RecordChange = { rootPageId, key, before, after }
  const needed = neededBytes(change)
  if (needed > freeBytes(leaf.body)) {
    // Others have used the room that a delete left.
    leaf.release()
    await actions.nestedTopAction((inner) => makeRoom(inner, rootPageId, key, needed))
    leaf = await leafOf(actions, undone)
  }
  actions.compensate(leaf, restoreRecordOperation, encodeRecordChange(change))
}

async function leafOf(
  actions: PageActions,
  { rootPageId, key }: RecordChange,
): Promise<PinnedPage> {
  const { leafId } = await findLeaf(visitWith(actions), rootPageId, key)
  return actions.page(leafId)
}
