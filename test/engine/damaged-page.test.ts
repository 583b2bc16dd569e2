// timeout: 120s
// Goal: a page that cannot be read when the log has changes for it is refused until they are in it:
// never shown as an old version that happens to read well, never forgotten, and never in the way of
// others for ever (I1, I3; H32, H40, H56).
// Method: stores on a simulated disk, without doublewrite. Bytes of a page are overwritten before a
// restart and put back later, as after an error of the medium that passes; or reads fail with ENODATA.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  Engine,
  type EngineOptions,
  type Page,
  type RestartReport,
  type Transaction,
} from '../../lib/index.ts'
import { diskOperation, simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, smallEngine, textOf } from '../support/open-engine.ts'
import { tightLog } from '../support/tight-log.ts'

const ENODATA = 61
const pageBytes = 4096
const otherPages = 40
const options: EngineOptions = {
  ...smallEngine,
  ...tightLog,
  nativeBinding: simulatedBinding,
  tornPages: 'none',
}
const text = (value: string): Buffer => Buffer.from(value)

/** A store on a disk of its own, with one page that is looked at and others. */
class Store {
  readonly disk = new SimulatedDisk(1)
  engine!: Engine
  /** Holds `base`, also on disk. */
  page!: number
  #others: number[] = []
  #intact: Buffer | undefined

  static async create(): Promise<Store> {
    const store = new Store()
    await store.open()
    store.page = await newPage(store.engine, 'base')
    for (let i = 0; i < otherPages; i++) store.#others.push(await newPage(store.engine, `${i}`))
    await store.engine.checkpoint({ immediate: true })
    return store
  }

  get other(): number {
    return this.#others[0] as number
  }

  async open(): Promise<RestartReport> {
    this.engine = await Engine.open(this.disk.directory, options)
    return this.engine.recovery
  }

  async crash(): Promise<void> {
    this.disk.kill(1)
    await this.engine.close().catch(() => {})
  }

  close(): Promise<void> {
    return this.engine.close()
  }

  async end(): Promise<void> {
    await this.engine.close()
    this.disk.forget()
  }

  write(value: string): Promise<void> {
    return this.engine.transaction(async (tx) => {
      tx.write(await tx.page(this.page), 0, text(value))
    })
  }

  damage(): void {
    const at = this.page * pageBytes + 600
    this.#intact = Buffer.from(this.disk.bytes('pages').subarray(at, at + 8))
    this.disk.overwrite('pages', at, text('damaged!'))
  }

  /** The sector can be read again, with what it held when it was damaged. */
  heal(): void {
    assert.ok(this.#intact)
    this.disk.overwrite('pages', this.page * pageBytes + 600, this.#intact)
  }

  /** Nothing of the page stays in memory. */
  async evict(): Promise<void> {
    for (const page of this.#others) await textOf(this.engine, page, 1)
  }

  async assertRefused(): Promise<void> {
    await expectError('ERR_SEAWALL_DAMAGED_PAGE', () => textOf(this.engine, this.page, 4))
    await this.evict()
    await expectError('ERR_SEAWALL_DAMAGED_PAGE', () => textOf(this.engine, this.page, 4))
  }

  async assertHolds(value: string): Promise<void> {
    assert.is(await textOf(this.engine, this.page, 8), value.padEnd(8, '\0'))
  }

  /** Commits until there is no room, without a turn in which somebody could make any. */
  async fillLog(): Promise<void> {
    const fillers: [Transaction, Page][] = []
    for (const other of this.#others.slice(0, 8)) {
      const filler = await this.engine.begin()
      fillers.push([filler, await filler.page(other)])
    }
    const commits = fillers.map(([filler, page]) => {
      // Each commit gives back the room for its rollback, which the next one fills.
      assert.throws(() => {
        for (let i = 1; ; i++) filler.write(page, 0, Buffer.alloc(500, i))
      }, /held by page .*, which is damaged/)
      return filler.commit()
    })
    await Promise.all(commits)
  }

  /** Other transactions write until the log has no room for what damaged pages keep. */
  async crowd(): Promise<void> {
    const { endLSN } = this.engine.recovery
    for (let i = 0; this.engine.stats().log.oldestLSN < endLSN; i++) {
      assert.ok(i < 1000, 'the log is still kept')
      await this.engine.transaction(async (tx) => {
        tx.write(await tx.page(this.other), 100, Buffer.alloc(3000, i + 1))
      })
    }
  }
}

const ids = ({ damagedPages }: RestartReport): number[] => damagedPages.map(({ pageId }) => pageId)

test('H32 H56 page of a commit damaged at restart, readable later -> refused, and whole at the next open', async () => {
  for (const how of ['close', 'crash'] as const) {
    const store = await Store.create()
    await store.write('new')
    await store.crash()
    store.damage()
    assert.equal(ids(await store.open()), [store.page])
    store.heal()
    await store.assertRefused()
    await store.engine.checkpoint({ immediate: true })
    assert.is(store.engine.stats().checkpoints.holder, 'damaged pages')
    await store[how]()
    const { damagedPages, redo } = await store.open()
    assert.equal([damagedPages, redo.redone > 0], [[], true])
    await store.assertHolds('newe')
    await store.end()
  }
})

test('H56 page of a loser damaged when it is undone, readable later -> undone at the next open', async () => {
  const store = await Store.create()
  const loser = await store.engine.begin()
  loser.write(await loser.page(store.page), 0, text('lost'))
  await store.engine.checkpoint({ immediate: true })
  await store.crash()
  store.damage()
  const { damagedPages, undo } = await store.open()
  assert.equal([damagedPages[0]?.pageId, undo.compensations], [store.page, 1])
  store.heal()
  await store.assertRefused()
  await store.engine.checkpoint({ immediate: true })
  await store.crash()
  assert.equal(ids(await store.open()), [])
  await store.assertHolds('base')
  await store.end()
})

test('H56 page damaged when a running transaction is rolled back -> the same', async () => {
  const store = await Store.create()
  const tx = await store.engine.begin()
  const page = await tx.page(store.page)
  tx.write(page, 0, text('lost'))
  page.release()
  await store.engine.checkpoint({ immediate: true })
  await store.evict()
  store.damage()
  await tx.rollback()
  store.heal()
  await store.assertRefused()
  await store.close()
  assert.equal(ids(await store.open()), [])
  await store.assertHolds('base')
  await store.end()
})

test('H13 any read of a restart says ENODATA, once -> a page is right or refused, and right at the next open', async () => {
  let damaged = 0
  for (let skip = 0; skip < 12; skip++) {
    const store = await Store.create()
    await store.write('new')
    await store.crash()
    store.disk.fail(diskOperation.read, '/pages', ENODATA, 1, skip)
    const report = await store.open().catch(() => undefined)
    if (report !== undefined) {
      damaged += report.damagedPages.length
      if (ids(report).includes(store.page)) await store.assertRefused()
      else await store.assertHolds('newe')
      await store.crash()
    } else {
      store.disk.kill(1)
    }
    assert.equal(ids(await store.open()), [])
    await store.assertHolds('newe')
    await store.end()
  }
  assert.ok(damaged > 0)
})

test('H32 page that stays damaged -> reported at every open, with its first record; others go on', async () => {
  const store = await Store.create()
  await store.write('new')
  await store.crash()
  store.damage()
  const [first] = (await store.open()).damagedPages
  for (const how of ['close', 'crash', 'close'] as const) {
    const other = await newPage(store.engine, how)
    await store.engine.checkpoint({ immediate: true })
    await store[how]()
    assert.equal((await store.open()).damagedPages, [first])
    assert.is(await textOf(store.engine, other, how.length), how)
    await store.assertRefused()
  }
  store.heal()
  await store.close()
  assert.equal(ids(await store.open()), [])
  await store.assertHolds('newe')
  await store.end()
})

test('H40 H55 log full, then opens that nobody writes after -> given up by the first, room for all', async () => {
  const store = await Store.create()
  await store.write('new')
  await store.crash()
  store.damage()
  await store.open()
  await store.fillLog()
  assert.is(store.engine.stats().checkpoints.holder, 'damaged pages')
  for (let i = 0; i < 20; i++) {
    await store.crash()
    assert.equal(ids(await store.open()), [store.page])
    assert.is(store.engine.stats().checkpoints.holder, 'checkpoint')
  }
  await store.assertRefused()
  await store.end()
})

test('H40 H56 log crowded -> the page is given up, writes go on; it is refused ever after, read well or not', async () => {
  const store = await Store.create()
  await store.write('new')
  await store.crash()
  store.damage()
  await store.open()
  await store.crowd()
  assert.is.not(store.engine.stats().checkpoints.holder, 'damaged pages')
  store.heal()
  await store.assertRefused()
  for (const how of ['close', 'crash', 'close'] as const) {
    await store[how]()
    const { damagedPages } = await store.open()
    const code = 'ERR_SEAWALL_DAMAGED_PAGE'
    assert.equal(damagedPages, [{ pageId: store.page, lsn: 0, code }])
    await store.assertRefused()
    await store.crowd()
  }
  await store.end()
})

test('page that was given up, formatted anew -> usable, and survives a crash', async () => {
  for (const isHealed of [false, true]) {
    const store = await Store.create()
    await store.engine.transaction(async (tx) => tx.freePage(await tx.page(store.page)))
    await store.crash()
    store.damage()
    assert.equal(ids(await store.open()), [store.page])
    await store.crowd()
    await store.close()
    if (isHealed) store.heal()
    assert.equal(ids(await store.open()), [store.page])
    assert.is(await newPage(store.engine, 'anew'), store.page)
    await store.assertHolds('anew')
    await store.crash()
    assert.equal(ids(await store.open()), [])
    await store.assertHolds('anew')
    await store.close()
    assert.equal(ids(await store.open()), [])
    await store.assertHolds('anew')
    await store.end()
  }
})

test.run()
