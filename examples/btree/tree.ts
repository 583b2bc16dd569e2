import type { Engine, Transaction } from '../../lib/index.ts'
import { findLeaf, visitIn } from './descent.ts'
import { type Latch, latchOf } from './latch.ts'
import {
  cellCost,
  cellCostMax,
  cellCount,
  childBytes,
  freeBytes,
  keyAt,
  search,
  valueAt,
} from './node-format.ts'
import { encodeRecordChange, neededBytes, type RecordChange, valueIn } from './record-change.ts'
import { changeRecordOperation } from './record-operations.ts'
import { makeRoom } from './split.ts'

/** Strings stand for their UTF-8. Keys are ordered byte by byte. */
export type Key = string | Uint8Array

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** What came of going down to a leaf in order to change it, or what has to be done first. */
type Attempt =
  | { readonly result: 'made'; readonly existed: boolean }
  | { readonly result: 'lock the leaf'; readonly leafId: number }
  | { readonly result: 'make room'; readonly neededBytes: number }

/**
 * A B+tree from keys to values, both bytes of any length, a quarter of a page together. Open the
 * engine with `btreeOperations`. Transactions see it as serial (strict two-phase locking): writers
 * lock keys X, readers S, a scan the tree. Of one transaction, one call at a time: a split is a
 * nested top action, beside which its transaction can do nothing else.
 */
export class BTree {
  /** Names the tree; it never changes. */
  readonly rootPageId: number
  readonly #latch: Latch
  readonly #costMax: number

  /** A new, empty tree, in a transaction of its own: keep its `rootPageId`. */
  static async create(engine: Engine): Promise<BTree> {
    const rootPageId = await engine.transaction(async (transaction) => {
      const root = await transaction.allocatePage()
      return root.id
    })
    return new BTree(engine, rootPageId)
  }

  /** @throws ERR_SEAWALL_UNKNOWN_PAGE */
  static async open(engine: Engine, rootPageId: number): Promise<BTree> {
    const visitRoot = (transaction: Transaction): Promise<void> =>
      visitIn(transaction)(rootPageId, () => {})
    await engine.transaction(visitRoot, { readOnly: true })
    return new BTree(engine, rootPageId)
  }

  private constructor(engine: Engine, rootPageId: number) {
    this.rootPageId = rootPageId
    this.#latch = latchOf(rootPageId)
    this.#costMax = cellCostMax(engine.pageBodyBytes)
  }

  /** A copy of the value. Waits for whoever has changed the key to end. */
  async get(transaction: Transaction, key: Key): Promise<Uint8Array | undefined> {
    const keyBytes = bytesOf(key)
    await transaction.lock(this.#treeLock, 'IS')
    await transaction.lock(this.#lockOf(keyBytes), 'S')
    const visit = visitIn(transaction)
    return this.#latch.shared(async () => {
      const { leafId } = await findLeaf(visit, this.rootPageId, keyBytes)
      return visit(leafId, (body) => valueIn(body, keyBytes)?.slice())
    })
  }

  /** Inserts or replaces. @throws RangeError for more than a quarter of a page */
  async put(transaction: Transaction, key: Key, value: Uint8Array): Promise<void> {
    const keyBytes = bytesOf(key)
    // The key may have to go into a node above the leaves, beside a page id.
    const cost = cellCost(keyBytes.length, Math.max(value.length, childBytes))
    if (cost > this.#costMax) {
      throw new RangeError(`key and value take ${cost} bytes, a page has room for ${this.#costMax}`)
    }
    await this.#change(transaction, keyBytes, value)
  }

  /** Whether the key was there. */
  async delete(transaction: Transaction, key: Key): Promise<boolean> {
    return this.#change(transaction, bytesOf(key), undefined)
  }

  /**
   * Entries with `from` <= key < `to`, in order; without bounds, all. Locks the tree against
   * writers, so that nothing appears or disappears between two scans of one transaction.
   */
  async *scan(transaction: Transaction, from: Key = '', to?: Key): AsyncGenerator<Entry> {
    await transaction.lock(this.#treeLock, 'S')
    const visit = visitIn(transaction)
    const end = to === undefined ? undefined : bytesOf(to)
    let next: Uint8Array | undefined = bytesOf(from)
    while (next !== undefined && (end === undefined || Buffer.compare(next, end) < 0)) {
      const start: Uint8Array = next
      const { entries, upperBound } = await this.#latch.shared(async () => {
        const place = await findLeaf(visit, this.rootPageId, start)
        const found = await visit(place.leafId, (body) => entriesIn(body, start, end))
        return { entries: found, upperBound: place.upperBound }
      })
      yield* entries
      next = upperBound
    }
  }

  // Locks first, without the latch: the tree, the key, and, once it is known, the leaf. Then down
  // again with the latch, for the leaf may have become another one meanwhile.
  async #change(
    transaction: Transaction,
    key: Uint8Array,
    after: Uint8Array | undefined,
  ): Promise<boolean> {
    await transaction.lock(this.#treeLock, 'IX')
    await transaction.lock(this.#lockOf(key), 'X')
    let lockedLeafId: number | undefined
    for (;;) {
      const attempt = await this.#latch.shared(() =>
        this.#attempt(transaction, key, after, lockedLeafId),
      )
      switch (attempt.result) {
        case 'made':
          return attempt.existed
        case 'lock the leaf': {
          const leaf = await transaction.page(attempt.leafId, { lock: 'IX' })
          leaf.release()
          lockedLeafId = attempt.leafId
          break
        }
        case 'make room':
          await this.#latch.exclusive(() =>
            transaction.nestedTopAction((actions) =>
              makeRoom(actions, this.rootPageId, key, attempt.neededBytes),
            ),
          )
      }
    }
  }

  // From the look at the leaf to its change there is one synchronous step, so that several writers
  // can share the latch.
  async #attempt(
    transaction: Transaction,
    key: Uint8Array,
    after: Uint8Array | undefined,
    lockedLeafId: number | undefined,
  ): Promise<Attempt> {
    const { rootPageId } = this
    const { leafId } = await findLeaf(visitIn(transaction), rootPageId, key)
    if (leafId !== lockedLeafId) return { result: 'lock the leaf', leafId }
    const leaf = await transaction.page(leafId, { lock: 'none' })
    try {
      const before = valueIn(leaf.body, key)
      const existed = before !== undefined
      if (!existed && after === undefined) return { result: 'made', existed }
      const change: RecordChange = { rootPageId, key, before, after }
      const needed = neededBytes(change)
      if (needed > freeBytes(leaf.body)) return { result: 'make room', neededBytes: needed }
      const payload = encodeRecordChange(change)
      transaction.apply(leaf, changeRecordOperation, payload, { key: this.#lockOf(key) })
      return { result: 'made', existed }
    } finally {
      leaf.release()
    }
  }

  get #treeLock(): string {
    return `btree ${this.rootPageId}`
  }

  #lockOf(key: Uint8Array): string {
    return `${this.#treeLock}:${Buffer.from(key).toString('latin1')}`
  }
}

function bytesOf(key: Key): Uint8Array {
  return typeof key === 'string' ? Buffer.from(key) : key
}

function entriesIn(body: Uint8Array, from: Uint8Array, to: Uint8Array | undefined): Entry[] {
  const end = to === undefined ? cellCount(body) : search(body, to).index
  const entries: Entry[] = []
  for (let index = search(body, from).index; index < end; index++) {
    entries.push([keyAt(body, index).slice(), valueAt(body, index).slice()])
  }
  return entries
}
