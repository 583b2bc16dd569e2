// Goal: what a child says of itself before it ends is judged too: descriptors that are left open,
// a lock that is still held, a page that was wrong while it ran.
// Method: single reports.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { LogJudge, StoreJudge } from '../../../crash/process/judge.ts'

const judges = [new LogJudge(1), new StoreJudge()]

for (const [what, failure, oracle] of [
  ['the lock is still held', 'ERR_SEAWALL_LOCKED another process has this log open', 'I18'],
  ['the log is refused', 'ERR_SEAWALL_CORRUPT_LOG a segment is missing', 'I13'],
  ['a page is wrong while it runs', ' I17: page 5 is a, not b', 'I17'],
] as const) {
  test(`${what} -> ${oracle}`, () => {
    for (const judge of judges) assert.is(judge.take(['failed', failure])?.oracle, oracle)
  })
}

test('as many descriptors after it was closed as before -> all is well; more -> I18', () => {
  for (const judge of judges) {
    const closed = (descriptorsAfter: number) =>
      judge.take(['closed', { descriptorsBefore: 20, descriptorsAfter }])?.oracle
    assert.is(closed(20), undefined)
    assert.is(closed(21), 'I18')
  }
})

test.run()
