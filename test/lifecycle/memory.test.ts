// timeout: 180s
// needs-gc
// Goal: memory does not grow with what is appended, committed or read; nothing that native code
// uses is collected early (H21).
// Method: resident size over rounds of heavy use, with forced garbage collection.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../lib/index.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const mib = 1024 * 1024
const collect = (globalThis as { gc?: () => void }).gc

async function settle(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collect?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().rss
}

test('run with --expose-gc', () => {
  assert.type(collect, 'function')
})

test('a million appends and commits, truncated as they go -> resident size stays', async () => {
  await using log = await Log.open(temporaryDirectory(), {
    segmentBytes: 8 * mib,
    bufferBytes: 4 * mib,
  })
  const body = Buffer.alloc(128, 1)
  const round = async (): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 900; j++) log.append(body)
      await Promise.all(Array.from({ length: 100 }, () => log.commit(body)))
    }
    await log.truncateBefore(log.endLSN)
  }
  await round()
  const before = await settle()
  for (let i = 0; i < 9; i++) await round()
  const after = await settle()
  assert.ok(after - before < 24 * mib, `grew by ${((after - before) / mib).toFixed(1)} MiB`)
})

test('large records through a small buffer and back -> resident size stays', async () => {
  await using log = await Log.open(temporaryDirectory(), {
    segmentBytes: 8 * mib,
    bufferBytes: mib,
  })
  const body = Buffer.alloc(6 * mib, 3)
  const round = async (): Promise<void> => {
    const lsn = await log.commit(body)
    for await (const record of log.read({ from: lsn })) assert.is(record.body.length, body.length)
    await log.truncateBefore(log.endLSN)
  }
  for (let i = 0; i < 4; i++) await round()
  const before = await settle()
  for (let i = 0; i < 30; i++) await round()
  const after = await settle()
  assert.ok(after - before < 48 * mib, `grew by ${((after - before) / mib).toFixed(1)} MiB`)
})

test('collected in the middle of everything -> records stay what they are', async () => {
  await using log = await openSmall()
  const kept: Uint8Array[] = []
  for (let i = 0; i < 50; i++) {
    const commits = Array.from({ length: 20 }, (_, j) => log.commit(Buffer.alloc(700, i + j)))
    collect?.()
    await Promise.all(commits)
    collect?.()
    for await (const { body } of log.read()) {
      if (kept.length < 500) kept.push(body)
      break
    }
  }
  collect?.()
  for (const body of kept) assert.ok(body.every((byte) => byte === 0))
})

test('a hundred logs opened and closed -> no threads, descriptors or mappings are left', async () => {
  const { readdirSync, readFileSync } = await import('node:fs')
  const threads = (): number =>
    Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  const rings = (): number =>
    readFileSync('/proc/self/maps', 'utf8').split('seawall-ring').length - 1
  const open = (): number => readdirSync('/proc/self/fd').length
  const once = async (): Promise<void> => {
    const log = await openSmall()
    await log.commit(Buffer.alloc(10))
    for await (const _ of log.read()) break
    await log.close()
  }
  await once()
  await settle()
  const before = { threads: threads(), open: open() }
  for (let i = 0; i < 100; i++) await once()
  await settle()
  assert.ok(threads() <= before.threads, `${threads()} threads`)
  assert.ok(open() <= before.open, `${open()} descriptors`)
  assert.ok(rings() <= 4, `${rings()} mappings`)
})

test.run()
