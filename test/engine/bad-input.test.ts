// Goal: every wrong use of an engine and every wrong directory ends in a typed error and changes
// nothing (H41, H45, H49, H56).
// Method: real stores in temporary directories; damage is done to copies with a hex editor's means.
import {
  cpSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions, Log, type Operation, type Page } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, openSmallEngine, smallEngine, textOf } from '../support/open-engine.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const bytes = Buffer.from('bytes')

test('H49 options that are unknown, of a wrong type or out of range -> invalid option', async () => {
  const wrong: Record<string, unknown>[] = [
    { pageSizes: 4096 },
    { pageSize: 5000 },
    { pageSize: 2048 },
    { pageSize: 131072 },
    { bufferPoolBytes: -1 },
    { tornPages: 'maybe' },
    { maxLogBytes: 4096 },
    { segmentBytes: 1000 },
    { operations: { 3: { name: 'x', redo() {} } } },
    { operations: { 64: { name: 'x' } } },
    { operations: { sixty: { name: 'x', redo() {} } } },
    { checkpointTimeoutMs: Number.NaN },
    { consistencyChecks: 'yes' },
  ]
  for (const options of wrong) {
    await expectError('ERR_SEAWALL_INVALID_OPTION', () =>
      Engine.open(temporaryDirectory(), options as EngineOptions),
    )
  }
  await using engine = await openSmallEngine()
  for (const options of [{ timeout: 1 }, { timeoutMs: 0 }, { durability: 'x' }]) {
    await expectError('ERR_SEAWALL_INVALID_OPTION', () => engine.begin(options as object))
  }
})

test('H49 wrong arguments of a transaction -> typed errors, nothing logged', async () => {
  await using engine = await openSmallEngine()
  const pageId = await newPage(engine, 'x')
  const tx = await engine.begin()
  const page = await tx.page(pageId)
  const { endLSN } = engine.stats().log
  for (const id of [-1, 1.5, Number.NaN, 2 ** 32, '7', undefined]) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => tx.page(id as number))
  }
  for (const id of [0, 1, 3, 100, 2 ** 32 - 1]) {
    await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => tx.page(id))
  }
  const { length } = page.body
  for (const offset of [-1, 0.5, Number.NaN, length, length - 4, 2 ** 40]) {
    await expectError('ERR_SEAWALL_OUTSIDE_PAGE', () => tx.write(page, offset, bytes))
  }
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
    tx.write(page, 0, 'text' as unknown as Uint8Array),
  )
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
    tx.write({ id: pageId } as unknown as Page, 0, bytes),
  )
  await expectError('ERR_SEAWALL_UNKNOWN_OPERATION', () => tx.apply(page, 999, bytes))
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => tx.lock(7 as unknown as string))
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => tx.lock('key', 'Y' as 'X'))
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => tx.page(pageId, { lock: 'Y' as 'X' }))
  const other = await engine.begin()
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => tx.rollbackTo(other.savepoint()))
  assert.is(engine.stats().log.endLSN, endLSN)
  await tx.rollback()
})

test('slotted page: full, unknown slot, record that is not bytes -> typed errors', async () => {
  await using engine = await openSmallEngine()
  await engine.transaction(async (tx) => {
    const page = await tx.allocatePage()
    await expectError('ERR_SEAWALL_PAGE_FULL', () => tx.records.insert(page, Buffer.alloc(5000)))
    await expectError('ERR_SEAWALL_UNKNOWN_SLOT', () => tx.records.read(page, 0))
    await expectError('ERR_SEAWALL_UNKNOWN_SLOT', () => tx.records.delete(page, 3))
    await expectError('ERR_SEAWALL_UNKNOWN_SLOT', () => tx.records.update(page, 0, bytes))
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () =>
      tx.records.insert(page, 'text' as unknown as Uint8Array),
    )
  })
})

test('H45 page size other than the directory has -> option mismatch; none given -> as it is', async () => {
  const engine = await openSmallEngine()
  const page = await newPage(engine, 'x')
  await engine.close()
  await expectError('ERR_SEAWALL_OPTION_MISMATCH', () =>
    openSmallEngine({ pageSize: 8192 }, engine.directory),
  )
  await using again = await Engine.open(engine.directory)
  assert.is(again.stats().pageBytes, 4096)
  assert.is(await textOf(again, page, 1), 'x')
})

test('directory of a plain log -> not a store, nothing changed', async () => {
  const directory = temporaryDirectory()
  const log = await Log.open(directory, { segmentBytes: 65536 })
  await log.commit(bytes)
  await log.close()
  await expectError('ERR_SEAWALL_NOT_A_STORE', () =>
    Engine.open(directory, { segmentBytes: 65536 }),
  )
  await using again = await Log.open(directory)
  assert.is((await again.read()[Symbol.asyncIterator]().next()).value?.body.length, bytes.length)
})

/** A closed store with one page of text; its directory. */
async function closedStore(
  options: EngineOptions = {},
): Promise<{ directory: string; page: number }> {
  const engine = await openSmallEngine(options)
  const page = await newPage(engine, 'text')
  await engine.close()
  return { directory: engine.directory, page }
}

function flip(path: string, offset: number): void {
  const content = readFileSync(path)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from([(content[offset] ?? 0) ^ 0x10]), 0, 1, offset)
  closeSync(file)
}

test('data file missing, short, damaged header, of another store -> typed errors', async () => {
  const { directory } = await closedStore()
  const pages = join(directory, 'pages')
  const content = readFileSync(pages)
  rmSync(pages)
  await expectError('ERR_SEAWALL_CORRUPT_STORE', () => Engine.open(directory))
  writeFileSync(pages, content.subarray(0, 100))
  await expectError('ERR_SEAWALL_CORRUPT_STORE', () => Engine.open(directory))
  writeFileSync(pages, content)
  flip(pages, 40)
  await expectError('ERR_SEAWALL_CORRUPT_STORE', () => Engine.open(directory))
  const other = await closedStore()
  cpSync(join(other.directory, 'pages'), pages)
  await expectError('ERR_SEAWALL_LOG_MISMATCH', () => Engine.open(directory))
  writeFileSync(pages, content)
  await using engine = await Engine.open(directory)
  assert.is(engine.recovery.damagedPages.length, 0)
})

test('H56 log older than the pages -> typed error for those pages with both LSNs', async () => {
  const { directory, page } = await closedStore()
  const older = temporaryDirectory()
  cpSync(directory, older, { recursive: true })
  const engine = await openSmallEngine({}, directory)
  const untouched = await newPage(engine, 'more')
  await engine.transaction(async (tx) => {
    for (let i = 0; i < 50; i++) tx.write(await tx.page(page), 0, Buffer.from(`text ${i}`))
  })
  await engine.close()
  cpSync(join(directory, 'pages'), join(older, 'pages'))
  rmSync(join(older, 'doublewrite'))
  await using mixed = await openSmallEngine({}, older)
  const error = await expectError('ERR_SEAWALL_PAGE_AHEAD_OF_LOG', () => textOf(mixed, page, 4))
  assert.is(error.page, page)
  assert.ok((error.lsn ?? 0) > 0)
  await expectError('ERR_SEAWALL_PAGE_AHEAD_OF_LOG', () => textOf(mixed, untouched, 4))
})

test('damaged page without a copy -> typed error naming it; the others stay readable', async () => {
  const engine = await openSmallEngine({ tornPages: 'none' })
  const [page, other] = [await newPage(engine, 'text'), await newPage(engine, 'fine')]
  await engine.close()
  flip(join(engine.directory, 'pages'), page * 4096 + 1000)
  await using again = await openSmallEngine({ tornPages: 'none' }, engine.directory)
  const error = await expectError('ERR_SEAWALL_DAMAGED_PAGE', () => textOf(again, page, 4))
  assert.is(error.page, page)
  assert.is(await textOf(again, other, 4), 'fine')
  await expectError('ERR_SEAWALL_DAMAGED_PAGE', () =>
    again.transaction(async (tx) => void tx.write(await tx.page(page), 0, bytes)),
  )
})

const counter: Operation = {
  name: 'add',
  redo: (body, payload) => {
    body[0] = (body[0] ?? 0) + (payload[0] ?? 0)
  },
  undo: (payload) => ({ operation: 64, payload: Buffer.from([256 - (payload[0] ?? 0)]) }),
}

/** Leaves the store as a kill would: copied while it is open. */
async function killedStore(
  operations: Record<number, Operation>,
  change: (engine: Engine, page: number) => Promise<unknown>,
): Promise<{ directory: string; page: number }> {
  const engine = await openSmallEngine({ operations })
  const page = await newPage(engine, '')
  await change(engine, page)
  const directory = temporaryDirectory()
  cpSync(engine.directory, directory, { recursive: true })
  await engine.close()
  return { directory, page }
}

test('operation that is not registered at restart -> refused, and opens with it', async () => {
  const { directory, page } = await killedStore({ 64: counter }, (engine, id) =>
    engine.transaction(async (tx) => tx.apply(await tx.page(id), 64, Buffer.from([5]))),
  )
  const error = await expectError('ERR_SEAWALL_UNKNOWN_OPERATION', () => Engine.open(directory))
  assert.match(error.message, /64/)
  await using engine = await Engine.open(directory, { operations: { 64: counter } })
  assert.is((await textOf(engine, page, 1)).charCodeAt(0), 5)
})

test('operation that throws or writes outside, in forward work -> refused, nothing changed', async () => {
  const broken: Record<number, Operation> = {
    64: counter,
    65: {
      name: 'throws',
      redo: (body) => {
        body[1] = 9
        throw new Error('mine')
      },
      undo: counter.undo as NonNullable<Operation['undo']>,
    },
    66: {
      name: 'outside',
      redo: (body) => {
        new Uint8Array(body.buffer).fill(7)
      },
      undo: counter.undo as NonNullable<Operation['undo']>,
    },
    67: {
      name: 'random',
      redo: (body) => {
        body[1] = Math.random() * 256
        body[2] = Math.random() * 256
      },
      undo: counter.undo as NonNullable<Operation['undo']>,
    },
  }
  await using engine = await openSmallEngine({ operations: broken })
  const page = await newPage(engine, 'abc')
  await engine.transaction(async (tx) => {
    const held = await tx.page(page)
    const { endLSN } = engine.stats().log
    await expectError('ERR_SEAWALL_OPERATION_FAILED', () => tx.apply(held, 65, bytes))
    await expectError('ERR_SEAWALL_OPERATION_FAILED', () => tx.apply(held, 66, bytes))
    await expectError('ERR_SEAWALL_REDO_MISMATCH', () => tx.apply(held, 67, bytes))
    assert.is(engine.stats().log.endLSN, endLSN)
  })
  assert.is(await textOf(engine, page, 3), 'abc')
})

test('operation that differs at restart -> mismatch with LSN and page, refused, and opens when it is right', async () => {
  const { directory, page } = await killedStore({ 64: counter }, (engine, id) =>
    engine.transaction(async (tx) => tx.apply(await tx.page(id), 64, Buffer.from([5]))),
  )
  const changed: Operation = { ...counter, redo: (body) => void (body[0] = 77) }
  const error = await expectError('ERR_SEAWALL_REDO_MISMATCH', () =>
    Engine.open(directory, { operations: { 64: changed } }),
  )
  assert.is(error.page, page)
  assert.ok((error.lsn ?? 0) > 0)
  const throwing: Operation = {
    ...counter,
    redo: () => {
      throw new Error('mine')
    },
  }
  const failed = await expectError('ERR_SEAWALL_OPERATION_FAILED', () =>
    Engine.open(directory, { operations: { 64: throwing } }),
  )
  assert.is(failed.page, page)
  assert.is(
    (failed.cause as Error).message.includes('mine') || failed.message.includes('add'),
    true,
  )
  await using engine = await Engine.open(directory, { operations: { 64: counter } })
  assert.is((await textOf(engine, page, 1)).charCodeAt(0), 5)
})

test('undo that throws at restart, or is missing -> refused with LSN, and opens when it is right', async () => {
  const { directory, page } = await killedStore({ 64: counter }, async (engine, id) => {
    const tx = await engine.begin()
    tx.apply(await tx.page(id), 64, Buffer.from([5]))
    await engine.transaction((other) => other.allocatePage())
  })
  const throwing: Operation = {
    ...counter,
    undo: () => {
      throw new Error('mine')
    },
  }
  const error = await expectError('ERR_SEAWALL_OPERATION_FAILED', () =>
    Engine.open(directory, { operations: { 64: throwing } }),
  )
  assert.ok((error.lsn ?? 0) > 0)
  const without: Operation = { name: 'add', redo: counter.redo.bind(counter) }
  await expectError('ERR_SEAWALL_UNKNOWN_OPERATION', () =>
    Engine.open(directory, { operations: { 64: without } }),
  )
  await using engine = await Engine.open(directory, { operations: { 64: counter } })
  assert.is(engine.recovery.analysis.losers, 1)
  assert.is((await textOf(engine, page, 1)).charCodeAt(0), 0)
})

test('two engines on one directory -> locked', async () => {
  await using engine = await openSmallEngine()
  await expectError('ERR_SEAWALL_LOCKED', () => Engine.open(engine.directory, smallEngine))
})

test.run()
