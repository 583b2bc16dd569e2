// Goal: transactions that pin all the memory they may stop nobody's rollback; what fails the engine
// all the same is named (H41, H42).
// Method: the smallest pool and more pages than fit; pages that are to be undone are evicted, then
// another transaction pins pages until it is refused.
import { setImmediate as turn } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Clock, Engine, Operation, Page, SeawallError, Transaction } from '../../lib/index.ts'
import { btreeOperations } from '../../examples/btree/operations.ts'
import { BTree } from '../../examples/btree/tree.ts'
import { expectError } from '../support/expect-error.ts'
import { openSmallEngine, textOf } from '../support/open-engine.ts'
import { fillLog, tightLog } from '../support/tight-log.ts'

const framesMin = 16
const smallPool = { bufferPoolBytes: framesMin * 4096 }
const pageCount = 40
/** More than there are frames. */
const pinnedMax = framesMin + 2
/** Waits for frames are long. */
const fastClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, keepsAlive, callback) {
    const timer = setTimeout(callback, delayMs / 10)
    if (!keepsAlive) timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  turn: () => turn(),
}
const text = (value: string): Buffer => Buffer.from(value)

/** An engine in the smallest pool, and pages that hold `one`. */
async function rig(options = {}): Promise<{ engine: Engine; pages: number[] }> {
  const engine = await openSmallEngine({ ...smallPool, clock: fastClock, ...options })
  const pages: number[] = []
  for (let i = 0; i < pageCount; i++) {
    await engine.transaction(async (tx) => {
      const page = await tx.allocatePage()
      tx.write(page, 0, text('one'))
      pages.push(page.id)
    })
  }
  return { engine, pages }
}

/** Changes the pages and lets go of them. */
async function change(tx: Transaction, pages: readonly number[], value: string): Promise<void> {
  for (const id of pages) {
    const page = await tx.page(id)
    tx.write(page, 0, text(value))
    page.release()
  }
}

/** A transaction that has pinned every frame it may, with the last of `pages`. */
async function pinAll(engine: Engine, pages: readonly number[]): Promise<Transaction> {
  // Clean and unpinned: what was changed before is evicted.
  await engine.checkpoint({ immediate: true })
  const tx = await engine.begin()
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', async () => {
    for (const id of pages.slice(-pinnedMax)) await tx.page(id)
  })
  return tx
}

/** The engine goes on, and the pages hold `value`. */
async function assertPages(engine: Engine, pages: readonly number[], value: string): Promise<void> {
  for (const id of pages) assert.is(await textOf(engine, id, value.length), value, `page ${id}`)
  assert.is(engine.stats().bufferPool.pinnedPages, 0)
}

test('H42 page to be undone is evicted, every frame pinned -> rolled back; the engine goes on', async () => {
  const { engine, pages } = await rig()
  const tx = await engine.begin()
  await change(tx, pages.slice(0, 1), 'two')
  const holder = await pinAll(engine, pages)
  await tx.rollback()
  await holder.commit()
  await assertPages(engine, pages, 'one')
  await engine.close()
})

test('H42 more pages to be undone than are kept for undo -> all are, one after the other', async () => {
  for (const tornPages of ['doublewrite', 'fullPageImages'] as const) {
    const { engine, pages } = await rig({ tornPages })
    const tx = await engine.begin()
    const changed = pages.slice(0, 20)
    for (const value of ['two', 'red']) await change(tx, changed, value)
    const holder = await pinAll(engine, pages)
    await tx.rollback()
    await holder.rollback()
    await assertPages(engine, pages, 'one')
    await engine.close()
  }
})

test('H42 page that undo has brought is asked for by others -> refused as before, later granted', async () => {
  const { engine, pages } = await rig()
  const tx = await engine.begin()
  await change(tx, pages.slice(0, 6), 'two')
  const holder = await pinAll(engine, pages)
  await tx.rollback()
  for (const id of pages.slice(0, 6)) {
    await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', () => holder.page(id))
  }
  await holder.rollback()
  await assertPages(engine, pages, 'one')
  await engine.close()
})

test('H42 allocation to be undone, map evicted, every frame pinned -> undone; page given out again', async () => {
  const { engine, pages } = await rig()
  const tx = await engine.begin()
  const allocated = await tx.allocatePage()
  const { id } = allocated
  allocated.release()
  const freed = await tx.page(pages[0] as number)
  await tx.freePage(freed)
  freed.release()
  const holder = await pinAll(engine, pages)
  await tx.rollback()
  await holder.rollback()
  await assertPages(engine, pages, 'one')
  const next = await engine.transaction(async (other) => (await other.allocatePage()).id)
  assert.is(next, id)
  await engine.close()
})

test('H42 rollback to a savepoint, every frame pinned -> undone so far; it can go on and commit', async () => {
  const { engine, pages } = await rig()
  const tx = await engine.begin()
  await change(tx, pages.slice(0, 6), 'two')
  const savepoint = tx.savepoint()
  await change(tx, pages.slice(0, 10), 'six')
  const holder = await pinAll(engine, pages)
  await tx.rollbackTo(savepoint)
  await holder.commit()
  await tx.commit()
  await assertPages(engine, pages.slice(0, 6), 'two')
  await assertPages(engine, pages.slice(6), 'one')
  await engine.close()
})

test('H42 several rollbacks at once, every frame pinned -> all end', async () => {
  const { engine, pages } = await rig()
  const transactions: Transaction[] = []
  for (let i = 0; i < 5; i++) {
    const tx = await engine.begin()
    await change(tx, pages.slice(4 * i, 4 * i + 4), 'two')
    ;(await tx.allocatePage()).release()
    transactions.push(tx)
  }
  const holder = await pinAll(engine, pages)
  await Promise.all(transactions.map((tx) => tx.rollback()))
  await holder.commit()
  await assertPages(engine, pages, 'one')
  await engine.close()
})

test('H42 lock not granted to one, every frame pinned by the other -> rolled back, the other goes on', async () => {
  const { engine, pages } = await rig()
  const loser = await engine.begin({ lockTimeoutMs: 10 })
  await change(loser, pages.slice(0, 8), 'two')
  const holder = await pinAll(engine, pages)
  await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => loser.page(pages.at(-pinnedMax) as number))
  // It waits for a page of the loser.
  const waiting = holder.page(pages[0] as number).catch((error: SeawallError) => error)
  await loser.rollback()
  assert.is(((await waiting) as SeawallError).code, 'ERR_SEAWALL_BUFFER_POOL_FULL')
  await holder.commit()
  await assertPages(engine, pages, 'one')
  await engine.close()
})

test('H42 closed with every frame pinned by what is to be undone -> undone, the close is clean', async () => {
  const { engine, pages } = await rig()
  const transactions: Transaction[] = []
  for (let i = 0; i < 4; i++) {
    const tx = await engine.begin()
    await change(tx, pages.slice(5 * i, 5 * i + 5), 'two')
    transactions.push(tx)
  }
  await engine.checkpoint({ immediate: true })
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', async () => {
    for (const [i, id] of pages.slice(-pinnedMax).entries()) await transactions[i % 4]?.page(id)
  })
  await engine.close()
  for (const { phase } of transactions) assert.is(phase, 'rolled back')
  const again = await openSmallEngine(smallPool, engine.directory)
  assert.is(again.recovery.undo.records, 0)
  await assertPages(again, pages, 'one')
  await again.close()
})

test('H42 H40 holder of a full log, every frame pinned by another -> rolled back; there is room', async () => {
  const { engine, pages } = await rig(tightLog)
  const oldest = await engine.begin()
  await change(oldest, pages.slice(0, 8), 'two')
  const holder = await pinAll(engine, pages)
  await fillLog(holder, pages.at(-pinnedMax) as number)
  const next = await engine.begin()
  assert.is(oldest.phase, 'rolled back')
  await next.commit()
  await holder.rollback()
  await assertPages(engine, pages, 'one')
  await engine.close()
})

test('H42 logical undo that splits nodes, every frame pinned -> undone; the tree is whole', async () => {
  const { engine, pages } = await rig({ operations: btreeOperations })
  const tree = await BTree.create(engine)
  const key = (i: number): string => String(i).padStart(4, '0')
  const large = Buffer.alloc(400, 'v')
  await engine.transaction(async (tx) => {
    for (let i = 0; i < 200; i += 2) await tree.put(tx, key(i), large)
  })
  const deleter = await engine.begin()
  for (let i = 0; i < 200; i += 2) await tree.delete(deleter, key(i))
  // The room that the deleted ones left is taken: undo has to split.
  await engine.transaction(async (tx) => {
    for (let i = 1; i < 200; i += 2) await tree.put(tx, key(i), large)
  })
  const others = await Promise.all([0, 1].map(() => engine.begin()))
  for (const [i, tx] of others.entries()) await tree.put(tx, `x${i}`, large)
  const holder = await pinAll(engine, pages)
  await Promise.all([deleter, ...others].map((tx) => tx.rollback()))
  await holder.commit()
  const found: string[] = []
  await engine.transaction(async (tx) => {
    for await (const [bytes] of tree.scan(tx)) found.push(Buffer.from(bytes).toString())
  })
  assert.equal(
    found,
    Array.from({ length: 200 }, (_, i) => key(i)),
  )
  await engine.close()
})

test('undo that throws -> the engine has failed, and says that it was this and no write', async () => {
  const broken: Operation = {
    name: 'broken',
    redo: () => {},
    undo: () => {
      throw new Error('mine')
    },
  }
  const { engine, pages } = await rig({ operations: { 64: broken } })
  const tx = await engine.begin()
  const page: Page = await tx.page(pages[0] as number)
  tx.apply(page, 64, Buffer.alloc(1))
  await tx.rollback().catch(() => {})
  const error = await expectError('ERR_SEAWALL_POISONED', () => engine.begin())
  assert.match(error.message, /a transaction could not be rolled back: .*undo of broken threw/)
  assert.not.match(error.message, /write or sync/)
  assert.is((error.cause as SeawallError).code, 'ERR_SEAWALL_OPERATION_FAILED')
  await engine.close().catch(() => {})
})

test.run()
