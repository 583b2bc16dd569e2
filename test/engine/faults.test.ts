// timeout: 240s
// Goal: whatever operation of the disk fails, the engine stops and says so, every promise settles,
// nothing stays locked or pinned for ever, and the next open finds the acknowledged state (P5; H12,
// H13, H41, H42).
// Method: random transactions on a simulated disk; the n-th read, write, sync, rename or allocation
// of log or pages fails once or from then on, with several error numbers, also while opening.
import { constants } from 'node:os'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { difference, type PageModel, readContents } from '../support/page-model.ts'
import { PageWorkload } from '../support/page-workload.ts'
import { inTime } from '../support/in-time.ts'
import { Random, seedOr } from '../support/random.ts'
import { diskOperation, simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'

const { EIO, ENOSPC } = constants.errno
const ENODATA = 61

const options: EngineOptions = {
  nativeBinding: simulatedBinding,
  pageSize: 4096,
  bufferPoolBytes: 16 * 4096,
  segmentBytes: 128 * 1024,
  bufferBytes: 64 * 1024,
  maxWalBytes: 64 * 1024,
  maxLogBytes: 16 * 1024 * 1024,
  lockTimeoutMs: 500,
  writerDelayMs: 1,
}

interface Fault {
  readonly operation: number
  readonly path: string
  readonly errno: number
  readonly times: number
  readonly skip: number
}

async function runWithFault(seed: number, fault: Fault): Promise<boolean> {
  const random = new Random(seed)
  const disk = new SimulatedDisk(seed)
  try {
    const first = await Engine.open(disk.directory, options)
    const before = new PageWorkload(random, new Map())
    await before.run(first, 3, 10)
    assert.is(before.mismatch, undefined)
    const start = await readContents(first)
    const workload = new PageWorkload(random, start)
    disk.fail(fault.operation, fault.path, fault.errno, fault.times, fault.skip)
    await inTime('the workload', workload.run(first, 4, 60))
    await inTime(
      'the close',
      first.close().catch(() => {}),
    )
    assert.is(workload.mismatch, undefined)
    const { bufferPool, locks } = first.stats()
    assert.equal([bufferPool.pinnedPages, locks.locks, locks.waiters], [0, 0, 0], 'H41')
    return await reopen(disk, workload.possibleContents())
  } finally {
    disk.forget()
  }
}

/** The fault may go on into the next open, which then fails, or not. */
async function reopen(disk: SimulatedDisk, possible: PageModel[]): Promise<boolean> {
  disk.kill(1)
  await using engine = await Engine.open(disk.directory, options)
  const contents = await readContents(engine)
  const differences = possible.map((model) => difference(contents, model))
  assert.ok(differences.includes(undefined), String(differences[0]))
  return true
}

test('H41 H42 n-th operation fails, in every place -> stops, settles, loses nothing', async () => {
  const seed = seedOr(100)
  let runs = 0
  for (const [operation, path] of [
    [diskOperation.write, '/wal/'],
    [diskOperation.sync, '/wal/'],
    [diskOperation.write, '/pages'],
    [diskOperation.sync, '/pages'],
    [diskOperation.write, '/doublewrite'],
    [diskOperation.write, '/master'],
    [diskOperation.read, '/pages'],
    [diskOperation.allocate, '/pages'],
    [diskOperation.rename, '/wal/'],
  ] as const) {
    for (const errno of [EIO, ENODATA, ENOSPC]) {
      for (const skip of [0, 1, 3, 9, 27]) {
        const times = runs % 2 === 0 ? 1 : 1000
        const fault = { operation, path, errno, times, skip }
        try {
          await runWithFault(seed + runs, fault)
        } catch (error) {
          console.log(`failed with SEAWALL_SEED=${seed + runs}`, fault)
          throw error
        }
        runs += 1
      }
    }
  }
  assert.is(runs, 135)
})

test('H12 log is poisoned -> nothing can be read, changed or begun any more', async () => {
  const disk = new SimulatedDisk(1)
  const engine = await Engine.open(disk.directory, options)
  const id = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
  const idle = await engine.begin()
  disk.fail(diskOperation.write, '/wal/', EIO, 1000)
  const write = (): Promise<void> =>
    engine.transaction(async (tx) => void tx.write(await tx.page(id), 0, Buffer.from('x')))
  await expectError('ERR_SEAWALL_POISONED', write)
  await expectError('ERR_SEAWALL_POISONED', write)
  await expectError('ERR_SEAWALL_POISONED', () => idle.page(id))
  await expectError('ERR_SEAWALL_POISONED', () => engine.begin({ readOnly: true }))
  await expectError('ERR_SEAWALL_POISONED', () => engine.checkpoint())
  await expectError('ERR_SEAWALL_POISONED', () => engine.close())
  disk.forget()
})

test('n-th operation of an open fails -> the open fails or not, the next one succeeds', async () => {
  const seed = seedOr(500)
  let failed = 0
  for (let round = 0; round < 60; round++) {
    const random = new Random(seed + round)
    const disk = new SimulatedDisk(seed + round)
    const engine = await Engine.open(disk.directory, options)
    const workload = new PageWorkload(random, new Map())
    await workload.run(engine, 3, 20)
    disk.kill(round)
    await engine.close().catch(() => {})
    const operation = random.pick([diskOperation.read, diskOperation.write, diskOperation.sync])
    const path = random.pick(['/wal/', '/pages', '/doublewrite', '/master'])
    disk.fail(operation, path, EIO, 1000, random.below(6))
    await inTime(
      'the open',
      Engine.open(disk.directory, options).then(
        (opened) => opened.close().catch(() => {}),
        () => (failed += 1),
      ),
    )
    await reopen(disk, workload.possibleContents())
    disk.forget()
  }
  assert.ok(failed > 10)
})

test.run()
