// Goal: the writer never copies a page within a change, never twice at a time, writes what it was
// asked to, and everybody who waits for it is woken (H27, H30, H42).
// Method: a data file whose writes end, or fail, when the test says so.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { DirtyPageTable } from '../../../lib/buffer/dirty-page-table.ts'
import type { Frame } from '../../../lib/buffer/frame.ts'
import { PageWriter } from '../../../lib/buffer/page-writer.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { expectError } from '../../support/expect-error.ts'
import { PageFileInMemory } from '../../support/page-file-in-memory.ts'

const frameCount = 16
const lsn = (value: number): LSN => value as LSN
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class Rig {
  readonly file = new PageFileInMemory(frameCount)
  readonly dirtyPages = new DirtyPageTable()
  readonly failures: unknown[] = []
  readonly writer = new PageWriter(this.file.asFile(), this.dirtyPages, (error) =>
    this.failures.push(error),
  )

  constructor() {
    this.file.isManual = true
  }

  /** Changes page `i + 1`, in frame `i`. */
  change(i: number, at: number): Frame {
    const frame = this.file.frame(i)
    frame.pageId = i + 1
    this.dirtyPages.noteChange(frame, lsn(at))
    this.writer.pageChanged()
    frame.pageLSN = lsn(at)
    return frame
  }

  get writing(): (readonly number[])[] {
    return this.file.pending.map(({ pageIds }) => pageIds)
  }
}

/** Whether the promise has settled, and how. */
function outcomeOf(promise: Promise<unknown>): { value: string } {
  const outcome = { value: 'pending' }
  promise.then(
    () => (outcome.value = 'resolved'),
    () => (outcome.value = 'rejected'),
  )
  return outcome
}

test('H30 change that makes too many pages dirty -> it is in the copy that is then written', async () => {
  const { file, writer, dirtyPages } = new Rig()
  file.isManual = false
  for (let i = 0; i < 9; i++) {
    const frame = file.frame(i)
    frame.pageId = i + 1
    dirtyPages.noteChange(frame, lsn(10 + i))
    writer.pageChanged()
    assert.is(file.writes, 0, 'nothing is copied between the note and the change')
    frame.pageLSN = lsn(10 + i)
  }
  await turn()
  assert.ok(file.writes > 0)
  for (const [pageId, { pageLSN }] of file.pages) assert.is(pageLSN, 9 + pageId)
  await writer.stop()
})

test('H30 page changed while its copy is written -> not copied again before that one is durable', async () => {
  const rig = new Rig()
  rig.change(0, 10)
  rig.change(1, 20)
  const first = outcomeOf(rig.writer.writeBefore(lsn(15), true))
  assert.equal(rig.writing, [[1]])
  rig.change(0, 30)
  const all = outcomeOf(rig.writer.writeBefore(lsn(100), true))
  assert.equal(rig.writing, [[1], [2]])
  await rig.file.finish()
  assert.is(first.value, 'resolved')
  assert.is(all.value, 'pending')
  assert.equal(rig.writing, [[2], [1]])
  await rig.file.finish()
  await rig.file.finish()
  assert.is(all.value, 'resolved')
  assert.is(rig.dirtyPages.size, 0)
  assert.is(rig.file.pages.get(1)?.pageLSN, 30)
})

test('pages below an LSN asked for -> those are written, younger ones are not', async () => {
  const rig = new Rig()
  for (let i = 0; i < 6; i++) rig.change(5 - i, 10 * (i + 1))
  const done = outcomeOf(rig.writer.writeBefore(lsn(55), true))
  // Oldest first; in the order of the file within a batch.
  assert.equal(rig.writing, [[3, 4, 5, 6], [2]])
  await rig.file.finish()
  assert.is(done.value, 'pending')
  await rig.file.finish()
  assert.is(done.value, 'resolved')
  assert.equal(rig.dirtyPages.snapshot(), [{ pageId: 1, recLSN: 60 }])
})

test('H42 nobody is in a hurry -> pauses between batches, and all the same it comes to its end', async () => {
  const rig = new Rig()
  rig.file.isManual = false
  for (let i = 0; i < 8; i++) rig.change(i, 10 + i)
  await rig.writer.writeBefore(lsn(100), false)
  assert.equal([rig.dirtyPages.size, rig.file.writes], [0, 2])
})

test('H42 in a pause, then in a hurry -> goes on at once', async () => {
  const rig = new Rig()
  for (let i = 0; i < 8; i++) rig.change(i, 10 + i)
  const slow = outcomeOf(rig.writer.writeBefore(lsn(100), false))
  assert.is(rig.writing.length, 1)
  // Makes the pause long.
  await new Promise((resolve) => setTimeout(resolve, 60))
  await rig.file.finish()
  assert.is(rig.writing.length, 0)
  rig.writer.hurry()
  assert.is(rig.writing.length, 1)
  await rig.file.finish()
  assert.is(slow.value, 'resolved')
})

test('H42 write fails -> reported once, whoever waits is told, nothing is written any more', async () => {
  const rig = new Rig()
  for (let i = 0; i < 8; i++) rig.change(i, 10 + i)
  const waiting = rig.writer.writeBefore(lsn(100), true)
  const cleaning = rig.writer.cleanUnpinned()
  const outcomes = [outcomeOf(waiting), outcomeOf(cleaning)]
  const error = new Error('no disk')
  await rig.file.finish(error)
  while (rig.file.pending.length > 0) await rig.file.finish()
  assert.equal(
    outcomes.map(({ value }) => value),
    ['rejected', 'rejected'],
  )
  assert.equal(rig.failures, [error])
  assert.is(await waiting.catch((caught: unknown) => caught), error)
  const { writes } = rig.file
  rig.change(9, 200)
  assert.is(await rig.writer.writeBefore(lsn(300), true).catch((caught: unknown) => caught), error)
  assert.is(await rig.writer.cleanUnpinned().catch((caught: unknown) => caught), error)
  assert.is(rig.file.writes, writes)
  const dirty = rig.dirtyPages.snapshot().map(({ pageId }) => pageId)
  // What is on disk is not known: a checkpoint must still name them.
  for (const pageId of [1, 2, 3, 4]) assert.ok(dirty.includes(pageId), `page ${pageId}`)
})

test('H42 stop while writing -> waits for that write and begins none; waiters are told', async () => {
  const rig = new Rig()
  for (let i = 0; i < 8; i++) rig.change(i, 10 + i)
  const waiting = rig.writer.writeBefore(lsn(100), false)
  const outcome = outcomeOf(waiting)
  const stopping = outcomeOf(rig.writer.stop())
  await turn()
  assert.equal([stopping.value, outcome.value, rig.writing.length], ['pending', 'pending', 1])
  await rig.file.finish()
  assert.equal([stopping.value, outcome.value, rig.writing.length], ['resolved', 'rejected', 0])
  await expectError('ERR_SEAWALL_CLOSED', () => waiting)
  rig.change(9, 200)
  await expectError('ERR_SEAWALL_CLOSED', () => rig.writer.writeBefore(lsn(300), true))
  await expectError('ERR_SEAWALL_CLOSED', () => rig.writer.cleanUnpinned())
  assert.is(rig.file.writes, 1)
})

test('H42 stop in a pause -> waiters are told', async () => {
  const rig = new Rig()
  for (let i = 0; i < 8; i++) rig.change(i, 10 + i)
  const waiting = rig.writer.writeBefore(lsn(100), false)
  await new Promise((resolve) => setTimeout(resolve, 60))
  await rig.file.finish()
  assert.is(rig.writing.length, 0)
  await rig.writer.stop()
  await expectError('ERR_SEAWALL_CLOSED', () => waiting)
})

test('frames wanted -> unpinned pages first; false when every dirty page is pinned', async () => {
  const rig = new Rig()
  for (let i = 0; i < 6; i++) rig.change(i, 10 + i).pins = i < 5 ? 1 : 0
  const cleaned = outcomeOf(rig.writer.cleanUnpinned())
  assert.equal(rig.writing, [[6]])
  await rig.file.finish()
  assert.is(cleaned.value, 'resolved')
  assert.is(await rig.writer.cleanUnpinned(), false)
})

test.run()
