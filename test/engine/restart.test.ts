// Goal: what a restart does and what it says about it: phases, counts, progress, every page size,
// repaired and damaged pages; checkpoints that stop nobody (H28, H30, H35, H36, H39).
// Method: simulated disks, ended at known moments; sums of what must have happened.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions, type RestartProgress } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, smallEngine, textOf } from '../support/open-engine.ts'
import { simulatedBinding, SimulatedDisk, survival } from '../../simulation/simulated-disk.ts'

const options: EngineOptions = {
  ...smallEngine,
  nativeBinding: simulatedBinding,
  consistencyChecks: false,
  checkpointTimeoutMs: 2 ** 31 - 1,
}
const text = (value: string): Buffer => Buffer.from(value)

/** Ends the process that has the engine open, and opens what it left. */
async function killAndOpen(
  disk: SimulatedDisk,
  engine: Engine,
  more: EngineOptions = {},
): Promise<Engine> {
  disk.kill(1)
  await engine.close().catch(() => {})
  return Engine.open(disk.directory, { ...options, ...more })
}

test('winners and losers at the crash -> redone, undone, and counted', async () => {
  const disk = new SimulatedDisk(1)
  const engine = await Engine.open(disk.directory, options)
  const pages = [await newPage(engine, 'aaa'), await newPage(engine, 'bbb')] as const
  await engine.checkpoint({ immediate: true })
  const loser = await engine.begin()
  loser.write(await loser.page(pages[1]), 0, text('xxx'))
  const savepoint = loser.savepoint()
  loser.write(await loser.page(pages[1]), 10, text('yyy'))
  await loser.rollbackTo(savepoint)
  await engine.transaction(async (tx) => void tx.write(await tx.page(pages[0]), 0, text('ccc')))
  const again = await killAndOpen(disk, engine)
  const { analysis, redo, undo, checkpointLSN, redoLSN, endLSN } = again.recovery
  assert.is(analysis.losers, 1)
  assert.is(analysis.dirtyPages, 2)
  // Two updates and a compensation of the loser, one update of the winner.
  assert.is(redo.redone, 4)
  // The second update was undone before the crash: once is enough (H33).
  assert.is(undo.compensations, 1)
  assert.ok(checkpointLSN < redoLSN && redoLSN < endLSN)
  assert.is(await textOf(again, pages[0], 3), 'ccc')
  assert.is(await textOf(again, pages[1], 13), 'bbb'.padEnd(13, '\0'))
  await again.close()
  disk.forget()
})

test('H35 pages written before the crash -> skipped by their pageLSN; twice the same restart', async () => {
  const disk = new SimulatedDisk(2)
  const engine = await Engine.open(disk.directory, options)
  const pages: number[] = []
  for (let i = 0; i < 20; i++) pages.push(await newPage(engine, `page ${i}`))
  // Written, but no later checkpoint says so.
  const { bufferPool } = engine.stats()
  assert.is(bufferPool.dirtyPages, 21)
  disk.fail(5, '/nothing', 5)
  await engine.checkpoint({ immediate: true })
  for (const page of pages) {
    await engine.transaction(async (tx) => void tx.write(await tx.page(page), 20, text('more')))
  }
  const first = await killAndOpen(disk, engine)
  const { redo } = first.recovery
  assert.is(redo.redone, 20)
  const second = await killAndOpen(disk, first)
  assert.is(second.recovery.redo.redone + second.recovery.redo.skippedOnPage, 20)
  for (const [i, page] of pages.entries()) {
    assert.is(await textOf(second, page, 24), `page ${i}`.padEnd(20, '\0') + 'more')
  }
  await second.close()
  disk.forget()
})

test('every page size, each protection -> survives a power cut', async () => {
  for (const pageSize of [4096, 8192, 16384, 32768, 65536]) {
    for (const tornPages of ['doublewrite', 'fullPageImages', 'none'] as const) {
      const disk = new SimulatedDisk(pageSize)
      const sized = { ...options, pageSize, tornPages, bufferPoolBytes: 16 * pageSize }
      const engine = await Engine.open(disk.directory, sized)
      const page = await newPage(engine, 'first')
      const { length } = await engine.transaction(async (tx) => {
        const held = await tx.page(page)
        tx.write(held, held.body.length - 4, text('last'))
        return held.body
      })
      assert.is(length, pageSize - 32)
      await engine.checkpoint({ immediate: true })
      await engine.transaction(async (tx) => void tx.write(await tx.page(page), 0, text('again')))
      disk.cutPower(survival.nothing, 1)
      await engine.close().catch(() => {})
      const again = await Engine.open(disk.directory, sized)
      assert.is(again.stats().pageBytes, pageSize)
      const read = await textOf(again, page, length)
      assert.is(read.slice(0, 5) + read.slice(-4), 'againlast')
      await again.close()
      disk.forget()
    }
  }
})

test('onProgress -> every phase in order, LSNs and records that rise; the channel has the report', async () => {
  const disk = new SimulatedDisk(3)
  const engine = await Engine.open(disk.directory, options)
  const page = await newPage(engine, 'a')
  const loser = await engine.begin()
  for (let i = 0; i < 50; i++) loser.write(await loser.page(page), i, text('x'))
  await engine.transaction(async (tx) => void (await tx.allocatePage()))
  const seen: RestartProgress[] = []
  const reports: unknown[] = []
  const onReport = (message: unknown): void => void reports.push(message)
  subscribe('seawall:restart', onReport)
  const again = await killAndOpen(disk, engine, { onProgress: (p) => void seen.push(p) })
  unsubscribe('seawall:restart', onReport)
  const phases = seen.map(({ phase }) => phase)
  assert.equal([...new Set(phases)], ['analysis', 'redo', 'undo', 'checkpoint'])
  assert.equal(
    phases,
    [...phases].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
  )
  for (const { done, remainingMs } of seen) {
    assert.ok(done === undefined || (done >= 0 && done <= 1))
    assert.ok(remainingMs === undefined || remainingMs >= 0)
  }
  assert.is((reports[0] as { restart: unknown }).restart, again.recovery)
  assert.is(again.recovery.undo.compensations, 50)
  await again.close()
  disk.forget()
})
const order = ['analysis', 'redo', 'undo', 'checkpoint']

test('H28 page damaged, with a doublewrite copy -> repaired and reported', async () => {
  const disk = new SimulatedDisk(4)
  const engine = await Engine.open(disk.directory, options)
  const page = await newPage(engine, 'whole')
  await engine.close()
  disk.overwrite('pages', page * 4096 + 600, text('torn'))
  const again = await Engine.open(disk.directory, options)
  assert.equal(again.recovery.tornPagesRepaired, [page])
  assert.is(await textOf(again, page, 5), 'whole')
  await again.close()
  disk.forget()
})

test('page damaged that redo needs, with nothing to repair it from -> reported, others recovered', async () => {
  const disk = new SimulatedDisk(5)
  const none: EngineOptions = { ...options, tornPages: 'none' }
  const engine = await Engine.open(disk.directory, none)
  const [bad, good] = [await newPage(engine, 'bad'), await newPage(engine, 'good')]
  await engine.checkpoint({ immediate: true })
  const loser = await engine.begin()
  loser.write(await loser.page(bad), 0, text('lost'))
  for (const page of [good]) {
    await engine.transaction(async (tx) => void tx.write(await tx.page(page), 0, text('GOOD')))
  }
  disk.kill(1)
  await engine.close().catch(() => {})
  disk.overwrite('pages', bad * 4096 + 600, text('torn'))
  const again = await Engine.open(disk.directory, none)
  const [damaged] = again.recovery.damagedPages
  assert.is(damaged?.pageId, bad)
  assert.is(damaged?.code, 'ERR_SEAWALL_DAMAGED_PAGE')
  assert.ok((damaged?.lsn ?? 0) > again.recovery.checkpointLSN)
  assert.is(await textOf(again, good, 4), 'GOOD')
  await expectError('ERR_SEAWALL_DAMAGED_PAGE', () => textOf(again, bad, 3))
  await again.close()
  disk.forget()
})

test('full-page images in the log -> a damaged page is made whole by redo', async () => {
  const disk = new SimulatedDisk(6)
  const images: EngineOptions = { ...options, tornPages: 'fullPageImages' }
  const engine = await Engine.open(disk.directory, images)
  const page = await newPage(engine, 'first')
  await engine.checkpoint({ immediate: true })
  await engine.transaction(async (tx) => void tx.write(await tx.page(page), 0, text('other')))
  disk.kill(1)
  await engine.close().catch(() => {})
  disk.overwrite('pages', page * 4096 + 600, text('torn'))
  const again = await Engine.open(disk.directory, images)
  assert.equal(again.recovery.damagedPages, [])
  assert.is(await textOf(again, page, 10), 'other'.padEnd(10, '\0'))
  await again.close()
  disk.forget()
})

test('H39 transactions after a crash -> identities that no record before it has', async () => {
  const disk = new SimulatedDisk(7)
  const engine = await Engine.open(disk.directory, options)
  const page = await newPage(engine, 'a')
  const loser = await engine.begin()
  loser.write(await loser.page(page), 0, text('b'))
  const { oldestLSN: before } = engine.stats().transactions
  // Nothing of it became durable.
  disk.cutPower(survival.nothing, 1)
  await engine.close().catch(() => {})
  const again = await Engine.open(disk.directory, options)
  const end = again.recovery.endLSN
  const tx = await again.begin()
  tx.write(await tx.page(page), 0, text('c'))
  const { oldestLSN: after } = again.stats().transactions
  assert.ok(before !== undefined && after !== undefined && after >= end)
  assert.is.not(after, before)
  await tx.rollback()
  await again.close()
  disk.forget()
})

test('checkpoint while transactions run -> nobody waits for it, it names them, and a crash finds both', async () => {
  const disk = new SimulatedDisk(8)
  const engine = await Engine.open(disk.directory, options)
  const pages: number[] = []
  for (let i = 0; i < 12; i++) pages.push(await newPage(engine, `${i}`))
  const running = await engine.begin()
  running.write(await running.page(pages[0] ?? 0), 0, text('lost'))
  const checkpoint = engine.checkpoint()
  let commits = 0
  let isOver = false
  const writing = (async () => {
    for (let i = 1; !isOver || i < 12; i++) {
      const page = pages[1 + (i % 11)] ?? 0
      await engine.transaction(async (tx) => void tx.write(await tx.page(page), 10, text('new')))
      commits += 1
    }
  })()
  const report = await checkpoint
  isOver = true
  await writing
  assert.is(report.transactions, 1)
  assert.ok(report.dirtyPages > 0 && report.redoLSN <= report.checkpointLSN)
  assert.ok(commits >= 11)
  const again = await killAndOpen(disk, engine)
  assert.is(again.recovery.checkpointLSN, report.checkpointLSN)
  assert.is(again.recovery.analysis.losers, 1)
  assert.is(await textOf(again, pages[0] ?? 0, 4), '0'.padEnd(4, '\0'))
  assert.is(await textOf(again, pages[5] ?? 0, 13), '5'.padEnd(10, '\0') + 'new')
  await again.close()
  disk.forget()
})

test.run()
