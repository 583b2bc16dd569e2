// Goal: one page has one frame, whoever asks for it at once; pins and frames are given back on every
// path; whoever waits for a frame is woken or told; undo finds one always (H41, H42, H58).
// Method: a data file whose reads and writes end, or fail, when the test says so.
import { setTimeout as delay } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BufferPool } from '../../../lib/buffer/buffer-pool.ts'
import type { Frame } from '../../../lib/buffer/frame.ts'
import { undoFrameCount, type Undoing } from '../../../lib/buffer/undo-frames.ts'
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

/** Frames that everybody may take. */
const ordinaryCount = ({ file: { frameCount } }: Rig): number =>
  frameCount - undoFrameCount(frameCount)

/** Pins pages in every frame; what is returned lets all of them go. */
async function pinEveryFrame(made: Rig): Promise<() => void> {
  const { pool } = made
  const frames: Frame[] = []
  for (let i = 0; i < ordinaryCount(made); i++) frames.push(await pool.pin(100 + i))
  return () => {
    for (const frame of frames) pool.unpin(frame)
  }
}

/** As many pages as there are frames can still be pinned: none is lost, none is held. */
async function assertNothingLost(made: Rig): Promise<void> {
  const { file, pool } = made
  file.isManual = false
  while (file.pending.length > 0) await file.finish()
  assert.is(pool.stats().pinnedPages, 0)
  const frames: Frame[] = []
  for (let i = 0; i < ordinaryCount(made); i++) frames.push(await pool.pin(1000 + i))
  const by = undoing()
  for (let i = 0; i < undoFrameCount(file.frameCount); i++) {
    frames.push(await pool.pin(2000 + i, by))
  }
  assert.is(new Set(frames).size, file.frameCount)
  for (const frame of frames) pool.unpin(frame)
  pool.undoIsOver(by)
}

/** A transaction, a record of which is being undone. */
const undoing = (): Undoing => ({ undosRunning: 1 })

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
    const made = rig(5)
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

test('H42 transactions pin every frame that they may -> undo of a record still gets some', async () => {
  const made = rig(16)
  const { pool } = made
  const letGo = await pinEveryFrame(made)
  assert.is(pool.stats().pinnedPages, 12)
  const by = undoing()
  const frames = [
    await pool.pin(1, by),
    await pool.pin(2, by),
    await pool.pinUnread(3, by),
    await pool.pin(4, by),
  ]
  assert.equal(
    frames.map(({ pageId }) => pageId),
    [1, 2, 3, 4],
  )
  assert.is(await pool.pin(1, by), frames[0])
  assert.equal([pool.stats().pinnedPages, pool.stats().cachedPages], [16, 16])
  assert.is(pool.peek(1), frames[0])
  pool.unpin(frames[0] as Frame)
  for (const frame of frames) pool.unpin(frame)
  pool.undoIsOver(by)
  letGo()
  await assertNothingLost(made)
})

test('H42 transaction that undoes nothing -> gets no frame kept for undo', async () => {
  const made = rig(16)
  const { pool } = made
  const letGo = await pinEveryFrame(made)
  const none = { undosRunning: 0 }
  const code = 'ERR_SEAWALL_BUFFER_POOL_FULL'
  await Promise.all([
    expectError(code, () => pool.pin(1, none)),
    expectError(code, () => pool.pinUnread(1, none)),
  ])
  letGo()
  await assertNothingLost(made)
})

test('H42 one undo has frames kept for it -> another waits until it is over, however long; in turn', async () => {
  const made = rig(16)
  const { pool } = made
  const letGo = await pinEveryFrame(made)
  const transactions = [undoing(), undoing(), undoing()] as const
  const first = await pool.pin(1, transactions[0])
  const order: number[] = []
  const waiting = transactions.slice(1).map(async (by, i) => {
    // Two pages at once, of which one is in memory.
    const frames = await Promise.all([pool.pin(10 + i, by), pool.pin(1, by)])
    order.push(i)
    for (const frame of frames) pool.unpin(frame)
    await turn()
    pool.undoIsOver(by)
  })
  await delay(1100)
  assert.equal(order, [])
  pool.unpin(first)
  await turn()
  assert.equal(order, [], 'its undo is not over')
  pool.undoIsOver(transactions[0])
  await Promise.all(waiting)
  assert.equal(order, [0, 1])
  letGo()
  await assertNothingLost(made)
})

test('H42 pages in frames for undo are dirty -> the next undo waits until one is written', async () => {
  const made = rig(16)
  const { file, pool } = made
  const letGo = await pinEveryFrame(made)
  const by = undoing()
  const frames = await Promise.all([1, 2, 3, 4].map(async (pageId) => pool.pin(pageId, by)))
  for (const frame of frames) {
    change(pool, frame, 10 * frame.pageId)
    pool.unpin(frame)
  }
  pool.undoIsOver(by)
  file.isManual = true
  const waiting = pool.pin(5, by)
  await turn()
  assert.equal(file.pending[0]?.pageIds, [1, 2, 3, 4])
  await file.finish()
  await file.finish()
  pool.unpin(await waiting)
  pool.undoIsOver(by)
  letGo()
  await assertNothingLost(made)
})

test('H58 page in a frame for undo, asked for by others -> same frame; another one is kept', async () => {
  for (const ask of ['pin', 'pinUnread'] as const) {
    const made = rig(16)
    const { file, pool } = made
    const letGo = await pinEveryFrame(made)
    const by = undoing()
    file.isManual = true
    const reading = pool.pin(1, by)
    await turn()
    const waiting = pool[ask](1)
    letGo()
    await turn()
    file.isManual = false
    await file.finish()
    const [undone, other] = [await reading, await waiting]
    assert.is(undone, other, ask)
    assert.equal([undone.pins, undone.isForUndo, file.reads], [2, false, 13], ask)
    pool.unpin(undone)
    pool.undoIsOver(by)
    assert.is(pool.pin(1), other, ask)
    pool.unpin(other)
    pool.unpin(other)
    await assertNothingLost(made)
  }
})

test('H41 read for undo fails -> told, and the frame is kept for undo again', async () => {
  const made = rig(4)
  const { file, pool } = made
  const letGo = await pinEveryFrame(made)
  file.isManual = true
  const by = undoing()
  const outcome = expectError('ERR_SEAWALL_IO', () => pool.pin(1, by))
  await turn()
  await file.finish(new SeawallError('ERR_SEAWALL_IO', { page: 1 }))
  await outcome
  pool.undoIsOver(by)
  letGo()
  await assertNothingLost(made)
})

test('H42 undo is over before it had its turn -> told, and the turn is the next one’s', async () => {
  const made = rig(4)
  const { pool } = made
  const letGo = await pinEveryFrame(made)
  const [owner, next] = [undoing(), undoing()]
  const over = { undosRunning: 1 }
  pool.unpin(await pool.pin(1, owner))
  const outcome = expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => pool.pin(2, over))
  const waiting = pool.pin(3, next)
  await turn()
  over.undosRunning = 0
  pool.undoIsOver(over)
  await outcome
  pool.undoIsOver(owner)
  pool.unpin(await waiting)
  pool.undoIsOver(next)
  letGo()
  await assertNothingLost(made)
})

test('H42 one undo holds every frame kept for undo and wants more -> typed error, not for ever', async () => {
  const made = rig(8)
  const { pool } = made
  const letGo = await pinEveryFrame(made)
  const by = undoing()
  const frames = [await pool.pin(1, by), await pool.pin(2, by)]
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', () => pool.pin(3, by))
  for (const frame of frames) pool.unpin(frame)
  pool.undoIsOver(by)
  letGo()
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
