import * as assert from 'uvu/assert'

import type { BTree } from '../../examples/btree/tree.ts'
import { type Engine, SeawallError, type Transaction } from '../../lib/index.ts'
import type { Random } from './random.ts'
import { bytesOf, keyOf, randomValue, textOf, type TreeContents } from './tree-model.ts'

type Changes = Map<string, string | undefined>

const keyCount = 300
const tryAgain = ['ERR_SEAWALL_DEADLOCK', 'ERR_SEAWALL_LOCK_TIMEOUT', 'ERR_SEAWALL_LOG_FULL']

/**
 * Transactions at the same time on one tree, which wait for each other, deadlock and try again.
 * Commits are noted in the order of their records: what is durable is a beginning of them.
 */
export class TreeWorkers {
  /** The first failure that is none of those that a transaction has to expect. */
  failure: unknown
  readonly #random: Random
  readonly #tree: BTree
  readonly #initial: TreeContents
  readonly #now: TreeContents
  readonly #commits: Changes[] = []
  #acknowledged = 0
  #marks = 0

  constructor(random: Random, tree: BTree, initial: TreeContents) {
    this.#random = random
    this.#tree = tree
    this.#initial = initial
    this.#now = new Map(initial)
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  async run(engine: Engine, workers: number, transactions: number): Promise<void> {
    const work = async (): Promise<void> => {
      for (let i = 0; i < transactions && this.failure === undefined; i++) await this.#one(engine)
    }
    await Promise.all(Array.from({ length: workers }, work))
  }

  /** What the tree may hold after a crash: everything acknowledged, and perhaps some more. */
  possibleContents(): TreeContents[] {
    const contents = new Map(this.#initial)
    const possible: TreeContents[] = []
    for (let done = 0; done <= this.#commits.length; done++) {
      if (done >= this.#acknowledged) possible.push(new Map(contents))
      apply(contents, this.#commits[done] ?? new Map())
    }
    return possible
  }

  async #one(engine: Engine): Promise<void> {
    try {
      await this.#transaction(await engine.begin())
    } catch (error) {
      if (error instanceof SeawallError && tryAgain.includes(error.code)) return
      this.failure ??= error
    }
  }

  async #transaction(transaction: Transaction): Promise<void> {
    try {
      const changes: Changes = new Map()
      for (let step = this.#random.below(12); step >= 0; step--) {
        await this.#step(transaction, changes)
      }
      if (this.#random.chance(0.3)) return await transaction.rollback()
      // Without a record, its commit says nothing about that of others.
      if (changes.size === 0) return await transaction.commit()
      // The locks go when the record is in the log, before `commit` resolves.
      apply(this.#now, changes)
      const number = this.#commits.push(changes)
      await transaction.commit()
      this.#acknowledged = Math.max(this.#acknowledged, number)
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  async #step(transaction: Transaction, changes: Changes): Promise<void> {
    const key = keyOf(this.#random.below(keyCount))
    const choice = this.#random.next()
    if (choice < 0.3) {
      const value = await this.#tree.get(transaction, bytesOf(key))
      const expected = changes.has(key) ? changes.get(key) : this.#now.get(key)
      assert.is(value === undefined ? undefined : textOf(value), expected, `read of ${key}`)
    } else if (choice < 0.5) {
      const existed = await this.#tree.delete(transaction, bytesOf(key))
      if (existed) changes.set(key, undefined)
    } else {
      const value = randomValue(this.#random, (this.#marks += 1))
      await this.#tree.put(transaction, bytesOf(key), bytesOf(value))
      changes.set(key, value)
    }
  }
}

function apply(contents: TreeContents, changes: Changes): void {
  for (const [key, value] of changes) {
    if (value === undefined) contents.delete(key)
    else contents.set(key, value)
  }
}
