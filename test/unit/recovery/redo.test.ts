// Goal: redo repeats history exactly: every record once, however often it is begun again and whatever
// was written in between; a page that cannot be used is named and never made worse (H28, H30, H35,
// H41, H56).
// Method: logs in memory with an operation that is not idempotent; pages written at random moments.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BufferPool } from '../../../lib/buffer/buffer-pool.ts'
import type { LostPage } from '../../../lib/buffer/lost-pages.ts'
import { SeawallError } from '../../../lib/errors.ts'
import { EngineRecordEncoder, noLSN } from '../../../lib/format/engine-record.ts'
import {
  pageTypeUser,
  recordCompensation,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
} from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { encodePageType, formatPageOperation } from '../../../lib/operation/page-type.ts'
import { OperationRegistry } from '../../../lib/operation/registry.ts'
import { PhaseProgress } from '../../../lib/recovery/progress.ts'
import { Redo } from '../../../lib/recovery/redo.ts'
import { expectError } from '../../support/expect-error.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'
import { PageFileInMemory } from '../../support/page-file-in-memory.ts'
import { Random, seedOr } from '../../support/random.ts'

const add = {
  name: 'add',
  redo: (body: Uint8Array, [value = 0]: Uint8Array): void => {
    if (value === 255) throw new Error('mine')
    body[0] = (body[0] ?? 0) + value
  },
  undo: (payload: Uint8Array) => ({ operation: 64, payload }),
}
const encoder = new EngineRecordEncoder()
const damagedPage = new SeawallError('ERR_SEAWALL_DAMAGED_PAGE')
const frameCount = 8

class Rig {
  readonly log = new LogInMemory()
  file = new PageFileInMemory(frameCount)
  pool = this.#newPool()
  /** Reading this page fails. */
  unreadable: number | undefined
  /** This page is found damaged by the first read of a redo, and by no other. */
  damagedOnce: number | undefined

  #newPool(): BufferPool {
    const { file } = this
    const read = file.read.bind(file)
    if (this.damagedOnce !== undefined) file.failures.set(this.damagedOnce, damagedPage)
    file.read = (frame, pageId, onDone) => {
      if (pageId !== this.unreadable) {
        return read(frame, pageId, (error) => {
          if (pageId === this.damagedOnce) file.failures.delete(pageId)
          onDone(error)
        })
      }
      queueMicrotask(() => onDone(new SeawallError('ERR_SEAWALL_IO', { page: pageId })))
    }
    return new BufferPool(file.asFile(), (error) => assert.unreachable(String(error)))
  }

  format(pageId: number): LSN {
    const payload = encodePageType(0, pageTypeUser)
    const body = encoder.update(noLSN, noLSN, pageId, formatPageOperation, payload)
    return this.log.append(body, { type: recordUpdate })
  }

  add(pageId: number, value: number, isCompensation = false): LSN {
    const payload = Uint8Array.of(value)
    if (!isCompensation) {
      const body = encoder.update(noLSN, noLSN, pageId, 64, payload)
      return this.log.append(body, { type: recordUpdate })
    }
    const body = encoder.compensation(noLSN, noLSN, noLSN, pageId, 64, payload)
    return this.log.append(body, { type: recordCompensation })
  }

  image(pageId: number, first: number, lsn = noLSN, type: number = recordPageImage): LSN {
    const body = new Uint8Array(this.file.bodyBytes)
    body[0] = first
    return this.log.append(encoder.image(pageId, pageTypeUser, lsn, body), { type })
  }

  /** Puts the page on disk as it was after the record at `pageLSN`. */
  store(pageId: number, pageLSN: LSN, first: number): void {
    const body = new Uint8Array(this.file.bodyBytes)
    body[0] = first
    this.file.pages.set(pageId, { pageLSN, pageType: pageTypeUser, body })
  }

  /** A redo as of a new process: nothing is in memory. */
  async redo(
    dirtyPages: Iterable<readonly [number, LSN]>,
    givenUpPages: readonly number[] = [],
  ): Promise<Redo> {
    this.file = this.file.reopened()
    this.pool = this.#newPool()
    for (const pageId of givenUpPages) this.pool.dirtyPages.lost.noteGivenUp(pageId)
    const operations = new OperationRegistry({ 64: add }, this.file.bodyBytes, false)
    const recLSNs = new Map(dirtyPages)
    const log = this.log.asLog()
    const redo = new Redo(log, this.pool, operations, recLSNs, frameCount)
    const from = Math.min(...recLSNs.values()) as LSN
    await redo.run(from, new PhaseProgress('redo', from, this.log.endLSN, undefined))
    assert.is(this.pool.stats().pinnedPages, 0)
    return redo
  }

  get lost(): LostPage[] {
    return [...this.pool.dirtyPages.lost.values()]
  }

  /** First byte and pageLSN. */
  async page(pageId: number): Promise<[number | undefined, LSN]> {
    const frame = await this.pool.pin(pageId)
    this.pool.unpin(frame)
    return [frame.body[0], frame.pageLSN]
  }
}

test('H35 page on disk as of any record -> the records behind it are applied, each once', async () => {
  const made = new Rig()
  const lsns = [made.format(1)]
  for (const value of [1, 2, 4, 8]) lsns.push(made.add(1, value, value === 4))
  const sums = [0, 1, 3, 7, 15]
  for (let seen = -1; seen < lsns.length; seen++) {
    if (seen >= 0) made.store(1, lsns[seen] as LSN, sums[seen] as number)
    const { counts } = await made.redo([[1, lsns[0] as LSN]])
    assert.equal(await made.page(1), [15, lsns.at(-1)], `as of record ${seen}`)
    assert.equal([counts.skippedOnPage, counts.redone], [seen + 1, 4 - seen])
  }
})

test('H35 random log, pages written at random moments, redo cut short and repeated -> the same pages', async () => {
  const first = seedOr(1)
  for (let seed = first; seed < first + 60; seed++) {
    const random = new Random(seed)
    const made = new Rig()
    const pageCount = 1 + random.below(12)
    const values = new Map<number, number>()
    const recLSNs = new Map<number, LSN>()
    const lastLSNs = new Map<number, LSN>()
    for (let step = 0; step < 80; step++) {
      const pageId = 1 + random.below(pageCount)
      const value = random.below(16)
      const isNew = !values.has(pageId)
      const lsn = isNew ? made.format(pageId) : made.add(pageId, value, random.chance(0.3))
      values.set(pageId, isNew ? 0 : ((values.get(pageId) ?? 0) + value) & 255)
      lastLSNs.set(pageId, lsn)
      if (!recLSNs.has(pageId)) recLSNs.set(pageId, lsn)
      // Written: what analysis knows of it may be older than what is on disk.
      if (random.chance(0.2)) made.store(pageId, lsn, values.get(pageId) ?? 0)
    }
    for (let repeat = 0; repeat < 3; repeat++) {
      await made.redo(recLSNs)
      for (const [pageId, value] of values) {
        const expected = [value, lastLSNs.get(pageId)]
        assert.equal(await made.page(pageId), expected, `seed ${seed}, page ${pageId}`)
      }
      // Some pages reach the disk before the next crash.
      for (const [pageId, value] of values) {
        if (random.chance(0.3)) made.store(pageId, lastLSNs.get(pageId) as LSN, value)
      }
    }
  }
})

test('H35 page not dirty, record below its recLSN -> skipped without reading the page', async () => {
  const made = new Rig()
  const [old, other] = [made.format(1), made.format(2)]
  const young = made.add(1, 1)
  made.store(1, old, 0)
  const { counts } = await made.redo([[1, young]])
  assert.equal([counts.skippedNotDirty, counts.skippedBeforeRecLSN, made.file.reads], [0, 0, 1])
  const both = await made.redo([
    [1, young],
    [7, old],
  ])
  assert.equal([both.counts.skippedNotDirty, both.counts.skippedBeforeRecLSN], [1, 1])
  assert.is(made.file.pages.has(2), false)
  assert.ok(other > old)
})

test('H30 page that redo changes -> dirty from its first redone record on', async () => {
  const made = new Rig()
  const formatted = made.format(1)
  const missing = made.add(1, 1)
  made.add(1, 2)
  made.store(1, formatted, 0)
  await made.redo([[1, formatted]])
  assert.equal(made.pool.dirtyPages.snapshot(), [{ pageId: 1, recLSN: missing }])
})

test('H28 damaged page with an image or a format in the log -> whole again', async () => {
  for (const how of ['image', 'format'] as const) {
    const made = new Rig()
    made.file.failures.set(1, new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page: 1 }))
    // What stands in the header of a damaged page may be anything.
    made.store(1, 1e9 as LSN, 99)
    const lost = made.add(1, 1)
    if (how === 'image') made.image(1, 5)
    else made.format(1)
    const last = made.add(1, 2)
    const redo = await made.redo([[1, lost]])
    assert.equal(await made.page(1), [how === 'image' ? 7 : 2, last])
    assert.is(made.pool.dirtyPages.lost.size, 0)
    assert.is(redo.counts.skippedDamaged, 1)
    assert.is(made.pool.peek(1)?.failure, undefined)
    assert.is(made.pool.peek(1)?.pageType, pageTypeUser)
  }
})

test('H56 page ahead of the log -> left alone and named, also when there is an image', async () => {
  const made = new Rig()
  const failure = new SeawallError('ERR_SEAWALL_PAGE_AHEAD_OF_LOG', { page: 1 })
  made.file.failures.set(1, failure)
  made.store(1, 1e9 as LSN, 99)
  const first = made.image(1, 5)
  made.add(1, 1)
  const [, last] = [made.format(2), made.add(2, 3)]
  await made.redo([
    [1, first],
    [2, first],
  ])
  assert.equal(made.lost, [
    { pageId: 1, recLSN: noLSN, lsn: first, code: 'ERR_SEAWALL_PAGE_AHEAD_OF_LOG' },
  ])
  assert.is(made.pool.peek(1)?.failure, failure)
  assert.equal([await made.page(1), made.pool.dirtyPages.size], [[99, 1e9], 1])
  assert.equal(await made.page(2), [3, last])
})

test('H56 damaged page, or one whose write was lost -> named with its first record, not touched', async () => {
  const made = new Rig()
  made.file.failures.set(1, new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page: 1 }))
  const [damaged, lost] = [made.add(1, 1), made.add(2, 1)]
  made.add(1, 1)
  made.add(2, 1)
  const redo = await made.redo([
    [1, damaged],
    [2, damaged],
  ])
  assert.equal(made.lost, [
    { pageId: 1, recLSN: damaged, lsn: damaged, code: 'ERR_SEAWALL_DAMAGED_PAGE' },
    { pageId: 2, recLSN: damaged, lsn: lost, code: 'ERR_SEAWALL_DAMAGED_PAGE' },
  ])
  assert.equal([redo.counts.redone, made.pool.dirtyPages.size], [0, 0])
  assert.is(made.pool.peek(2)?.failure?.code, 'ERR_SEAWALL_DAMAGED_PAGE')
})

test('H35 H56 damaged page that can be read again during the redo -> no later record is applied to it', async () => {
  const made = new Rig()
  const others = Array.from({ length: 2 * frameCount }, (_, i) => 10 + i)
  const formatted = made.format(1)
  for (const pageId of others) made.format(pageId)
  made.store(1, formatted, 0)
  const first = made.add(1, 1)
  // Each round needs more pages than there are frames.
  for (let round = 0; round < 3; round++) {
    for (const pageId of others) made.add(pageId, 1)
    made.add(1, 2)
  }
  const dirty = [[1, first], ...others.map((pageId) => [pageId, formatted])] as [number, LSN][]
  made.damagedOnce = 1
  const { counts } = await made.redo(dirty)
  const code = 'ERR_SEAWALL_DAMAGED_PAGE'
  assert.equal(made.lost, [{ pageId: 1, recLSN: first, lsn: first, code }])
  assert.is(counts.skippedDamaged, 4)
  assert.is((await made.page(1))[1], formatted)
  assert.is(made.pool.peek(1)?.failure?.code, code)
  // The next restart can read it.
  made.damagedOnce = undefined
  await made.redo(dirty)
  assert.equal([made.lost, (await made.page(1))[0]], [[], 7])
})

test('H56 page that was given up and reads well -> not believed, whatever its pageLSN says', async () => {
  const made = new Rig()
  const first = made.add(1, 1)
  const last = made.add(1, 2)
  for (const pageLSN of [noLSN, first, last]) {
    made.store(1, pageLSN, 77)
    const { counts } = await made.redo([[1, first]], [1, 2])
    assert.equal([counts.skippedDamaged, counts.redone, counts.skippedOnPage], [2, 0, 0])
    assert.equal(
      made.lost.map(({ pageId, recLSN }) => [pageId, recLSN]),
      [
        [1, noLSN],
        [2, noLSN],
      ],
    )
    assert.is(made.pool.peek(1)?.failure?.code, 'ERR_SEAWALL_DAMAGED_PAGE')
  }
})

test('page that was given up, then an image or a format in the log -> whole from there on', async () => {
  for (const how of ['image', 'format'] as const) {
    const made = new Rig()
    const first = made.add(1, 1)
    if (how === 'image') made.image(1, 5)
    else made.format(1)
    const last = made.add(1, 2)
    for (const pageLSN of [noLSN, first, last]) {
      made.store(1, pageLSN, 77)
      await made.redo([[1, first]], [1])
      assert.equal([made.lost, await made.page(1)], [[], [how === 'image' ? 7 : 2, last]])
    }
  }
})

test('H41 record that cannot be applied, page that cannot be read -> error, nothing stays pinned', async () => {
  const made = new Rig()
  const first = made.format(1)
  const bad = made.add(1, 255)
  const error = await expectError('ERR_SEAWALL_OPERATION_FAILED', () => made.redo([[1, first]]))
  assert.equal([error.lsn, error.page], [bad, 1])
  assert.is(made.pool.stats().pinnedPages, 0)
  const unreadable = new Rig()
  const dirty = [1, 2, 3].map((pageId) => [pageId, unreadable.format(pageId)] as const)
  unreadable.unreadable = 2
  await expectError('ERR_SEAWALL_IO', () => unreadable.redo(dirty))
  assert.is(unreadable.pool.stats().pinnedPages, 0)
})

test('consistency mode -> a page other than the one that was logged is an error with its LSN', async () => {
  const made = new Rig()
  const first = made.format(1)
  const lsn = made.add(1, 1)
  made.image(1, 1, lsn, recordPageCheck)
  const { counts } = await made.redo([[1, first]])
  assert.is(counts.checked, 1)
  const wrong = made.add(1, 1)
  made.image(1, 9, wrong, recordPageCheck)
  const error = await expectError('ERR_SEAWALL_REDO_MISMATCH', () => made.redo([[1, first]]))
  assert.equal([error.lsn, error.page], [wrong, 1])
})

test.run()
