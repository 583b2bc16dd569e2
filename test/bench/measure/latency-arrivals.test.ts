// Goal: arrivals are those of a Poisson process at the rate that was asked for, the same for a seed.
// Method: the mean and the spread of many gaps.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { poissonGapsMs } from '../../../bench/measure/latency-arrivals.ts'

const count = 100_000

test('many gaps -> their mean is the one of the rate, a 1/e of them is longer than it', () => {
  const gap = poissonGapsMs(50_000, 3)
  const gaps = Array.from({ length: count }, gap)
  const mean = gaps.reduce((sum, value) => sum + value, 0) / count
  assert.ok(Math.abs(mean / 0.02 - 1) < 0.02, `mean ${mean}`)
  const longer = gaps.filter((value) => value > 0.02).length / count
  assert.ok(Math.abs(longer - Math.exp(-1)) < 0.01, `share ${longer}`)
  assert.ok(gaps.every((value) => value >= 0 && Number.isFinite(value)))
})

test('the same seed -> the same arrivals; another -> others', () => {
  const first = (seed: number) => Array.from({ length: 5 }, poissonGapsMs(1000, seed))
  assert.equal(first(9), first(9))
  assert.not.equal(first(9), first(10))
})

test.run()
