// Goal: each thing that the example tree is to show, by itself: splits that stay, undo that finds
// what has moved, locks that let others work on, a restart that does the same (H33, H34).
// Method: small trees, whose leaves are filled until they split, in real stores in consistency mode.
import { cp } from 'node:fs/promises'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BTree } from '../../examples/btree/tree.ts'
import { verifyTree } from '../../examples/btree/verify.ts'
import { Engine, type EngineOptions, type Transaction } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { contentsOf, smallTreeEngine, textOf } from '../support/tree-model.ts'

const value = (text: string, bytes = text.length): Buffer => Buffer.from(text.padEnd(bytes, '.'))
const numbered = (i: number): string => `key ${String(i).padStart(5, '0')}`

function openEngine(
  directory = temporaryDirectory(),
  options: EngineOptions = {},
): Promise<Engine> {
  return Engine.open(directory, { ...smallTreeEngine, consistencyChecks: true, ...options })
}

/** Keys from `from` to before `to`, with values of 100 bytes. */
async function fill(
  tree: BTree,
  transaction: Transaction,
  from: number,
  to: number,
): Promise<void> {
  for (let i = from; i < to; i++) await tree.put(transaction, numbered(i), value('v', 100))
}

async function keysOf(engine: Engine, tree: BTree): Promise<string[]> {
  return [...(await contentsOf(engine, tree)).keys()]
}

async function pageCount(engine: Engine, tree: BTree): Promise<number> {
  return (await verifyTree(engine, tree.rootPageId)).pageIds.size
}

/** What a kill of the process would leave: everything written so far, and no end to anything. */
async function killImage(engine: Engine): Promise<string> {
  // Its commit makes the log durable, with all that running transactions have written.
  await BTree.create(engine)
  const writes = (): string => JSON.stringify([engine.stats().pages, engine.flushedLSN])
  for (;;) {
    const before = writes()
    await delay(20)
    const directory = temporaryDirectory()
    await cp(engine.directory, directory, { recursive: true })
    if (writes() === before) return directory
  }
}

test('put, get, replace, delete, scan -> a map in the order of bytes', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  await engine.transaction(async (tx) => {
    for (const key of ['b', '', 'a', 'aa', 'ä', 'z']) await tree.put(tx, key, value(key))
    await tree.put(tx, Uint8Array.of(0xff, 0), value('bytes'))
    await tree.put(tx, 'a', value('other'))
    assert.equal([await tree.delete(tx, 'b'), await tree.delete(tx, 'b')], [true, false])
  })
  await engine.transaction(
    async (tx) => {
      assert.is(textOf((await tree.get(tx, 'a')) ?? value('')), 'other')
      assert.is(await tree.get(tx, 'b'), undefined)
      assert.equal((await tree.get(tx, ''))?.length, 0)
      const found: string[] = []
      for await (const [key] of tree.scan(tx, 'a', 'z')) found.push(Buffer.from(key).toString())
      assert.equal(found, ['a', 'aa'])
    },
    { readOnly: true },
  )
  const keys = (await keysOf(engine, tree)).map((key) => Buffer.from(key, 'latin1'))
  assert.equal(
    keys,
    ['', 'a', 'aa', 'z', 'ä'].map((key) => Buffer.from(key)).concat(Buffer.of(255, 0)),
  )
})

test('key and value of a quarter of a page -> held by trees of any height; more -> RangeError', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  const longest = Math.floor((engine.pageBodyBytes - 8) / 4) - 6
  await engine.transaction(async (tx) => {
    for (let i = 0; i < 60; i++) {
      const key = `${(i * 37) % 60}`.padEnd(i % 4 > 0 ? longest - 4 : 3, 'k')
      await tree.put(tx, key, value('v', longest - Math.max(key.length, 4)))
    }
    const error = await tree.put(tx, 'k', value('', longest)).catch((caught: unknown) => caught)
    assert.instance(error, RangeError)
  })
  const { keyCount, levels } = await verifyTree(engine, tree.rootPageId)
  assert.is(keyCount, 60)
  assert.ok(levels > 3)
})

test('rolled back after own splits -> the keys are gone, the pages stay and are used again', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  const tx = await engine.begin()
  await fill(tree, tx, 0, 200)
  const pages = await pageCount(engine, tree)
  assert.ok(pages > 5)
  await tx.rollback()
  assert.equal(await keysOf(engine, tree), [])
  assert.is(await pageCount(engine, tree), pages)
  await engine.transaction((again) => fill(tree, again, 0, 200))
  assert.is(await pageCount(engine, tree), pages)
})

test('H34 keys moved by the split of another transaction -> rollback finds them, the others stay', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  await engine.transaction((tx) => fill(tree, tx, 0, 20))
  const loser = await engine.begin()
  await tree.put(loser, numbered(15), value('changed', 300))
  await tree.put(loser, `${numbered(17)} new`, value('new'))
  await tree.delete(loser, numbered(19))
  const pages = await pageCount(engine, tree)
  await engine.transaction((tx) => fill(tree, tx, 100, 160))
  await engine.transaction(async (tx) => {
    for (let i = 0; i < 15; i++) await tree.put(tx, `${numbered(i)} too`, value('v', 200))
  })
  assert.ok((await pageCount(engine, tree)) > pages + 1)
  await loser.rollback()
  const contents = await contentsOf(engine, tree)
  assert.is(contents.size, 20 + 60 + 15)
  assert.is(contents.get(numbered(15)), textOf(value('v', 100)))
  assert.is(contents.has(numbered(19)), true)
  assert.is(contents.has(`${numbered(17)} new`), false)
})

/** A leaf from which a transaction has deleted much, and which others have filled since. */
async function deletedAndFilled(engine: Engine): Promise<{ tree: BTree; loser: Transaction }> {
  const tree = await BTree.create(engine)
  await engine.transaction(async (tx) => {
    for (let i = 0; i < 4; i++) await tree.put(tx, numbered(i), value('v', 900))
  })
  const loser = await engine.begin()
  for (let i = 0; i < 4; i++) await tree.delete(loser, numbered(i))
  await engine.transaction((tx) => fill(tree, tx, 10, 42))
  assert.is(await pageCount(engine, tree), 1)
  return { tree, loser }
}

test('H33 room of what was deleted is taken -> rollback splits the leaf', async () => {
  await using engine = await openEngine()
  const { tree, loser } = await deletedAndFilled(engine)
  await loser.rollback()
  assert.ok((await pageCount(engine, tree)) > 2)
  assert.is((await keysOf(engine, tree)).length, 36)
})

test('H33 killed instead -> the restart splits the leaf; killed again -> it has nothing to do', async () => {
  const engine = await openEngine()
  const { tree } = await deletedAndFilled(engine)
  await using first = await openEngine(await killImage(engine))
  await engine.close()
  assert.is(first.recovery.analysis.losers, 1)
  assert.ok((await pageCount(first, tree)) > 2)
  assert.is((await keysOf(first, tree)).length, 36)
  await using second = await openEngine(await killImage(first))
  assert.equal([second.recovery.analysis.losers, second.recovery.undo.records], [0, 0])
  assert.is((await keysOf(second, tree)).length, 36)
})

test('killed with splits of a loser in the log -> its splits stay, its keys are gone', async () => {
  const engine = await openEngine()
  const tree = await BTree.create(engine)
  await engine.transaction((tx) => fill(tree, tx, 0, 50))
  const loser = await engine.begin()
  await fill(tree, loser, 50, 200)
  await tree.delete(loser, numbered(7))
  const pages = await pageCount(engine, tree)
  await using image = await openEngine(await killImage(engine))
  await engine.close()
  assert.equal(
    await keysOf(image, tree),
    Array.from({ length: 50 }, (_, i) => numbered(i)),
  )
  assert.is(await pageCount(image, tree), pages)
})

test('leaf that a running transaction has split off -> others change their keys in it at once', async () => {
  await using engine = await openEngine(temporaryDirectory(), { lockTimeoutMs: 100 })
  const tree = await BTree.create(engine)
  const splitter = await engine.begin()
  const other = await engine.begin()
  await fill(tree, splitter, 0, 100)
  for (let i = 0; i < 100; i += 3) await tree.put(other, `${numbered(i)} too`, value('v'))
  await fill(tree, splitter, 100, 150)
  await other.commit()
  await splitter.rollback()
  assert.is((await keysOf(engine, tree)).length, 34)
})

test('splits by several at a time, rolled back or not -> no page is lost', async () => {
  const directory = temporaryDirectory()
  const engine = await openEngine(directory)
  const tree = await BTree.create(engine)
  await Promise.all(
    Array.from({ length: 4 }, async (_, worker) => {
      const tx = await engine.begin()
      for (let i = 0; i < 100; i++) await tree.put(tx, numbered(4 * i + worker), value('v', 200))
      await (worker % 2 === 0 ? tx.commit() : tx.rollback())
    }),
  )
  await engine.close()
  await using again = await openEngine(directory)
  const { pageIds, keyCount } = await verifyTree(again, tree.rootPageId)
  assert.is(keyCount, 200)
  // Pages are given out from the lowest free one on.
  const next = await BTree.create(again)
  assert.is(next.rootPageId, Math.max(...pageIds) + 1)
  assert.is(pageIds.size, next.rootPageId - tree.rootPageId)
})

test('split fails for want of frames -> it is undone whole, the transaction goes on', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  await engine.transaction((tx) => fill(tree, tx, 0, 30))
  const holder = await engine.begin()
  const held = await Promise.all(Array.from({ length: 9 }, () => holder.allocatePage()))
  const tx = await engine.begin()
  await tree.put(tx, 'before', value('v'))
  const pages = await pageCount(engine, tree)
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', () => fill(tree, tx, 30, 60))
  assert.is(await pageCount(engine, tree), pages)
  for (const page of held) page.release()
  await fill(tree, tx, 30, 60)
  await tx.commit()
  await holder.rollback()
  assert.is((await keysOf(engine, tree)).length, 61)
})

test('savepoint before splits -> rollback to it takes the keys since, and no others', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  await engine.transaction(async (tx) => {
    await fill(tree, tx, 0, 40)
    const savepoint = tx.savepoint()
    await fill(tree, tx, 20, 100)
    await tree.delete(tx, numbered(3))
    await tx.rollbackTo(savepoint)
    await tree.put(tx, 'last', value('v'))
  })
  const expected = Array.from({ length: 40 }, (_, i) => numbered(i))
  assert.equal(await keysOf(engine, tree), [...expected, 'last'])
})

test('key or tree in use -> readers and scans wait, and see what was committed', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  await engine.transaction((tx) => fill(tree, tx, 0, 10))
  const writer = await engine.begin()
  await tree.delete(writer, numbered(4))
  await tree.put(writer, numbered(12), value('v'))
  const events: string[] = []
  const read = async (i: number): Promise<void> => {
    const found = await engine.transaction((tx) => tree.get(tx, numbered(i)))
    events.push(`read ${i}: ${found?.length}`)
  }
  const scan = async (): Promise<void> => {
    events.push(`scanned ${(await keysOf(engine, tree)).length}`)
  }
  const waiting = Promise.all([read(4), read(12), scan()])
  await read(5)
  await delay(20)
  events.push('rollback')
  await writer.rollback()
  await waiting
  assert.equal(events.slice(0, 2), ['read 5: 100', 'rollback'])
  assert.equal(events.slice(2).sort(), ['read 12: undefined', 'read 4: 100', 'scanned 10'])
})

test('transaction is ended in the middle of its puts -> undone, the tree goes on', async () => {
  await using engine = await openEngine()
  const tree = await BTree.create(engine)
  const controller = new AbortController()
  const { signal } = controller
  setTimeout(() => controller.abort(), 20)
  const fillForEver = async (tx: Transaction): Promise<void> => {
    // The timer gets its turn between two keys, when their pages are in memory.
    for (let i = 0; ; i++) await fill(tree, tx, i, i + 1).then(() => turn())
  }
  await expectError('ERR_SEAWALL_ABORTED', () => engine.transaction(fillForEver, { signal }))
  assert.equal(await keysOf(engine, tree), [])
  await engine.transaction((tx) => fill(tree, tx, 0, 10))
  assert.is((await keysOf(engine, tree)).length, 10)
})

test('root page of no tree -> ERR_SEAWALL_UNKNOWN_PAGE', async () => {
  await using engine = await openEngine()
  await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => BTree.open(engine, 99))
})

test.run()
