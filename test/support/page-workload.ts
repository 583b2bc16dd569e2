import { setImmediate as turn } from 'node:timers/promises'

import type { Engine, Page, Transaction } from '../../lib/index.ts'
import {
  cellBytes,
  cellCount,
  type Contents,
  contentOf,
  emptyContent,
  isSlotted,
  type PageModel,
} from './page-model.ts'
import type { Random } from './random.ts'

/** A commit that was asked for: what the store holds when it happened. */
interface Issued {
  readonly contents: PageModel
  /** The device's events before it was asked for. */
  readonly issuedAt: number
  /** The device's events before the answer; undefined: there was none. */
  acknowledgedAt: number | undefined
}

const recordsMax = 12
const recordBytesMax = 200

/**
 * Random transactions on an engine, several at a time, and what they must leave behind: commits are
 * noted in the order in which they were asked for, and whether they were acknowledged.
 */
export class PageWorkload {
  readonly #random: Random
  readonly #events: () => number
  readonly #issued: Issued[]
  /** What transactions that begin now see. */
  #contents: Contents
  acknowledged = 0
  rolledBack = 0
  #mismatch: string | undefined

  /** `events`: how many events the device has had. */
  constructor(random: Random, contents: PageModel, events: () => number = () => 0) {
    this.#random = random
    this.#contents = new Map(contents)
    this.#events = events
    this.#issued = [{ contents: new Map(contents), issuedAt: -1, acknowledgedAt: 0 }]
  }

  /** What went wrong while it ran, not counting a disk that failed. */
  get mismatch(): string | undefined {
    return this.#mismatch
  }

  /** Runs `clients` at a time until `transactions` are done, or the disk fails. */
  async run(engine: Engine, clients: number, transactions: number): Promise<void> {
    let left = transactions
    const client = async (): Promise<void> => {
      while (left > 0 && this.#mismatch === undefined) {
        left -= 1
        if (!(await this.#oneTransaction(engine))) return
        if (this.#random.chance(0.1)) await turn()
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
  }

  /**
   * The states that a restart may show: that after the last acknowledged commit, or after any later
   * one that was asked for. Commits are in the log in the order of their asking. `events`: after
   * how many events of the device it stopped.
   */
  possibleContents(events = Infinity): PageModel[] {
    const wasAcknowledged = ({ acknowledgedAt }: Issued): boolean =>
      acknowledgedAt !== undefined && acknowledgedAt <= events
    const last = this.#issued.findLastIndex(wasAcknowledged)
    const later = this.#issued.slice(last).filter(({ issuedAt }) => issuedAt < events)
    return later.map(({ contents }) => contents)
  }

  /** False when the engine cannot go on. */
  async #oneTransaction(engine: Engine): Promise<boolean> {
    const durability = this.#random.chance(0.2) ? 'async' : 'flush'
    let tx: Transaction
    try {
      tx = await engine.begin({ durability })
    } catch {
      return false
    }
    try {
      const changes = new Map<number, string | undefined>()
      const steps = 1 + this.#random.below(6)
      for (let step = 0; step < steps; step++) await this.#step(tx, changes)
      if (this.#random.chance(0.25)) {
        await tx.rollback()
        this.rolledBack += 1
        return true
      }
      await this.#commit(tx, changes, durability === 'flush')
      return true
    } catch (error) {
      await tx.rollback().catch(() => {})
      const { code } = error as { code?: string }
      if (code === 'ERR_SEAWALL_DEADLOCK' || code === 'ERR_SEAWALL_LOCK_TIMEOUT') {
        await turn()
        return true
      }
      if (code === 'ERR_SEAWALL_LOG_FULL' || code === 'ERR_SEAWALL_BUFFER_POOL_FULL') return true
      if (code === undefined) this.#mismatch = String((error as Error).stack)
      return false
    }
  }

  async #commit(
    tx: Transaction,
    changes: Map<number, string | undefined>,
    isFlush: boolean,
  ): Promise<void> {
    // Everything up to the log record happens in the call itself, so the order of the calls is the
    // order in the log. A commit of nothing leaves no trace.
    const issuedAt = this.#events()
    const committing = tx.commit()
    for (const [pageId, content] of changes) {
      if (content === undefined) this.#contents.delete(pageId)
      else this.#contents.set(pageId, content)
    }
    const contents = new Map(this.#contents)
    const issued: Issued = { contents, issuedAt, acknowledgedAt: undefined }
    if (changes.size > 0) this.#issued.push(issued)
    await committing
    this.acknowledged += 1
    if (isFlush && changes.size > 0) issued.acknowledgedAt = this.#events()
  }

  async #step(tx: Transaction, changes: Map<number, string | undefined>): Promise<void> {
    const random = this.#random
    const what = random.next()
    const pages = [...this.#contents.keys()].filter((id) => !changes.has(id))
    for (const [id, content] of changes) if (content !== undefined) pages.push(id)
    if (pages.length < 4 || what < 0.12) {
      const page = await tx.allocatePage()
      changes.set(page.id, emptyContent(page.id))
      this.#compare(tx, page, changes)
      return
    }
    const page = await this.#tryPage(tx, random.pick(pages))
    if (page === undefined) return
    const before = changes.get(page.id) ?? this.#contents.get(page.id)
    if (before === undefined) {
      this.#mismatch = `page ${page.id} is there, and should not`
      return
    }
    this.#compare(tx, page, changes)
    if (what < 0.2 && pages.length > 8) {
      await tx.freePage(page)
      changes.set(page.id, undefined)
      return
    }
    if (what < 0.4) {
      const savepoint = tx.savepoint()
      for (let i = random.below(4); i >= 0; i--) this.#change(tx, page)
      await tx.rollbackTo(savepoint)
      changes.set(page.id, before)
      this.#compare(tx, page, changes)
      return
    }
    this.#change(tx, page)
    changes.set(page.id, contentOf(tx, page))
  }

  // Another transaction may have freed it since it was chosen.
  async #tryPage(tx: Transaction, pageId: number): Promise<Page | undefined> {
    try {
      return await tx.page(pageId)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SEAWALL_UNKNOWN_PAGE') throw error
      if (this.#contents.has(pageId)) this.#mismatch = `page ${pageId} is unknown`
      return undefined
    }
  }

  #change(tx: Transaction, page: Page): void {
    if (isSlotted(page.id)) this.#changeSlotted(tx, page)
    else this.#changeCells(tx, page)
  }

  #changeCells(tx: Transaction, page: Page): void {
    const random = this.#random
    const bytes = Buffer.alloc(cellBytes * (1 + random.below(3)))
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256)
    const places = cellCount - bytes.length / cellBytes + 1
    tx.write(page, cellBytes * random.below(places), bytes)
  }

  #changeSlotted(tx: Transaction, page: Page): void {
    const random = this.#random
    const slots = [...tx.records.slots(page)]
    const record = Buffer.alloc(random.below(recordBytesMax), 0x61 + random.below(26))
    if (slots.length === 0 || (slots.length < recordsMax && random.chance(0.5))) {
      tx.records.insert(page, record)
    } else if (random.chance(0.5)) {
      tx.records.update(page, random.pick(slots), record)
    } else {
      tx.records.delete(page, random.pick(slots))
    }
  }

  #compare(tx: Transaction, page: Page, changes: Map<number, string | undefined>): void {
    const expected = changes.get(page.id) ?? this.#contents.get(page.id)
    const actual = contentOf(tx, page)
    if (actual === expected) return
    this.#mismatch = `page ${page.id} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`
  }
}
