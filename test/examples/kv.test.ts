// Goal: what the example key-value store is to show, each by itself: bytes in order, batches, a log
// that is cut off behind its runs, scans beside merges, what a failing drive leaves.
// Method: small stores on real files; a simulated disk whose writes fail; a damaged byte.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { RunSet } from '../../examples/kv/run-set.ts'
import { findInRun } from '../../examples/kv/sorted-run.ts'
import { KeyValueStore } from '../../examples/kv/store.ts'
import { Log } from '../../lib/index.ts'
import { diskOperation, simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'
import { expectError } from '../support/expect-error.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const segmentBytes = 64 * 1024
const log = { segmentBytes, bufferBytes: segmentBytes }
const bytes = (text: string): Buffer => Buffer.from(text)
const textOf = (value: Uint8Array | undefined): string | undefined =>
  value && Buffer.from(value).toString()

async function keysOf(store: KeyValueStore, from?: string, to?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of store.scan(from, to)) keys.push(key.toString())
  return keys
}

test('the demo -> batch whole, fast writes there, and it counts its runs', () => {
  const directory = temporaryDirectory()
  for (let run = 1; run <= 2; run++) {
    const args = ['--import', 'tsx', 'examples/kv/main.ts', directory]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
    assert.equal(stdout.trim().split('\n'), [
      `opened ${run} times`,
      'account/alice = 60',
      'account/bob = 40',
      '5000 readings, the last is 24990001',
    ])
  }
})

test('keys of any bytes -> in the order of bytes, in memory, in a run and merged', async () => {
  const keys = ['', 'a', 'aa', 'z', 'é', '€', '😀'].map(bytes)
  keys.push(Buffer.of(0), Buffer.of(0xff), Buffer.of(0xff, 0), Buffer.of(0x61, 0))
  const sorted = [...keys].sort(Buffer.compare)
  await using store = await KeyValueStore.open(temporaryDirectory(), { runsMax: 1, log })
  for (const key of keys) await store.put(key, Buffer.concat([bytes('is '), key]))
  for (let flush = 0; flush < 3; flush++) {
    const found: Buffer[] = []
    for await (const [key, value] of store.scan()) {
      assert.equal(Buffer.from(value), Buffer.concat([bytes('is '), key]))
      found.push(key)
    }
    assert.equal(found, sorted)
    assert.is(textOf(await store.get('é')), 'is é')
    await store.put('a', bytes('is a'))
    await store.flush()
  }
})

test('deleted, then merged -> gone, not back; a key written again has its new value', async () => {
  await using store = await KeyValueStore.open(temporaryDirectory(), { runsMax: 2, log })
  await store.write([
    { key: 'a', value: bytes('1') },
    { key: 'b', value: bytes('1') },
    { key: 'c', value: bytes('') },
  ])
  await store.flush()
  await store.write([{ key: 'a' }, { key: 'b' }, { key: 'b', value: bytes('2') }])
  for (let flush = 0; flush < 4; flush++) {
    assert.is(await store.get('a'), undefined)
    assert.is(textOf(await store.get('b')), '2')
    assert.is(textOf(await store.get('c')), '')
    assert.equal(await keysOf(store), ['b', 'c'])
    assert.equal(await keysOf(store, 'b', 'c'), ['b'])
    await store.put('b', bytes('2'))
    await store.flush()
  }
})

test('caller uses its buffer again -> the value stays what it was', async () => {
  await using store = await KeyValueStore.open(temporaryDirectory(), { log })
  const value = bytes('before')
  await store.put('k', value)
  value.fill('x')
  assert.is(textOf(await store.get('k')), 'before')
})

test('many times as much as fits into memory -> short logs, all of it there after a reopen', async () => {
  const directory = temporaryDirectory()
  const options = { memtableBytes: 64 * 1024, runsMax: 3, log }
  const store = await KeyValueStore.open(directory, options)
  for (let i = 0; i < 20_000; i++) {
    await store.put(`key ${i % 1000}`, bytes(`${i}`.padEnd(100)), { durability: 'async' })
  }
  await store.flush()
  const { writes, runs } = store.logBytes
  assert.ok(writes < segmentBytes && runs < 16 * segmentBytes, `${writes}, ${runs} bytes`)
  await store.close()
  await using again = await KeyValueStore.open(directory, options)
  assert.is((await keysOf(again)).length, 1000)
  assert.is(textOf(await again.get('key 7'))?.trim(), '19007')
})

test('runs are merged, a reader lets go of the old ones -> they stay until the new one is named', async () => {
  const runLog = await Log.open(temporaryDirectory(), log)
  const runs = new RunSet(runLog, [])
  for (const key of ['a', 'b']) await runs.add([{ key, value: Buffer.alloc(40_000, key) }])
  await runs.named()
  const before = runs.runs
  const reader = runs.hold()
  await runs.mergeAll()
  reader.release()
  // A crash now would open the store with these.
  for (const run of before) {
    const found = [await findInRun(runLog, run, 'a'), await findInRun(runLog, run, 'b')]
    assert.is(found.filter((entry) => entry !== undefined).length, 1)
  }
  const { oldestLSN } = runLog
  await runs.named()
  assert.ok(runLog.oldestLSN > oldestLSN + 80_000)
  await runs.close()
})

for (const [place, part] of [
  ['the log of writes', ''],
  ['the log of runs', 'runs'],
] as const) {
  test(`a write to ${place} fails -> nothing is shown that may be lost; reopened it has what was promised`, async () => {
    const disk = new SimulatedDisk(1)
    const directory = join(disk.directory, part)
    const failing = Object.assign(Object.create(SimulatedDisk.prototype) as SimulatedDisk, {
      directory,
    })
    const options = { log: { ...log, nativeBinding: simulatedBinding } }
    try {
      const store = await KeyValueStore.open(disk.directory, options)
      await store.put('a', bytes('promised'))
      failing.fail(diskOperation.write, 'wal', 5)
      const lost = async (): Promise<void> => {
        await store.put('a', bytes('perhaps'))
        await store.flush()
      }
      await expectError('ERR_SEAWALL_POISONED', lost)
      await expectError('ERR_SEAWALL_POISONED', () => store.get('a'))
      await expectError('ERR_SEAWALL_POISONED', () => store.put('b', bytes('')))
      await expectError('ERR_SEAWALL_POISONED', () => store.scan().next())
      await store.close().catch(() => {})
      await using again = await KeyValueStore.open(disk.directory, options)
      const value = textOf(await again.get('a')) ?? ''
      assert.ok(part === '' ? ['promised', 'perhaps'].includes(value) : value === 'perhaps', value)
    } finally {
      disk.forget()
      failing.forget()
    }
  })
}

test('a byte of a run is damaged -> ERR_SEAWALL_CORRUPT_LOG for what stands there, never other bytes', async () => {
  const disk = new SimulatedDisk(1)
  const runsDisk = Object.assign(Object.create(SimulatedDisk.prototype) as SimulatedDisk, {
    directory: join(disk.directory, 'runs'),
  })
  const options = { log: { ...log, nativeBinding: simulatedBinding } }
  try {
    const store = await KeyValueStore.open(disk.directory, options)
    await store.put('a', bytes('findable value'))
    await store.flush()
    await store.put('b', Buffer.alloc(20_000))
    await store.flush()
    await store.close()
    const again = await KeyValueStore.open(disk.directory, options)
    const name = 'wal/00000000000000000000.wal'
    const at = runsDisk.bytes(name).indexOf('findable')
    assert.ok(at > 0)
    runsDisk.overwrite(name, at, bytes('F'))
    // The last write before the flush is in memory too: `b`.
    await expectError('ERR_SEAWALL_CORRUPT_LOG', () => again.get('a'))
    assert.is((await again.get('b'))?.length, 20_000)
    await again.close()
  } finally {
    disk.forget()
    runsDisk.forget()
  }
})

test.run()
