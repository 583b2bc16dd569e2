// Goal: pages that lack a change which a checkpoint says was on disk are told from those that redo
// will bring up to date; damaged pages that the log makes whole from those that it does not.
// Method: pages and records by hand.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { recordPageImage, recordUpdate } from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import { PageHistory } from '../../../../lib/inspection/verify/page-history.ts'
import { PagesSeen } from '../../../../lib/inspection/verify/pages-seen.ts'
import type { PageCondition } from '../../../../lib/inspection/survey/survey-types.ts'

const lsn = (value: number): LSN => value as LSN
const format = 2
const write = 1
const checkpointLSN = lsn(1000)

function page(
  pageId: number,
  pageLSN: number,
  condition: PageCondition['condition'] = 'valid',
): PageCondition {
  return { pageId, pageLSN: lsn(pageLSN), condition, pageType: 2 }
}

function seenOf(...pages: PageCondition[]): PagesSeen {
  const seen = new PagesSeen({ pageBytes: 4096, pages: 10, createdAtMs: 0, copies: [] })
  for (const one of pages) seen.note(one)
  return seen
}

test('page with its last change, or dirty, or changed after the checkpoint -> not behind', () => {
  const seen = seenOf(page(2, 500), page(3, 100), page(4, 100))
  const history = new PageHistory(seen, checkpointLSN, new Set([3]))
  history.take(lsn(400), recordUpdate, 2, write)
  history.take(lsn(500), recordUpdate, 2, write)
  history.take(lsn(600), recordUpdate, 3, write)
  history.take(lsn(1100), recordUpdate, 4, write)
  assert.equal(history.behind(), [])
})

test('clean page without its last change before the checkpoint -> behind, at that change', () => {
  const history = new PageHistory(seenOf(page(2, 500)), checkpointLSN, new Set())
  history.take(lsn(600), recordUpdate, 2, write)
  history.take(lsn(700), recordUpdate, 2, write)
  history.take(lsn(1100), recordUpdate, 2, write)
  assert.equal(history.behind(), [{ pageId: 2, lsn: 700 }])
})

test('page that was never written, with records -> behind', () => {
  const seen = seenOf(page(2, 0, 'never written'))
  const history = new PageHistory(seen, checkpointLSN, new Set())
  history.take(lsn(600), recordUpdate, 2, format)
  assert.equal(history.behind(), [{ pageId: 2, lsn: 600 }])
})

test('damaged page -> made whole by an image or a format at or behind its recLSN only', () => {
  const seen = seenOf(page(2, 0, 'damaged'), page(3, 0, 'unreadable'), page(4, 0, 'damaged'))
  const history = new PageHistory(seen, checkpointLSN, new Set())
  history.take(lsn(1100), recordPageImage, 2, 0)
  history.take(lsn(1200), recordUpdate, 2, write)
  history.take(lsn(1300), recordUpdate, 3, format)
  history.take(lsn(1400), recordUpdate, 4, write)
  assert.ok(history.isMadeWhole(2, lsn(1100)))
  assert.not(history.isMadeWhole(2, lsn(1150)))
  assert.ok(history.isMadeWhole(3, lsn(900)))
  assert.not(history.isMadeWhole(4, lsn(900)))
  assert.not(history.isMadeWhole(2, undefined), 'it is not dirty, so redo leaves it alone')
  assert.equal(history.behind(), [])
})

test('page beyond the data file -> remembered with its last record', () => {
  const history = new PageHistory(seenOf(), checkpointLSN, new Set())
  history.take(lsn(600), recordUpdate, 10, write)
  history.take(lsn(700), recordUpdate, 10, write)
  assert.equal([...history.beyondFile()], [[10, 700]])
})

test('copy of a damaged page -> stands for it; read again and whole -> no longer damaged', () => {
  const seen = seenOf(page(2, 0, 'damaged'), page(3, 0, 'damaged'))
  assert.is(seen.pageLSN(2), undefined)
  seen.noteCopy(2, lsn(700))
  seen.note(page(3, 800))
  assert.is(seen.pageLSN(2), 700)
  assert.is(seen.pageType(2), undefined, 'what the copy is was not looked at')
  assert.is(seen.pageLSN(3), 800)
  assert.equal(seen.damaged(), [])
  assert.equal([...seen.beyond(lsn(800))], [{ pageId: 3, pageLSN: 800 }])
})

test.run()
