// Goal: the time of a stall is divided among collections, waiting and the rest.
// Method: stalls with made-up collections and timer ticks.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { causesOf, overlapMs } from '../../../bench/measure/stall-causes.ts'

const stall = { beganMs: 10, endedMs: 20 }

test('spans before, across and after -> only what lies within counts', () => {
  const others = [
    { beganMs: 0, endedMs: 9 },
    { beganMs: 9, endedMs: 12 },
    { beganMs: 19, endedMs: 30 },
    { beganMs: 30, endedMs: 31 },
  ]
  assert.is(overlapMs(stall, others), 3)
})

test('ticks go on all the time -> the stall was a wait', () => {
  const ticks = Array.from({ length: 31 }, (_, i) => i)
  const causes = causesOf(stall, [], ticks, 1)
  assert.equal(causes, { totalMs: 10, collectionMs: 0, waitMs: 10, busyMs: 0 })
})

test('no tick and a collection -> what is left is busy', () => {
  const collections = [{ beganMs: 12, endedMs: 18 }]
  const causes = causesOf(stall, collections, [9, 21], 1)
  assert.equal(causes, { totalMs: 10, collectionMs: 6, waitMs: 0, busyMs: 4 })
})

test('a wait, then a collection -> both', () => {
  const collections = [{ beganMs: 14, endedMs: 20 }]
  const causes = causesOf(stall, collections, [10, 11, 12, 13, 14, 20], 1)
  assert.equal(causes, { totalMs: 10, collectionMs: 6, waitMs: 4, busyMs: 0 })
})

test.run()
