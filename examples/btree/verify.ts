import type { Engine } from '../../lib/index.ts'
import { type Visit, visitIn } from './descent.ts'
import { latchOf } from './latch.ts'
import { cellCount, childAt, freeBytes, keyAt, levelOf } from './node-format.ts'

/** What a tree consists of. */
export interface TreeShape {
  readonly levels: number
  /** Every page of the tree, each once. */
  readonly pageIds: ReadonlySet<number>
  /** Those of transactions that still run are among them. */
  readonly keyCount: number
}

/** Where a node hangs, and what its parents say about it. */
interface Expected {
  readonly pageId: number
  readonly level: number
  /** Keys: lower <= key < upper. */
  readonly lower: Uint8Array
  readonly upper: Uint8Array | undefined
}

interface NodeSummary {
  readonly keyCount: number
  readonly children: readonly Expected[]
}

/**
 * Walks the whole tree, with its latch and without locks, and throws an Error at the first thing
 * that is not as it must be: order of keys, bounds, levels, a page that is reached twice.
 */
export async function verifyTree(engine: Engine, rootPageId: number): Promise<TreeShape> {
  return engine.transaction(
    (transaction) => latchOf(rootPageId).shared(() => walk(visitIn(transaction), rootPageId)),
    { readOnly: true },
  )
}

async function walk(visit: Visit, rootPageId: number): Promise<TreeShape> {
  const rootLevel = await visit(rootPageId, levelOf)
  const lower = new Uint8Array(0)
  const open: Expected[] = [{ pageId: rootPageId, level: rootLevel, lower, upper: undefined }]
  const pageIds = new Set<number>()
  let keyCount = 0
  for (const node of open) {
    if (pageIds.has(node.pageId)) throw new Error(`page ${node.pageId} is reached twice`)
    pageIds.add(node.pageId)
    const summary = await visit(node.pageId, (body) => inspect(body, node))
    keyCount += summary.keyCount
    open.push(...summary.children)
  }
  return { levels: rootLevel + 1, pageIds, keyCount }
}

function inspect(body: Uint8Array, expected: Expected): NodeSummary {
  const { pageId, level, lower, upper } = expected
  const fail = (what: string): never => {
    throw new Error(`page ${pageId}: ${what}`)
  }
  if (levelOf(body) !== level) fail(`level ${levelOf(body)} instead of ${level}`)
  if (freeBytes(body) < 0) fail('more cells than it has room for')
  const keys = Array.from({ length: cellCount(body) }, (_, i) => keyAt(body, i).slice())
  for (const [i, key] of keys.entries()) {
    const previous = keys[i - 1]
    if (previous !== undefined && Buffer.compare(previous, key) >= 0) fail(`order of cell ${i}`)
    if (Buffer.compare(key, lower) < 0) fail(`cell ${i} is below the bound`)
    if (upper !== undefined && Buffer.compare(key, upper) >= 0) fail(`cell ${i} is above the bound`)
  }
  if (level === 0) return { keyCount: keys.length, children: [] }
  if (Buffer.compare(keys[0] ?? fail('no child'), lower) !== 0) fail('a gap below the first child')
  const children = keys.map((key, i) => ({
    pageId: childAt(body, i),
    level: level - 1,
    lower: key,
    upper: keys[i + 1] ?? upper,
  }))
  return { keyCount: 0, children }
}
