// Goal: a page that lacks changes of the log is known as such until it is written anew, with the
// LSN from which its redo needs the log, or as given up (H32, H40).
// Method: a few pages, noted in several orders.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { type LostPage, LostPages } from '../../../lib/buffer/lost-pages.ts'
import type { LSN } from '../../../lib/format/lsn.ts'

function lostPage(pageId: number, recLSN: number, lsn = recLSN): LostPage {
  return {
    pageId,
    recLSN: recLSN as LSN,
    lsn: lsn as LSN,
    code: 'ERR_SEAWALL_DAMAGED_PAGE',
  }
}

test('H32 page noted again -> the least recLSN and the first record stay; given up for good', () => {
  const lost = new LostPages()
  lost.note(lostPage(7, 40, 48))
  lost.note(lostPage(7, 56, 64))
  assert.equal([...lost.values()], [lostPage(7, 40, 48)])
  lost.note(lostPage(7, 32, 72))
  assert.equal([...lost.values()], [lostPage(7, 32, 48)])
  lost.noteGivenUp(7)
  lost.note(lostPage(7, 80))
  assert.equal([...lost.values()], [lostPage(7, 0, 48)])
  assert.equal([lost.size, lost.has(7), lost.has(8)], [1, true, false])
})

test('H40 pages given up before an LSN -> the others go on holding the log', () => {
  const lost = new LostPages()
  assert.is(lost.oldest(), undefined)
  for (const [pageId, recLSN] of [
    [1, 80],
    [2, 40],
    [3, 60],
  ] as const) {
    lost.note(lostPage(pageId, recLSN))
  }
  assert.is(lost.oldest()?.pageId, 2)
  lost.giveUpBefore(60 as LSN)
  assert.is(lost.oldest()?.pageId, 3)
  assert.equal(lost.entries(), [
    { pageId: 1, recLSN: 80 },
    { pageId: 2, recLSN: 0 },
    { pageId: 3, recLSN: 60 },
  ])
  lost.giveUpBefore(1000 as LSN)
  assert.is(lost.oldest(), undefined)
  assert.is(lost.size, 3)
})

test('page made whole -> forgotten, and lost anew when it is noted again', () => {
  const lost = new LostPages()
  lost.noteGivenUp(7)
  lost.madeWhole(7)
  lost.madeWhole(8)
  assert.equal([lost.size, lost.entries()], [0, []])
  lost.note(lostPage(7, 80))
  assert.equal(lost.entries(), [{ pageId: 7, recLSN: 80 }])
})

test.run()
