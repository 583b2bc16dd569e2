// Goal: every duration falls into the bucket whose bounds hold it; nothing is lost or counted twice.
// Method: durations on and beside every bound, and random ones, against a naive count.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { DurationHistogram } from '../../lib/util/duration-histogram.ts'
import { Random } from '../support/random.ts'

test('nothing measured -> zeros', () => {
  const { count, totalMs, maxMs, upToMs, counts } = new DurationHistogram().stats()
  assert.equal([count, totalMs, maxMs], [0, 0, 0])
  assert.is(counts.length, upToMs.length + 1)
  assert.ok(counts.every((value) => value === 0))
})

test('bounds -> rise, and belong to the bucket below', () => {
  const { upToMs } = new DurationHistogram().stats()
  for (const [i, bound] of upToMs.entries()) {
    assert.ok(bound > (upToMs[i - 1] ?? 0))
    const histogram = new DurationHistogram()
    histogram.add(bound)
    histogram.add(bound * 1.001)
    const { counts, maxMs, count } = histogram.stats()
    assert.equal([counts[i], counts[i + 1], count], [1, 1, 2], `${bound} ms`)
    assert.is(maxMs, bound * 1.001)
  }
})

test('random durations -> as a naive count has them', () => {
  const random = new Random(20261121)
  const histogram = new DurationHistogram()
  const durations = Array.from({ length: 5000 }, () => 2 ** (random.below(320) / 10 - 10))
  for (const duration of durations) histogram.add(duration)
  const { upToMs, counts, count, totalMs } = histogram.stats()
  let below = 0
  for (const [i, bound] of [...upToMs, Number.POSITIVE_INFINITY].entries()) {
    below += counts[i] as number
    assert.is(below, durations.filter((duration) => duration <= bound).length, `${bound} ms`)
  }
  assert.is(count, durations.length)
  assert.ok(Math.abs(totalMs - durations.reduce((sum, ms) => sum + ms, 0)) < 1e-3)
})

test('stats -> a copy that does not change later', () => {
  const histogram = new DurationHistogram()
  const before = histogram.stats()
  histogram.add(1)
  assert.ok(before.counts.every((value) => value === 0))
  assert.ok(Object.isFrozen(before.upToMs))
})

test.run()
