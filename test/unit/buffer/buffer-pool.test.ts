// Goal: one page has one frame, whoever asks for it at once; pins and frames are given back on every
// path; whoever waits for a frame is woken or told (H41, H42, H58).
// Method: a data file whose reads and writes end, or fail, when the test says so.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BufferPool } from '../../../lib/buffer/buffer-pool.ts'
import type { Frame } from '../../../lib/buffer/frame.ts'
import { SeawallError } from '../../../lib/errors.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { expectError } from '../../support/expect-error.ts'
import { PageFileInMemory } from '../../support/page-file-in-memory.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Rig {
  file: PageFileInMemory
  pool: BufferPool
}

function rig(frameCount: number): Rig {
  const file = new PageFileInMemory(frameCount)
  const pool = new BufferPool(file.asFile(), (error) => assert.unreachable(String(error)))
  return { file, pool }
}

function change(pool: BufferPool, frame: Frame, lsn: number): void {
  pool.noteChange(frame, lsn as LSN)
  frame.pageLSN = lsn as LSN
}

/** Pins pages in every frame; what is returned lets all of them go. */
async function pinEveryFrame({ file, pool }: Rig): Promise<() => void> {
  const frames: Frame[] = []
  for (let i = 0; i < file.frameCount; i++) frames.push(await pool.pin(100 + i))
  return () => {
    for (const frame of frames) pool.unpin(frame)
  }
}

/** As many pages as there are frames can still be pinned: none is lost, none is held. */
async function assertNothingLost({ file, pool }: Rig): Promise<void> {
  file.isManual = false
  while (file.pending.length > 0) await file.finish()
  assert.is(pool.stats().pinnedPages, 0)
  const frames: Frame[] = []
  for (let i = 0; i < file.frameCount; i++) frames.push(await pool.pin(1000 + i))
  assert.is(new Set(frames).size, file.frameCount)
  for (const frame of frames) pool.unpin(frame)
}

test('H58 page asked for by two while it is read -> one read, one frame, given out when it is there', async () => {
  const made = rig(4)
  const { file, pool } = made
  file.isManual = true
  const asked = [pool.pin(7), pool.pin(7)]
  assert.ok(asked.every((one) => one instanceof Promise))
  await turn()
  assert.is(pool.peek(7), undefined)
  await file.finish()
  const [one, two] = await Promise.all(asked.map(async (frame) => frame))
  assert.is(one, two)
  assert.equal([file.reads, one?.pins], [1, 2])
  for (const frame of [one, two]) pool.unpin(frame as Frame)
  await assertNothingLost(made)
})

test('H58 page asked for by two while both wait for a frame -> one frame, the other is given back', async () => {
  for (const ask of ['pin', 'pinUnread'] as const) {
    const made = rig(2)
    const { pool } = made
    const unpinAll = await pinEveryFrame(made)
    const asked = [1, 2].map(async () => pool[ask](7))
    await turn()
    unpinAll()
    const [one, two] = await Promise.all(asked.map(async (frame) => frame))
    assert.is(one, two, ask)
    assert.is(one?.pins, 2, ask)
    for (const frame of [one, two]) pool.unpin(frame as Frame)
    await assertNothingLost(made)
  }
})

test('H58 several pages asked for while frames run out -> each gets a frame of its own', async () => {
  for (const isDirty of [false, true]) {
    const made = rig(4)
    const { file, pool } = made
    const unpinAll = await pinEveryFrame(made)
    if (isDirty) for (let i = 0; i < 4; i++) change(pool, file.frame(i), 10 + i)
    file.isManual = true
    const asked = [1, 2, 3, 4].map(async (pageId) => pool.pin(pageId))
    await turn()
    unpinAll()
    await turn()
    file.isManual = false
    while (file.pending.length > 0) await file.finish()
    const frames = await Promise.all(asked.map(async (frame) => frame))
    assert.equal(
      frames.map(({ pageId }) => pageId),
      [1, 2, 3, 4],
    )
    assert.is(new Set(frames).size, 4)
    for (const frame of frames) pool.unpin(frame)
    await assertNothingLost(made)
  }
})

test('H41 read fails -> everybody who asked is told, the frame is free, the next pin reads again', async () => {
  const made = rig(1)
  const { file, pool } = made
  file.isManual = true
  const asked = [pool.pin(7), pool.pin(7)]
  await turn()
  const outcomes = Promise.allSettled(asked.map(async (frame) => frame))
  await file.finish(new SeawallError('ERR_SEAWALL_IO', { page: 7 }))
  for (const { status } of await outcomes) assert.is(status, 'rejected')
  assert.equal([pool.stats().pinnedPages, pool.stats().cachedPages], [0, 0])
  const again = pool.pin(7)
  await turn()
  await file.finish()
  assert.is((await again).pins, 1)
  pool.unpin(await again)
  await assertNothingLost(made)
})

test('H58 dirty or pinned pages -> not given up; what was wrong with a page is forgotten with it', async () => {
  const made = rig(3)
  const { file, pool } = made
  const [pinned, dirty, damaged] = [await pool.pin(1), await pool.pin(2), await pool.pin(3)]
  change(pool, dirty, 10)
  pool.dirtyPages.beginWrite(dirty)
  pool.unpin(dirty)
  damaged.failure = new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page: 3 })
  pool.unpin(damaged)
  const other = await pool.pin(4)
  assert.is(other, damaged)
  assert.is(other.failure, undefined)
  assert.equal([pool.pin(1), pool.pin(2)], [pinned, dirty])
  assert.is(file.reads, 4)
})

test('H42 every page pinned, then one is let go -> whoever waits gets its frame', async () => {
  const made = rig(2)
  const { pool } = made
  const [one, two] = [await pool.pin(1), await pool.pin(2)]
  const startedAt = performance.now()
  const waiting = pool.pin(3)
  await turn()
  pool.unpin(one)
  assert.is((await waiting).pageId, 3)
  assert.ok(performance.now() - startedAt < 500, 'woken, not timed out')
  pool.unpin(two)
  pool.unpin(await waiting)
  await assertNothingLost(made)
})

test('H42 every page stays pinned -> typed error, and nothing is lost', async () => {
  const made = rig(2)
  const { pool } = made
  const frames = [await pool.pin(1), await pool.pin(2)]
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', () => pool.pin(3))
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', () => pool.pinUnread(3))
  for (const frame of frames) pool.unpin(frame)
  await assertNothingLost(made)
})

test('page whose content does not matter -> empty without a read; one in memory stays as it is', async () => {
  const made = rig(2)
  const { file, pool } = made
  file.pages.set(7, { pageLSN: 40 as LSN, pageType: 2, body: new Uint8Array(8).fill(1) })
  const empty = await pool.pinUnread(7)
  assert.equal([empty.pageId, empty.pageLSN, empty.body[0], file.reads], [7, 0, 0, 0])
  change(pool, empty, 50)
  assert.is(await pool.pinUnread(7), empty)
  assert.is(empty.pageLSN, 50)
})

test('H56 lost page that reads well -> refused with every read, until it is changed', async () => {
  const made = rig(4)
  const { file, pool } = made
  file.failures.set(7, new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page: 7 }))
  const damaged = await pool.pin(7)
  pool.noteLost(damaged, 40 as LSN, 48 as LSN)
  pool.unpin(damaged)
  file.failures.clear()
  const letGo = await pinEveryFrame(made)
  letGo()
  for (let i = 0; i < 2; i++) {
    const again = await pool.pin(7)
    assert.is(again.failure?.code, 'ERR_SEAWALL_DAMAGED_PAGE')
    assert.match(again.failure?.message ?? '', /could not be redone/)
    pool.unpin(again)
    const letGoAgain = await pinEveryFrame(made)
    letGoAgain()
  }
  assert.equal(pool.dirtyPages.snapshot(), [{ pageId: 7, recLSN: 40 }])
  const anew = await pool.pinUnread(7)
  change(pool, anew, 80)
  assert.equal(pool.dirtyPages.snapshot(), [{ pageId: 7, recLSN: 80 }])
  pool.unpin(anew)
})

test('H56 page ahead of the log is lost -> given up at once, with what was wrong', async () => {
  const { file, pool } = rig(4)
  file.failures.set(7, new SeawallError('ERR_SEAWALL_PAGE_AHEAD_OF_LOG', { page: 7 }))
  const ahead = await pool.pin(7)
  pool.noteLost(ahead, 40 as LSN, 48 as LSN)
  pool.unpin(ahead)
  const code = 'ERR_SEAWALL_PAGE_AHEAD_OF_LOG'
  assert.equal([...pool.dirtyPages.lost.values()], [{ pageId: 7, recLSN: 0, lsn: 48, code }])
})

test.run()
