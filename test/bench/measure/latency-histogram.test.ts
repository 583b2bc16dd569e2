// Goal: percentiles, shares and merged runs are those of the values that were recorded.
// Method: known values, and a sorted array as the model for values over nine decades.
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  LatencyHistogram,
  logarithmicGrid,
  mergeBuckets,
  percentileOf,
  sharesAt,
} from '../../../bench/measure/latency-histogram.ts'

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

// A bucket is 1.6 % wide at most, and its middle stands for it; below 4 us a unit is more than that.
const isClose = (measured: number, exact: number): boolean =>
  Math.abs(measured - exact) <= Math.max(0.04, exact * 0.01)

test('any values -> every percentile is that of the sorted values, but for the width of a bucket', () => {
  const exponents = fc.array(fc.double({ min: -1, max: 8, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(exponents, fc.integer({ min: 1, max: 1000 }), (logs, permille) => {
      const values = logs.map((log) => 10 ** log).sort((a, b) => a - b)
      const rank = Math.ceil((values.length * permille) / 1000)
      const exact = values[rank - 1] as number
      const measured = histogramOf(values).percentile(permille / 10)
      assert.ok(isClose(measured, exact), `${measured} for ${exact}`)
    }),
    { seed: 1 },
  )
})

test('count and longest -> exact', () => {
  const histogram = histogramOf([3, 1_000_003, 7])
  assert.is(histogram.count, 3)
  assert.is(histogram.maxUs, 1_000_003)
})

test('nothing, below zero, beyond the last bucket -> NaN, 0, the last bucket', () => {
  assert.ok(Number.isNaN(new LatencyHistogram().percentile(50)))
  assert.is(histogramOf([-5]).percentile(50), 0)
  assert.ok(histogramOf([1e12]).percentile(50) > 2.6e8)
})

test('runs merged -> as if they had been one', () => {
  const merged = mergeBuckets([histogramOf([1, 5, 90]), histogramOf([5, 2]), []].map(bucketsOf))
  assert.equal(merged, histogramOf([1, 2, 5, 5, 90]).buckets())
  assert.is(percentileOf(merged, 50), histogramOf([5]).percentile(50))
})

function bucketsOf(histogram: LatencyHistogram | never[]) {
  return histogram instanceof LatencyHistogram ? histogram.buckets() : []
}

test('shares at given latencies -> rise from none to all', () => {
  const buckets = histogramOf([1, 2, 2, 100]).buckets()
  assert.equal(sharesAt(buckets, [0.5, 1.5, 50, 200]), [0, 0.25, 0.75, 1])
})

test('a grid -> equal factors, past the end', () => {
  const grid = logarithmicGrid(1, 90, 1)
  assert.equal(grid, [1, 10, 100])
})

test.run()
