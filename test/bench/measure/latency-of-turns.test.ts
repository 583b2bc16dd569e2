// Goal: what an event waits for is weighted by the time that turns take, not by their number.
// Method: turns for which the answer is known.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { shareWaitingLonger, waitPercentile } from '../../../bench/measure/latency-of-turns.ts'

const isNear = (value: number, expected: number): boolean => Math.abs(value - expected) < 0.01

test('turns of one length -> every wait up to it is as likely as any other', () => {
  assert.is(shareWaitingLonger([[100, 7]], 25), 0.75)
  assert.ok(isNear(waitPercentile([[100, 7]], 50), 50))
  assert.ok(isNear(waitPercentile([[100, 7]], 99), 99))
})

test('a long turn among many short ones -> half of the time is half of the events', () => {
  const turns = [
    [1, 1000],
    [1000, 1],
  ] as const
  assert.ok(isNear(shareWaitingLonger(turns, 1), 0.4995))
  assert.ok(isNear(waitPercentile(turns, 75), 500))
})

test('nothing measured -> no answer', () => {
  assert.ok(Number.isNaN(waitPercentile([], 50)))
})

test.run()
