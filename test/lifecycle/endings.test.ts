// Goal: a process or worker may end in any state - log open, commits pending, readers active,
// opening, closing - without a
// crash, without hanging, and without losing what was acknowledged (H22).
// Method: child processes and workers that end in each state; the log is opened again afterwards.
import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../lib/index.ts'
import { bodiesOf, openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const library = new URL('../../lib/index.ts', import.meta.url).href

function runScript(
  directory: string,
  body: string,
): { status: number | null; signal: string | null; output: string } {
  const script = `
    import { Log } from '${library}'
    const directory = ${JSON.stringify(directory)}
    const options = { segmentBytes: 256 * 1024, bufferBytes: 64 * 1024 }
    ${body}`
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
      timeout: 30_000,
    },
  )
  return {
    status: result.status,
    signal: result.signal,
    output: `${result.stdout}${result.stderr}`,
  }
}

const endings: Record<string, string> = {
  'open and idle, then process.exit': `await Log.open(directory, options); process.exit(0)`,
  'open and idle: the event loop ends by itself': `await Log.open(directory, options)`,
  'commits pending, then process.exit': `
    const log = await Log.open(directory, options)
    for (let i = 0; i < 1000; i++) log.commit(Buffer.alloc(1000))
    setImmediate(() => process.exit(0))`,
  'appends never flushed': `
    const log = await Log.open(directory, options)
    for (let i = 0; i < 100; i++) log.append(Buffer.alloc(1000))`,
  'exit in the middle of opening': `void Log.open(directory, options); setImmediate(() => process.exit(0))`,
  'exit in the middle of closing': `
    const log = await Log.open(directory, options)
    for (let i = 0; i < 100; i++) log.append(Buffer.alloc(1000))
    void log.close(); process.exit(0)`,
  'exit with a live reader and a truncation under way': `
    const log = await Log.open(directory, options)
    const lsn = await log.commit(Buffer.alloc(10))
    void (async () => { for await (const _ of log.read({ live: true })) {} })()
    void log.truncateBefore(lsn)
    setTimeout(() => process.exit(0), 20)`,
  'closed in order': `
    const log = await Log.open(directory, options)
    await log.commit(Buffer.alloc(10))
    await log.close()`,
}

for (const [name, body] of Object.entries(endings)) {
  test(`process ends: ${name} -> exit code 0, the log opens again`, async () => {
    const directory = temporaryDirectory()
    const { status, signal, output } = runScript(directory, body)
    assert.equal({ status, signal }, { status: 0, signal: null }, output)
    await using log = await openSmall({}, directory)
    await log.commit(Buffer.from('after'))
  })
}

test('a pending commit keeps the process alive until it is acknowledged', async () => {
  const directory = temporaryDirectory()
  const { output } = runScript(
    directory,
    `const log = await Log.open(directory, options)
     log.commit(Buffer.from('kept')).then(() => console.log('acknowledged'))`,
  )
  assert.match(output, /acknowledged/)
  assert.equal(await bodiesOf(await openSmall({}, directory)), ['kept'])
})

const workerScript = (directory: string): string => `
  const { parentPort } = require('node:worker_threads')
  import('${new URL('../support/register-tsx.mjs', import.meta.url).href}')
    .then(() => import('${library}'))
    .then(async ({ Log }) => {
      const log = await Log.open(${JSON.stringify(directory)}, { segmentBytes: 256 * 1024, bufferBytes: 64 * 1024 })
      parentPort.postMessage('open')
      void (async () => { for await (const _ of log.read({ live: true })) {} })()
      for (;;) await Promise.all(Array.from({ length: 50 }, () => log.commit(Buffer.alloc(2000))))
    })`

test('workers terminated while they commit and read, twenty times -> no crash, no lock left behind', async () => {
  const directory = temporaryDirectory()
  for (let round = 0; round < 20; round++) {
    const worker = new Worker(workerScript(directory), { eval: true })
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve())
      worker.once('error', reject)
    })
    await new Promise((resolve) => setTimeout(resolve, round * 2))
    await worker.terminate()
  }
  await using log = await Log.open(directory)
  assert.is(log.recovery.incarnation, 21)
  await log.commit(Buffer.from('after'))
})

test.run()
