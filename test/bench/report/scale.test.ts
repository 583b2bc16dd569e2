// Goal: axes have round ticks, hold every value, and put values where they belong.
// Method: known ranges, and random ones from a seed.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { roundStep, scaleOf } from '../../../bench/report/scale.ts'
import { tickText } from '../../../bench/report/tick-text.ts'
import type { Axis } from '../../../bench/result/plot.ts'
import { Random } from '../../support/random.ts'

const linear: Axis = { label: 'a', unit: 'ms', scale: 'linear' }
const log: Axis = { label: 'a', unit: 'us', scale: 'log' }
const counted: Axis = { label: 'committers', scale: 'log' }

const cases = [
  { name: 'linear from near 0', axis: linear, values: [3, 97], ticks: [0, 20, 40, 60, 80, 100] },
  { name: 'linear far from 0', axis: linear, values: [92, 99], ticks: [92, 94, 96, 98, 100] },
  { name: 'fractions', axis: linear, values: [0.1, 0.5], ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5] },
  { name: 'below 0', axis: linear, values: [-4, 4], ticks: [-4, -2, 0, 2, 4] },
  { name: 'a single 0', axis: linear, values: [0], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
  { name: 'log, short', axis: log, values: [13, 80], ticks: [10, 20, 50, 100] },
  { name: 'log, long', axis: log, values: [3, 4e6], ticks: [10, 1e3, 1e5] },
  {
    name: 'log ignores what has no place',
    axis: log,
    values: [0, -3, 13, 80],
    ticks: [10, 20, 50, 100],
  },
  { name: 'log, a single value', axis: log, values: [30], ticks: [20, 50, 100] },
  { name: 'counts -> their own values', axis: counted, values: [64, 1, 8], ticks: [1, 8, 64] },
  { name: 'counts without room', axis: counted, values: [1, 2, 200, 256], ticks: [1, 200] },
]
for (const { name, axis, values, ticks } of cases) {
  test(`${name} -> round ticks`, () => {
    assert.equal(scaleOf(axis, values, 5).ticks, ticks)
  })
}

test('no values, NaN, Infinity -> a scale all the same', () => {
  for (const axis of [linear, log, counted]) {
    for (const values of [[], [Number.NaN], [Number.POSITIVE_INFINITY]]) {
      const { min, max, ticks } = scaleOf(axis, values, 5)
      assert.ok(Number.isFinite(min) && max > min && ticks.length > 0)
    }
  }
})

test('a step -> 1, 2, 2.5 or 5 times a power of ten', () => {
  assert.equal(
    [roundStep(100, 5), roundStep(1, 5), roundStep(9, 4), roundStep(30, 1)],
    [20, 0.2, 2.5, 50],
  )
})

test('random ranges -> every value lies within, order is kept, few ticks', () => {
  const random = new Random(11)
  for (let i = 0; i < 2000; i++) {
    const values = Array.from({ length: 1 + random.below(6) }, () => 10 ** (random.next() * 12 - 4))
    for (const axis of [linear, log, counted]) {
      const { ticks, shareOf } = scaleOf(axis, values, 5)
      const where = `values ${values.join(', ')} (${axis.scale})`
      assert.ok(ticks.length >= 1 && ticks.length <= 9, `${ticks.length} ticks: ${where}`)
      for (const value of [...values, ...ticks]) {
        assert.ok(shareOf(value) > -1e-6 && shareOf(value) < 1 + 1e-6, `${value} outside: ${where}`)
      }
    }
  }
})

test('labels of ticks -> short, with units, times in the unit that suits', () => {
  const text = (value: number, unit?: Axis['unit']): string =>
    tickText(value, { label: '', scale: 'log', ...(unit === undefined ? {} : { unit }) })
  assert.equal(
    [text(50, 'us'), text(2000, 'us'), text(1500, 'ms'), text(0.5, 's'), text(0, 'ms')],
    ['50 µs', '2 ms', '1.5 s', '500 ms', '0'],
  )
  assert.equal(
    [text(1e6, '/s'), text(50_000, '/s'), text(500, '/s'), text(0, '/s')],
    ['1 M/s', '50 k/s', '500 /s', '0'],
  )
  assert.equal([text(1024), text(100, '%'), text(64, 'MiB')], ['1024', '100 %', '64 MiB'])
  const bytes = (value: number): string =>
    tickText(value, { label: 'bytes of a record', scale: 'log' })
  assert.equal([bytes(128), bytes(65_536), bytes(2 ** 20)], ['128', '64 KiB', '1 MiB'])
  assert.equal([text(1.5, 'bytes/byte'), text(4, 's per million')], ['1.5', '4 s'])
})

test.run()
