// Goal: the message that docs/ERRORS.md shows for a code is one that its readers get.
// Method: provokes what can be provoked from outside, and compares the messages; numbers and paths may differ.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions, Log, type LSN, SeawallError } from '../../lib/index.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const handbook = readFileSync(join(root, 'docs/ERRORS.md'), 'utf8')
const kib = 1024
const small = { segmentBytes: 64 * kib, bufferBytes: 64 * kib }

/** The sentence with what differs from one run to the next left out. */
function shapeOf(message: string): string {
  const paths = message.replaceAll(/(?<=[[ ])\/[^\s\],;]+(?<!:)/g, '/path')
  return paths
    .replaceAll(/(\/path: no such file)(; \/path: no such file)+/g, '$1')
    .replaceAll(/\d+/g, 'N')
}

function shownFor(code: string): string {
  const section = handbook.slice(handbook.indexOf(`## ${code}\n`))
  return /```\n(.+)\n```/.exec(section)?.[1] ?? ''
}

async function expectShown(code: string, provoke: () => unknown): Promise<void> {
  let error: unknown
  try {
    await provoke()
  } catch (thrown) {
    error = thrown
  }
  assert.instance(error, SeawallError, `${code} was not raised`)
  const { code: raised, message } = error as SeawallError
  assert.is(raised, code, message)
  assert.is(shapeOf(message), shapeOf(shownFor(code)), code)
}

async function withLog(run: (log: Log, directory: string) => Promise<void>): Promise<void> {
  const directory = temporaryDirectory()
  const log = await Log.open(directory, small)
  try {
    await run(log, directory)
  } finally {
    await log.close().catch(() => {})
  }
}

async function withEngine(
  run: (engine: Engine, directory: string) => Promise<void>,
): Promise<void> {
  const directory = temporaryDirectory()
  const engine = await Engine.open(directory, small)
  try {
    await run(engine, directory)
  } finally {
    await engine.close().catch(() => {})
  }
}

test('calls of a log', async () => {
  await withLog(async (log, directory) => {
    await expectShown('ERR_SEAWALL_INVALID_ARGUMENT', () => log.append('text' as never))
    await expectShown('ERR_SEAWALL_LSN_OUT_OF_RANGE', () =>
      log
        .read({ from: 4096 as LSN })
        [Symbol.asyncIterator]()
        .next(),
    )
    await expectShown('ERR_SEAWALL_INVALID_OPTION', () =>
      Log.open(directory, { segmentByte: 1 } as never),
    )
    const first = await log.commit(Buffer.from('first'))
    await log.truncateBefore(await log.commit(Buffer.from('second')))
    await expectShown('ERR_SEAWALL_LSN_TRUNCATED', () => log.get(first))
    await expectShown('ERR_SEAWALL_ABORTED', () =>
      log.commit(Buffer.from('third'), { signal: AbortSignal.abort() }),
    )
    await log.close()
    await expectShown('ERR_SEAWALL_CLOSED', () => log.append(Buffer.from('late')))
    await expectShown('ERR_SEAWALL_NOT_A_STORE', () => Engine.open(directory, small))
    await expectShown('ERR_SEAWALL_OPTION_MISMATCH', () =>
      Log.open(directory, { segmentBytes: 128 * kib }),
    )
    const short = await Log.open(directory, { maxRecordBytes: 10 })
    await expectShown('ERR_SEAWALL_RECORD_TOO_LARGE', () => short.append(Buffer.alloc(11)))
    await short.close()
  })
})

test('directories that do not open', async () => {
  const parent = temporaryDirectory()
  const empty = join(parent, 'empty')
  mkdirSync(empty)
  await expectShown('ERR_SEAWALL_NOT_FOUND', () => Log.open(empty, { readOnly: true }))
  const foreign = join(parent, 'foreign')
  mkdirSync(foreign)
  writeFileSync(join(foreign, 'package.json'), '{}')
  await expectShown('ERR_SEAWALL_NOT_A_LOG', () => Log.open(foreign))
  await expectShown('ERR_SEAWALL_BINDING_UNAVAILABLE', () =>
    Log.open(empty, { nativeBinding: join(parent, 'seawall.node') }),
  )
})

test('calls of a transaction', async () => {
  await withEngine(async (engine) => {
    const id = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
    await engine.transaction(async (tx) => {
      const page = await tx.page(id)
      await expectShown('ERR_SEAWALL_OUTSIDE_PAGE', () => tx.write(page, 8150, Buffer.alloc(16)))
      await expectShown('ERR_SEAWALL_UNKNOWN_SLOT', () => tx.records.read(page, 12))
      await expectShown('ERR_SEAWALL_PAGE_FULL', () => tx.records.insert(page, Buffer.alloc(9000)))
      await expectShown('ERR_SEAWALL_UNKNOWN_OPERATION', () =>
        tx.apply(page, 64, new Uint8Array(1)),
      )
      await expectShown('ERR_SEAWALL_UNKNOWN_PAGE', () => tx.page(250))
      page.release()
      await expectShown('ERR_SEAWALL_TRANSACTION_ENDED', () => page.body)
    })
    await engine.transaction(
      async (tx) => {
        const page = await tx.page(id)
        await expectShown('ERR_SEAWALL_READ_ONLY', () => tx.write(page, 0, Buffer.alloc(1)))
      },
      { readOnly: true },
    )
    await engine.transaction(async (tx) => {
      const page = await tx.page(id, { lock: 'S' })
      await expectShown('ERR_SEAWALL_NOT_LOCKED', () => tx.write(page, 0, Buffer.alloc(1)))
    })
    await expectShown('ERR_SEAWALL_TRANSACTION_TIMEOUT', () =>
      engine.transaction(() => new Promise(() => {}), { timeoutMs: 5 }),
    )
  })
})

test('transactions that wait for each other', async () => {
  await withEngine(async (engine) => {
    const [a, b] = await engine.transaction(async (tx) => [
      (await tx.allocatePage()).id,
      (await tx.allocatePage()).id,
    ])
    const older = await engine.begin()
    const younger = await engine.begin({ lockTimeoutMs: 20 })
    await older.page(a as number)
    await expectShown('ERR_SEAWALL_LOCK_TIMEOUT', () => younger.page(a as number))
    await younger.rollback()
    const youngest = await engine.begin()
    await youngest.page(b as number)
    const waiting = youngest.page(a as number)
    const granted = older.page(b as number)
    await expectShown('ERR_SEAWALL_DEADLOCK', () => waiting)
    await youngest.rollback()
    await granted
    await older.rollback()
  })
})

test('files of different moments, and a page that rotted', async () => {
  const directory = temporaryDirectory()
  // Doublewrite would repair it.
  const options: EngineOptions = { ...small, tornPages: 'none' }
  const engine = await Engine.open(directory, options)
  const id = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
  await engine.close()
  const master = readFileSync(join(directory, 'master'))
  const pages = readFileSync(join(directory, 'pages'))
  pages.fill(0xa5, id * 8192 + 4096, id * 8192 + 4200)
  writeFileSync(join(directory, 'pages'), pages)
  const reopened = await Engine.open(directory, options)
  await expectShown('ERR_SEAWALL_DAMAGED_PAGE', () => reopened.transaction((tx) => tx.page(id)))
  await reopened.close()
  writeFileSync(join(directory, 'master'), master)
  await expectShown('ERR_SEAWALL_LOG_MISMATCH', () => Log.open(directory, small))
})

test('stores that lack something', async () => {
  const directory = temporaryDirectory()
  const operations: EngineOptions['operations'] = {
    64: {
      name: 'insertKey',
      redo: (body) => void (body[0] = 1),
      undo: () => {
        throw new Error('as planned')
      },
    },
  }
  const engine = await Engine.open(directory, { ...small, operations })
  await expectShown('ERR_SEAWALL_OPERATION_FAILED', async () => {
    const tx = await engine.begin()
    tx.apply(await tx.allocatePage(), 64, new Uint8Array(1))
    await tx.rollback()
  })
  await engine.close().catch(() => {})
  rmSync(join(directory, 'pages'))
  await expectShown('ERR_SEAWALL_CORRUPT_STORE', () =>
    Engine.open(directory, { ...small, operations }),
  )
})

test.run()
