import type { PageActions, Transaction } from '../../lib/index.ts'
import { cellCount, childAt, childIndexFor, keyAt, levelOf } from './node-format.ts'

/** Looks at a page while it is held; `look` may not keep views of it. */
export type Visit = <T>(pageId: number, look: (body: Uint8Array) => T) => Promise<T>

/**
 * Without a lock on the page: the latch keeps the node what it is, and a lock on the key keeps the
 * record what it is. The page is let go at once, so that a transaction of any size needs few frames.
 */
export function visitIn(transaction: Transaction): Visit {
  return async (pageId, look) => {
    const page = await transaction.page(pageId, { lock: 'none' })
    try {
      return look(page.body)
    } finally {
      page.release()
    }
  }
}

export function visitWith(actions: PageActions): Visit {
  return async (pageId, look) => {
    const page = await actions.page(pageId)
    try {
      return look(page.body)
    } finally {
      page.release()
    }
  }
}

export interface LeafPlace {
  readonly leafId: number
  /** The leaf holds keys below this one only; undefined for the last leaf. */
  readonly upperBound: Uint8Array | undefined
}

interface Step {
  readonly childId: number
  readonly upperBound: Uint8Array | undefined
}

/** The leaf in which `key` is, or would be. REQUIRES: the latch, which keeps it so. */
export async function findLeaf(
  visit: Visit,
  rootPageId: number,
  key: Uint8Array,
): Promise<LeafPlace> {
  let place: LeafPlace = { leafId: rootPageId, upperBound: undefined }
  for (;;) {
    const step = await visit(place.leafId, (body) => stepDown(body, key))
    if (step === undefined) return place
    place = { leafId: step.childId, upperBound: step.upperBound ?? place.upperBound }
  }
}

/** undefined in a leaf. */
function stepDown(body: Uint8Array, key: Uint8Array): Step | undefined {
  if (levelOf(body) === 0) return undefined
  const index = childIndexFor(body, key)
  const isLast = index + 1 === cellCount(body)
  return {
    childId: childAt(body, index),
    upperBound: isLast ? undefined : keyAt(body, index + 1).slice(),
  }
}
