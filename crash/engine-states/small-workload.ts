import type { Engine, Savepoint, Transaction } from '../../lib/index.ts'
import type { SteppedWorld } from '../../simulation/stepped-world.ts'
import type { Choices } from '../choices.ts'
import { type Cells, Ledger } from './ledger.ts'
import {
  apply,
  cellName,
  newShape,
  type OfTransaction,
  type Operation,
  possibleOperations,
  type WorkloadBounds,
  type Write,
} from './operations.ts'
import { addNumber, pageOf, spareName, writeNumber } from './store.ts'

interface RunningTransaction {
  readonly tx: Transaction
  readonly isAsync: boolean
  /** What it will have changed when it commits; undefined: it is gone. */
  changes: Map<string, number | undefined>
  savepoint: { at: Savepoint; changes: Map<string, number | undefined> } | undefined
}

// How far the store goes on by itself before the next operation: to the end, not at all, or until
// the log has been written, but not what follows.
const stepsBetween = [Infinity, 0, 3]
const idleMs = 1000

/**
 * A few transactions on a few cells, every step of which is a choice. What it asks for and what it
 * is promised goes into the ledger.
 */
export class SmallWorkload {
  readonly ledger: Ledger
  readonly #world: SteppedWorld
  readonly #engine: Engine
  readonly #bounds: WorkloadBounds
  readonly #events: () => number
  readonly #shape = newShape()
  readonly #running: RunningTransaction[] = []
  readonly #pending: Promise<unknown>[] = []
  #nextValue = 1

  constructor(
    world: SteppedWorld,
    engine: Engine,
    bounds: WorkloadBounds,
    cells: Cells,
    events: () => number,
  ) {
    this.#world = world
    this.#engine = engine
    this.#bounds = bounds
    this.#events = events
    this.ledger = new Ledger(cells)
  }

  /** One operation; returns its name. Undefined when none is left. */
  async next(choices: Choices): Promise<string | undefined> {
    this.#shape.hasUnpromised = this.ledger.hasUnpromised
    const possible = possibleOperations(this.#shape, this.#bounds)
    if (possible.length === 0) return undefined
    const operation = possible[choices.pick(possible.length)] as Operation
    apply(this.#shape, operation)
    await this.#world.run(this.#begin(operation))
    if (operation.what === 'idle') await this.#world.idle(idleMs)
    const isDone = operation.what === 'write' || operation.what === 'savepoint'
    if (!isDone) await this.#world.settle(stepsBetween[choices.pick(stepsBetween.length)])
    return JSON.stringify(operation)
  }

  /** Waits for what was begun. */
  async finish(): Promise<void> {
    await this.#world.run(Promise.all(this.#pending))
  }

  /** Waits until everything that was begun has ended, one way or another. */
  async finishAll(): Promise<void> {
    await this.#world.run(Promise.allSettled(this.#pending))
  }

  // Resolves when the next operation may begin; what takes longer goes on in the background.
  async #begin(operation: Operation): Promise<void> {
    switch (operation.what) {
      case 'write':
        return this.#write(operation)
      case 'read':
        return this.#read()
      case 'idle':
        return
      case 'checkpoint':
        return this.#goOn(this.#engine.checkpoint())
      case 'urgentCheckpoint':
        return this.#goOn(this.#engine.checkpoint({ immediate: true }))
      case 'savepoint':
      case 'rollbackTo':
      case 'allocate':
      case 'free':
      case 'nestedAction':
      case 'rollback':
      case 'commit': {
        const running = this.#running[operation.transaction] as RunningTransaction
        return this.#inTransaction(operation.what, running)
      }
    }
  }

  #goOn(work: Promise<unknown>): void {
    this.#pending.push(work)
    work.catch(() => {}) // finish() reports it
  }

  async #write({ transaction, page: index, cell, isAsync }: Write): Promise<void> {
    if (transaction === this.#running.length) {
      const tx = await this.#engine.begin({ durability: isAsync ? 'async' : 'flush' })
      this.#running.push({ tx, isAsync, changes: new Map(), savepoint: undefined })
    }
    const { tx, changes } = this.#running[transaction] as RunningTransaction
    const key = cellName(index, cell)
    await tx.lock(key)
    const page = await tx.page(pageOf(index), { lock: 'IX' })
    const value = this.#nextValue++
    writeNumber(tx, page, cell, value, key)
    changes.set(key, value)
  }

  // A reader is shown what others have committed, so that must survive.
  #read(): void {
    const reading = this.#engine.transaction(
      async (tx) => {
        for (let index = 0; index < this.#bounds.pages; index++) await tx.page(pageOf(index))
      },
      { readOnly: true },
    )
    this.#goOn(reading.then(() => this.ledger.shown(this.#events())))
  }

  async #inTransaction(what: OfTransaction, running: RunningTransaction): Promise<void> {
    const { tx, changes } = running
    switch (what) {
      case 'savepoint':
        running.savepoint = { at: tx.savepoint(), changes: new Map(changes) }
        return
      case 'rollbackTo': {
        const { savepoint } = running
        if (savepoint === undefined) throw new Error('there is no savepoint')
        running.changes = savepoint.changes
        running.savepoint = undefined
        return tx.rollbackTo(savepoint.at)
      }
      case 'allocate': {
        const page = await tx.allocatePage()
        const value = this.#nextValue++
        writeNumber(tx, page, 0, value)
        changes.set(spareName(page.id), value)
        return
      }
      case 'free': {
        const page = await tx.page(pageOf(this.#bounds.pages))
        await tx.freePage(page)
        changes.set(spareName(page.id), undefined)
        return
      }
      case 'nestedAction':
        return this.#nestedAction(tx)
      case 'rollback':
        return this.#goOn(tx.rollback())
      case 'commit':
        return this.#commit(running)
    }
  }

  // What it changes stays, whatever becomes of its transaction: another one builds on it at once.
  async #nestedAction(tx: Transaction): Promise<void> {
    const cell = this.#bounds.cellsPerPage
    const key = cellName(0, cell)
    const before = this.ledger.latest.get(key) ?? 0
    const value = this.#nextValue++
    await tx.nestedTopAction((actions) => addNumber(actions, pageOf(0), cell, value - before))
    this.ledger.commit(new Map([[key, value]]), this.#events())
    const other = await this.#engine.begin()
    await other.lock(key)
    const page = await other.page(pageOf(0), { lock: 'IX' })
    const next = this.#nextValue++
    writeNumber(other, page, cell, next, key)
    this.#commit({
      tx: other,
      isAsync: false,
      changes: new Map([[key, next]]),
      savepoint: undefined,
    })
  }

  // Everything up to the log record happens in the call itself, so the order of the calls is the
  // order in the log.
  #commit({ tx, isAsync, changes }: RunningTransaction): void {
    const committing = tx.commit()
    const commit = this.ledger.commit(changes, this.#events())
    this.#goOn(committing.then(() => isAsync || commit.promised(this.#events())))
  }
}
