import * as assert from 'uvu/assert'

import type { BTree } from '../../examples/btree/tree.ts'
import type { Engine, Savepoint, Transaction } from '../../lib/index.ts'
import type { Random } from './random.ts'
import { bytesOf, keyOf, randomValue, textOf, type TreeContents } from './tree-model.ts'

type Changes = Map<string, string | undefined>

interface Session {
  readonly transaction: Transaction
  changes: Changes
  savepoints: { readonly savepoint: Savepoint; readonly changes: Changes }[]
  /** That it has locked, and keeps to its end. */
  readonly keys: Set<string>
}

const sessionsMax = 5
const keyCount = 1500

/**
 * Several transactions that take turns on one tree, one call at a time. None of them touches keys of
 * another, so that nobody ever waits, and what each must see is known.
 */
export class TreeSessions {
  committed: TreeContents
  #sessions: Session[] = []
  #marks = 0
  readonly #random: Random
  readonly #engine: Engine
  readonly #tree: BTree

  constructor(random: Random, engine: Engine, tree: BTree, committed: TreeContents) {
    this.#random = random
    this.#engine = engine
    this.#tree = tree
    this.committed = committed
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      const isFull = this.#sessions.length === sessionsMax
      if (this.#sessions.length === 0 || (!isFull && this.#random.chance(0.05))) await this.#begin()
      await this.#step(this.#random.pick(this.#sessions))
    }
  }

  /** Ends every transaction, each in its way. */
  async endAll(): Promise<void> {
    for (const session of [...this.#sessions]) await this.#end(session)
  }

  async #begin(): Promise<void> {
    const transaction = await this.#engine.begin({ durability: 'async' })
    this.#sessions.push({ transaction, changes: new Map(), savepoints: [], keys: new Set() })
  }

  async #step(session: Session): Promise<void> {
    const { transaction } = session
    const choice = this.#random.next()
    if (choice < 0.03) return this.#end(session)
    if (choice < 0.05) {
      const changes = new Map(session.changes)
      session.savepoints.push({ savepoint: transaction.savepoint(), changes })
      return
    }
    if (choice < 0.06) return this.#rollbackToSavepoint(session)
    const key = this.#freeKey(session)
    const before = session.changes.has(key) ? session.changes.get(key) : this.committed.get(key)
    if (choice < 0.2) {
      const value = await this.#tree.get(transaction, bytesOf(key))
      assert.is(value === undefined ? undefined : textOf(value), before)
    } else if (choice < 0.45) {
      const existed = await this.#tree.delete(transaction, bytesOf(key))
      assert.is(existed, before !== undefined)
      session.changes.set(key, undefined)
    } else {
      const value = randomValue(this.#random, (this.#marks += 1))
      await this.#tree.put(transaction, bytesOf(key), bytesOf(value))
      session.changes.set(key, value)
    }
  }

  async #rollbackToSavepoint(session: Session): Promise<void> {
    if (session.savepoints.length === 0) return
    const at = this.#random.below(session.savepoints.length)
    session.savepoints.length = at + 1
    const { savepoint, changes } = session.savepoints[at] as Session['savepoints'][number]
    await session.transaction.rollbackTo(savepoint)
    session.changes = new Map(changes)
  }

  async #end(session: Session): Promise<void> {
    this.#sessions = this.#sessions.filter((other) => other !== session)
    if (this.#random.chance(0.4)) return session.transaction.rollback()
    await session.transaction.commit()
    for (const [key, value] of session.changes) {
      if (value === undefined) this.committed.delete(key)
      else this.committed.set(key, value)
    }
  }

  #freeKey(session: Session): string {
    for (;;) {
      const key = keyOf(this.#random.below(keyCount))
      if (this.#sessions.some((other) => other !== session && other.keys.has(key))) continue
      session.keys.add(key)
      return key
    }
  }
}
