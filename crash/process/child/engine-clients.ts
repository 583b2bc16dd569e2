import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

import { Engine, type Page, type Transaction } from '../../../lib/index.ts'
import { Random } from '../../../test/support/random.ts'
import type { EngineCommand, PageChange } from '../protocol.ts'
import { arm } from './kill-switch.ts'
import { contentOf, contentsOf, newPageModel, type PageModel, pageModelOf } from './page-models.ts'
import { openDescriptors, report } from './reporter.ts'

const pagesMax = 120
const stepsMax = 6
// A transaction that is rolled back on purpose, so that it has something to undo.
const longRollbackSteps = 60

/** Opens an engine, reports what it holds, and changes it until somebody or something ends it. */
export async function runEngine(command: EngineCommand): Promise<void> {
  const { directory, options, nativeBinding } = command
  const descriptorsBefore = openDescriptors()
  arm(command, 'opening')
  const engine = await Engine.open(directory, { ...options, nativeBinding })
  const { log: found, redo, undo, tornPagesRepaired, damagedPages } = engine.recovery
  const restart =
    `${found.reason}; redone ${redo.redone}, undone ${undo.records}, ` +
    `repaired ${tornPagesRepaired.length}, damaged ${damagedPages.length}`
  const { backend } = engine.stats().log
  report(['opened', { keptFrom: found.keptFrom, keptTo: found.keptTo, backend, restart }])
  const contents = await contentsOf(engine)
  report(['pages', contents])
  const clients = new EngineClients(engine, command, contents)
  if (command.point?.arming === 'checkpoint') await armedCheckpoint(engine, clients, command)
  if (command.point?.arming === 'rollback') await armedRollback(clients, command)
  arm(command, 'running')
  report(['running'])
  await clients.run()
  if (command.ending === 'wait') {
    report(['finished'])
    await sleep(60_000)
    return
  }
  arm(command, 'closing')
  await engine.close()
  report(['closed', { descriptorsBefore, descriptorsAfter: openDescriptors() }])
}

// Twice: the first one leaves nothing to write, so the operations of the second are its own.
async function armedCheckpoint(
  engine: Engine,
  clients: EngineClients,
  command: EngineCommand,
): Promise<void> {
  await clients.run()
  await engine.checkpoint({ immediate: true })
  arm(command, 'checkpoint')
  await engine.checkpoint()
}

async function armedRollback(clients: EngineClients, command: EngineCommand): Promise<void> {
  await clients.run()
  await clients.longRollback(() => arm(command, 'rollback'))
}

/** Clients of one engine that change pages in transactions, and one that takes checkpoints. */
class EngineClients {
  readonly #engine: Engine
  readonly #command: EngineCommand
  readonly #random: Random
  /** What a transaction that begins now sees. */
  readonly #contents = new Map<number, PageModel>()
  #next: number
  #isRunning = false

  constructor(engine: Engine, command: EngineCommand, contents: readonly PageChange[]) {
    this.#engine = engine
    this.#command = command
    this.#random = new Random(command.seed)
    this.#next = command.firstIndex
    for (const [pageId, content] of contents) {
      if (content !== null) this.#contents.set(pageId, pageModelOf(pageId, content))
    }
  }

  async run(): Promise<void> {
    const end = this.#command.firstIndex + this.#command.steps
    const client = async (): Promise<void> => {
      while (this.#next < end) {
        await this.#oneTransaction()
        if (this.#random.chance(0.1)) await turn()
      }
    }
    this.#isRunning = true
    const checkpoints = this.#takeCheckpoints()
    await Promise.all(Array.from({ length: this.#command.clients }, client))
    this.#isRunning = false
    await checkpoints
  }

  /** A transaction of many changes, rolled back after `before`. */
  async longRollback(before: () => void): Promise<void> {
    const tx = await this.#engine.begin()
    const changes = new Map<number, PageModel | undefined>()
    try {
      for (let step = 0; step < longRollbackSteps; step++) {
        await this.#change(tx, changes, this.#next++)
      }
    } catch (error) {
      if (!mayBeTriedAgain.has((error as { code?: string }).code ?? '')) throw error
    }
    before()
    await tx.rollback()
    await this.#engine.checkpoint({ immediate: true })
  }

  async #takeCheckpoints(): Promise<void> {
    while (this.#isRunning) {
      await this.#engine.checkpoint({ immediate: this.#random.chance(0.4) })
      await sleep(this.#random.below(6))
    }
  }

  async #oneTransaction(): Promise<void> {
    const index = this.#next++
    const isDurable = this.#random.chance(0.8)
    const tx = await this.#engine.begin({
      durability: isDurable && !this.#command.acknowledgesEarly ? 'flush' : 'async',
    })
    const changes = new Map<number, PageModel | undefined>()
    try {
      const steps = 1 + this.#random.below(stepsMax)
      for (let step = 0; step < steps; step++) await this.#step(tx, changes, index)
      if (this.#random.chance(0.25)) await tx.rollback()
      else await this.#commit(tx, changes, index, isDurable)
    } catch (error) {
      await tx.rollback()
      const { code = '' } = error as { code?: string }
      if (!mayBeTriedAgain.has(code)) throw error
      await turn()
    }
  }

  async #commit(
    tx: Transaction,
    changes: Map<number, PageModel | undefined>,
    index: number,
    isDurable: boolean,
  ): Promise<void> {
    const reported = [...changes].map(([pageId, model]): PageChange => [
      pageId,
      model?.toString() ?? null,
    ])
    if (changes.size > 0) report(['commit', index, reported])
    // Everything up to the log record happens in the call itself, so the order of the reports is
    // the order in the log.
    const committing = tx.commit()
    for (const [pageId, model] of changes) {
      if (model === undefined) this.#contents.delete(pageId)
      else this.#contents.set(pageId, model)
    }
    await committing
    if (isDurable && changes.size > 0) report(['committed', index, this.#engine.flushedLSN])
  }

  async #step(
    tx: Transaction,
    changes: Map<number, PageModel | undefined>,
    index: number,
  ): Promise<void> {
    const what = this.#random.next()
    if (what > 0.2) return this.#change(tx, changes, index)
    const savepoint = tx.savepoint()
    const before = new Map([...changes].map(([pageId, model]) => [pageId, model?.copy()]))
    for (let i = this.#random.below(4); i >= 0; i--) await this.#change(tx, changes, index)
    await tx.rollbackTo(savepoint)
    changes.clear()
    for (const [pageId, model] of before) changes.set(pageId, model)
  }

  // One page more, one less, or another one. `index` marks the change as this transaction's.
  async #change(
    tx: Transaction,
    changes: Map<number, PageModel | undefined>,
    index: number,
  ): Promise<void> {
    const pages = [...this.#contents.keys()].filter((pageId) => !changes.has(pageId))
    for (const [pageId, model] of changes) if (model !== undefined) pages.push(pageId)
    const what = this.#random.next()
    if (pages.length < 8 || (what < 0.15 && pages.length < pagesMax)) {
      const page = await tx.allocatePage()
      const model = newPageModel(page.id)
      this.#compare(tx, page, model)
      changes.set(page.id, model)
      model.change(tx, page, this.#random, index)
      this.#letGo(page)
      return
    }
    const page = await this.#tryPage(tx, this.#random.pick(pages))
    if (page === undefined) return
    const before = changes.get(page.id) ?? this.#contents.get(page.id)
    if (before === undefined) throw new Error(`I17: page ${page.id} is there and should not be`)
    this.#compare(tx, page, before)
    if (what > 0.93) {
      await tx.freePage(page)
      changes.set(page.id, undefined)
      this.#letGo(page)
      return
    }
    const model = changes.get(page.id) ?? before.copy()
    changes.set(page.id, model)
    model.change(tx, page, this.#random, index)
    this.#letGo(page)
  }

  // So that it may be written, and its memory used for others, before the transaction has ended.
  #letGo(page: Page): void {
    if (this.#random.chance(0.5)) page.release()
  }

  // Another transaction may have freed it since it was chosen.
  async #tryPage(tx: Transaction, pageId: number): Promise<Page | undefined> {
    try {
      return await tx.page(pageId)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SEAWALL_UNKNOWN_PAGE') throw error
      if (this.#contents.has(pageId)) throw new Error(`I17: page ${pageId} is unknown`)
      return undefined
    }
  }

  #compare(tx: Transaction, page: Page, expected: PageModel): void {
    const actual = contentOf(tx, page)
    if (actual === expected.toString()) return
    throw new Error(`I17: page ${page.id} is ${actual}, not ${expected.toString()}`)
  }
}

const mayBeTriedAgain = new Set([
  'ERR_SEAWALL_DEADLOCK',
  'ERR_SEAWALL_LOCK_TIMEOUT',
  'ERR_SEAWALL_LOG_FULL',
  'ERR_SEAWALL_BUFFER_POOL_FULL',
  // What a transaction has deleted keeps its room until it has ended.
  'ERR_SEAWALL_PAGE_FULL',
])
