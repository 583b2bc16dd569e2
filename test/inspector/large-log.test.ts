// timeout: 120s
// Goal: a large log is looked into in memory that does not grow with it.
// Method: a store whose log is 1 GiB; the index and the restart are gone through in a process of its
// own, while pages are asked for, and its memory is watched.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine } from '../../lib/index.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { copyOf } from './sample-stores.ts'

const root = new URL('../..', import.meta.url).pathname
const logBytes = 1024 * 1024 * 1024
const memoryMaxBytes = 350 * 1024 * 1024
const pageBytes = 16384

async function largeStore(): Promise<string> {
  const directory = temporaryDirectory()
  const engine = await Engine.open(directory, {
    pageSize: pageBytes,
    bufferPoolBytes: 256 * pageBytes,
    segmentBytes: 64 * 1024 * 1024,
    maxWalBytes: 4 * logBytes,
    maxLogBytes: 8 * logBytes,
    tornPages: 'none',
  })
  const loser = await engine.begin()
  const held = await loser.allocatePage()
  loser.write(held, 0, Buffer.from('loser'))
  const pages: number[] = []
  for (let i = 0; engine.stats().log.endLSN < logBytes; i++) {
    const tx = await engine.begin({ durability: 'async' })
    for (let n = 0; n < 8; n++) {
      const page =
        pages.length < 100
          ? await tx.allocatePage()
          : await tx.page(pages[(i * 8 + n) % 100] as number)
      if (pages.length < 100) pages.push(page.id)
      tx.write(page, 64, Buffer.alloc(12_000, 1 + (i % 250)))
      page.release()
    }
    await tx.commit()
  }
  await engine.begin().then(async (tx) => {
    tx.write(await tx.page(pages[0] as number), 0, Buffer.from('end'))
    await tx.commit()
  })
  const copy = copyOf(directory)
  await loser.rollback()
  await engine.close()
  return copy
}

function residentBytes(pid: number): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1]) * 1024
}

test('1 GiB of log -> index, restart and views within 350 MiB', async () => {
  const directory = await largeStore()
  const args = ['--import', 'tsx', join(root, 'lib/cli/main.ts'), 'inspect', directory]
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const address = line.toString().trim()
    const ask = async (view: string): Promise<any> => (await fetch(`${address}api/${view}`)).json()
    let index = await ask('index')
    let restart = await ask('restart-summary')
    while (!index.isComplete || !restart.isComplete) {
      assert.is(index.failure ?? restart.problem, undefined)
      const at = Math.floor(Math.random() * index.toLSN)
      await ask(`records?from=${at}&count=500`)
      await ask(`window?from=${at}&to=${at + 16 * 1024 * 1024}`)
      await ask('restart?step=200')
      await sleep(50)
      index = await ask('index')
      restart = await ask('restart-summary')
    }
    assert.ok(index.toLSN >= logBytes)
    assert.is(restart.counts.end, 1)
    const last = await ask('restart?step=999999999')
    assert.is(last.steps.at(-1).action, 'end')
    await ask('tables')
    await ask(`tables?lsn=${Math.floor(logBytes / 2)}`)
    const bytes = residentBytes(child.pid as number)
    assert.ok(bytes < memoryMaxBytes, `${Math.round(bytes / 1024 / 1024)} MiB`)
    if (process.env.DEBUG)
      console.log(Math.round(bytes / 1024 / 1024), 'MiB', index.records, restart.steps)
  } finally {
    child.kill('SIGINT')
    await once(child, 'exit')
  }
})

test.run()
