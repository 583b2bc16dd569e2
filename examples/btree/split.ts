import type { PageActions, PinnedPage } from '../../lib/index.ts'
import {
  cellCostMax,
  cellCount,
  childAt,
  childIndexFor,
  copyCells,
  encodeChild,
  freeBytes,
  keyAt,
  levelOf,
  splitIndex,
} from './node-format.ts'
import {
  encodeCells,
  encodeLevels,
  insertCellsOperation,
  removeCellsOperation,
  setLevelOperation,
} from './structure-operations.ts'

const leastKey = new Uint8Array(0)

/**
 * Makes room for `neededBytes` more in the leaf of `key`. On the way down it splits every node that
 * could not take another child, so each split finds room in its parent.
 *
 * It holds three pages at most, so that undo finds memory for it in the smallest pool.
 *
 * REQUIRES: the latch, exclusive; to be run in a nested top action.
 */
export async function makeRoom(
  actions: PageActions,
  rootPageId: number,
  key: Uint8Array,
  neededBytes: number,
): Promise<void> {
  let node = await actions.page(rootPageId)
  if (mustSplit(node.body, neededBytes)) await pushDown(actions, node)
  while (levelOf(node.body) > 0) {
    let child = await childFor(actions, node, key)
    if (mustSplit(child.body, neededBytes)) {
      await split(actions, node, child)
      child.release()
      child = await childFor(actions, node, key)
    }
    node.release()
    node = child
  }
}

function mustSplit(body: Uint8Array, neededBytes: number): boolean {
  return freeBytes(body) < (levelOf(body) === 0 ? neededBytes : cellCostMax(body.length))
}

function childFor(actions: PageActions, node: PinnedPage, key: Uint8Array): Promise<PinnedPage> {
  return actions.page(childAt(node.body, childIndexFor(node.body, key)))
}

/** The root keeps its page: all that it has goes to a new node, its only child. */
async function pushDown(actions: PageActions, root: PinnedPage): Promise<void> {
  const level = levelOf(root.body)
  const cells = copyCells(root.body, 0, cellCount(root.body))
  const child = await newNode(actions, level, cells)
  actions.apply(root, removeCellsOperation, encodeCells(0, cells))
  actions.apply(root, setLevelOperation, encodeLevels(level, level + 1))
  const cell = encodeChild(leastKey, child.id)
  actions.apply(root, insertCellsOperation, encodeCells(0, cell))
  child.release()
}

/** The upper half of `node` goes to a new node on its right. */
async function split(actions: PageActions, parent: PinnedPage, node: PinnedPage): Promise<void> {
  const from = splitIndex(node.body)
  const separator = keyAt(node.body, from).slice()
  const cells = copyCells(node.body, from, cellCount(node.body))
  const right = await newNode(actions, levelOf(node.body), cells)
  actions.apply(node, removeCellsOperation, encodeCells(from, cells))
  const index = childIndexFor(parent.body, separator) + 1
  const cell = encodeChild(separator, right.id)
  actions.apply(parent, insertCellsOperation, encodeCells(index, cell))
  right.release()
}

async function newNode(
  actions: PageActions,
  level: number,
  cells: Uint8Array,
): Promise<PinnedPage> {
  const page = await actions.allocatePage()
  if (level > 0) actions.apply(page, setLevelOperation, encodeLevels(0, level))
  actions.apply(page, insertCellsOperation, encodeCells(0, cells))
  return page
}
