// Goal: a rollback that fails leaves nobody a way to build on what is half undone, and the next
// restart undoes the rest (P2, H34; found by L2: a page that the transaction had freed was handed
// out in the middle of its rollback).
// Method: a simulated disk whose reads fail while a rollback needs a page that was evicted.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions, type Transaction } from '../../lib/index.ts'
import { simulatedBinding, diskOperation, SimulatedDisk } from '../../simulation/simulated-disk.ts'
import { expectError } from '../support/expect-error.ts'

const frames = 16
const pages = 3 * frames
const ioErrno = 5

const options: EngineOptions = {
  nativeBinding: simulatedBinding,
  pageSize: 4096,
  bufferPoolBytes: frames * 4096,
  segmentBytes: 256 * 1024,
  bufferBytes: 256 * 1024,
  maxLogBytes: 16 * 1024 * 1024,
}

async function storeWithPages(disk: SimulatedDisk): Promise<{ engine: Engine; ids: number[] }> {
  const engine = await Engine.open(disk.directory, options)
  const ids: number[] = []
  for (let i = 0; i < pages; i++) {
    await engine.transaction(async (tx) => {
      const page = await tx.allocatePage()
      tx.write(page, 0, Buffer.from(`page ${i}`))
      ids.push(page.id)
    })
  }
  return { engine, ids }
}

/** Changes the first page, frees the second one, and has both evicted. */
async function changeAndEvict(engine: Engine, ids: number[]): Promise<Transaction> {
  const [first = 0, second = 0, ...others] = ids
  const tx = await engine.begin()
  const page = await tx.page(first)
  tx.write(page, 0, Buffer.from('never'))
  page.release()
  const freed = await tx.page(second)
  await tx.freePage(freed)
  freed.release()
  await engine.checkpoint({ immediate: true })
  for (const id of others) {
    await engine.transaction(
      async (reader) => {
        await reader.page(id)
      },
      { readOnly: true },
    )
  }
  return tx
}

async function textOf(engine: Engine, id: number): Promise<string> {
  return engine.transaction(
    async (tx) => Buffer.from((await tx.page(id)).body.subarray(0, 6)).toString(),
    { readOnly: true },
  )
}

test('rollback cannot read a page -> its locks stay, the engine stops, the restart undoes the rest', async () => {
  const disk = new SimulatedDisk(1)
  const { engine, ids } = await storeWithPages(disk)
  const tx = await changeAndEvict(engine, ids)
  const locks = engine.stats().locks.locks
  disk.fail(diskOperation.read, 'pages', ioErrno, 1000)
  await expectError('ERR_SEAWALL_IO', () => tx.rollback())
  assert.is(engine.stats().locks.locks, locks)
  await expectError('ERR_SEAWALL_POISONED', () => engine.begin())
  await expectError('ERR_SEAWALL_POISONED', () => engine.close())
  disk.fail(diskOperation.read, 'pages', ioErrno, 0)
  disk.kill(1)
  await using again = await Engine.open(disk.directory, options)
  assert.is(again.recovery.analysis.losers, 1)
  assert.is(await textOf(again, ids[0] ?? 0), 'page 0')
  assert.is(await textOf(again, ids[1] ?? 0), 'page 1')
})

test('close() rolls back and cannot -> it says so, and the restart undoes the rest', async () => {
  const disk = new SimulatedDisk(1)
  const { engine, ids } = await storeWithPages(disk)
  await changeAndEvict(engine, ids)
  disk.fail(diskOperation.read, 'pages', ioErrno, 1000)
  await expectError('ERR_SEAWALL_IO', () => engine.close())
  disk.fail(diskOperation.read, 'pages', ioErrno, 0)
  disk.kill(1)
  await using again = await Engine.open(disk.directory, options)
  assert.is(again.recovery.analysis.losers, 1)
  assert.is(await textOf(again, ids[0] ?? 0), 'page 0')
  assert.is(await textOf(again, ids[1] ?? 0), 'page 1')
})

test.run()
