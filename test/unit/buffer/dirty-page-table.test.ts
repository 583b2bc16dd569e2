// Goal: the table always names the least LSN that a page on disk may lack, also for pages that are
// changed while a copy of them is being written (H30).
// Method: random changes and writes of a few pages; a model that keeps both LSNs of every page and
// searches them all. SEAWALL_SEED chooses the run.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { DirtyPageTable } from '../../../lib/buffer/dirty-page-table.ts'
import { Frame } from '../../../lib/buffer/frame.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { Random, seedOr } from '../../support/random.ts'

const pageCount = 12
const steps = 20_000
const pageBytes = 4096

function makeFrames(): Frame[] {
  const words = new Uint32Array((pageCount * pageBytes) / 4)
  return Array.from({ length: pageCount }, (_, i) => {
    const frame = new Frame(i, words, (i * pageBytes) / 4, pageBytes)
    frame.pageId = 100 + i
    return frame
  })
}

/** What the page on disk may lack, by page id: searched for, not kept. */
function expectedEntries(frames: readonly Frame[]): Map<number, number> {
  const entries = new Map<number, number>()
  for (const { pageId, recLSN, writingRecLSN } of frames) {
    const least = writingRecLSN || recLSN
    if (least !== 0) entries.set(pageId, least)
  }
  return entries
}

test('random changes and writes -> least recLSN, entries and order are those of the model (H30)', () => {
  const seed = seedOr(1)
  const random = new Random(seed)
  const table = new DirtyPageTable()
  const frames = makeFrames()
  let lsn = 1000
  let batch: Frame[] = []
  for (let step = 0; step < steps; step++) {
    const dice = random.below(10)
    if (dice < 7) {
      lsn += 8
      table.noteChange(random.pick(frames), lsn as LSN)
    } else if (batch.length > 0) {
      for (const frame of batch) table.endWrite(frame)
      batch = []
    } else {
      batch = [...table.frames()].slice(0, 1 + random.below(5))
      for (const frame of batch) table.beginWrite(frame)
    }
    const expected = expectedEntries(frames)
    const message = `seed ${seed}, step ${step}`
    assert.is(table.size, expected.size, message)
    assert.is(table.redoLSN(1e9 as LSN), Math.min(1e9, ...expected.values()), message)
    const entries = table.snapshot().map(({ pageId, recLSN }) => [pageId, recLSN] as const)
    assert.equal(new Map(entries), expected, message)
    assert.is(entries.length, expected.size, message)
    const inOrder = [...table.frames()].map(({ recLSN }) => recLSN)
    assert.equal(
      inOrder,
      [...inOrder].sort((a, b) => a - b),
      message,
    )
    assert.is(inOrder.includes(0 as LSN), false, message)
  }
})

test('only a copy that is being written -> its recLSN holds until it is durable', () => {
  const [frame] = makeFrames() as [Frame]
  const table = new DirtyPageTable()
  table.noteChange(frame, 40 as LSN)
  table.beginWrite(frame)
  assert.is(table.redoLSN(99 as LSN), 40)
  assert.is(frame.isDirty, true)
  table.endWrite(frame)
  assert.is(table.redoLSN(99 as LSN), 99)
  assert.is(table.size, 0)
})

test('H32 lost page -> checkpoints name it; nobody waits until it is written', () => {
  const [frame, other] = makeFrames() as [Frame, Frame]
  const table = new DirtyPageTable()
  const lost = { recLSN: 40 as LSN, lsn: 48 as LSN, code: 'ERR_SEAWALL_DAMAGED_PAGE' } as const
  table.lost.note({ pageId: frame.pageId, ...lost })
  table.noteChange(other, 60 as LSN)
  const named = [
    { pageId: frame.pageId, recLSN: 40 },
    { pageId: other.pageId, recLSN: 60 },
  ]
  assert.equal(table.snapshot(), named)
  assert.equal([table.size, table.redoLSN(99 as LSN), [...table.frames()]], [1, 60, [other]])
})

test('lost page changed, so written anew -> a dirty page like any other', () => {
  const [frame] = makeFrames() as [Frame]
  const table = new DirtyPageTable()
  table.lost.noteGivenUp(frame.pageId)
  table.noteChange(frame, 60 as LSN)
  assert.equal(table.snapshot(), [{ pageId: frame.pageId, recLSN: 60 }])
  assert.equal([table.lost.size, table.size, table.redoLSN(99 as LSN)], [0, 1, 60])
})

test.run()
