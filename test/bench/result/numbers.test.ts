// Goal: numbers in the terminal and in the report have their unit and the digits that are worth reading.
// Method: tables of values; the summary with a missed target and its reason.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { directionOf } from '../../../bench/result/direction.ts'
import { showDecisive, showMeasured, showNumber, showRatio } from '../../../bench/result/numbers.ts'
import type { Row, Unit } from '../../../bench/result/row.ts'
import { showSummary } from '../../../bench/result/terminal.ts'
import { spreadOf } from '../../../bench/measure/spread.ts'

const numbers: readonly [number, Unit, string][] = [
  [1_234_567, '/s', '1.23 M/s'],
  [322_400, '/s', '322 k/s'],
  [9_580, '/s', '9.58 k/s'],
  [12.34, '/s', '12.3 /s'],
  [1.0021, 'per commit', '1.002'],
  [1.375, 'bytes/byte', '1.38'],
  [6.24, '%', '6.2 %'],
  [61.23, 'MiB', '61.2 MiB'],
  [4.123, 's per million', '4.12 s per million'],
  [0.0512, 's', '0.05 s'],
  [123.4, 's', '123 s'],
  [231.4, 'MB/s', '231 MB/s'],
  [3.14, 'us', '3.1 us'],
  [114.4, 'us', '114 us'],
  [27_904, 'us', '27.9 ms'],
  [12_345, 'ms', '12.3 s'],
  [Number.NaN, 'ms', '-'],
]
for (const [value, unit, shown] of numbers) {
  test(`${value} ${unit} -> ${shown}`, () => assert.is(showNumber(value, unit), shown))
}

const row = (values: number[], unit: Unit): Row => ({
  label: 'r',
  measured: spreadOf(values),
  unit,
})

test('a range -> its unit once, unless the ends have different ones; none for a single value', () => {
  assert.is(showMeasured(row([7000, 8000, 9000], '/s')), '8.00 k/s (7.00..9.00 k/s)')
  assert.is(showMeasured(row([900_000, 1e6, 1.1e6], '/s')), '1.00 M/s (900 k/s..1.10 M/s)')
  assert.is(showMeasured(row([1, 2, 3], 'per commit')), '2.000 (1.000..3.000)')
  assert.is(showMeasured(row([8000], '/s')), '8.00 k/s')
  assert.is(showRatio({ ratio: spreadOf([0.8, 0.9]) }), '0.85 x (0.80..0.90)')
  assert.is(showRatio({ ratio: spreadOf([12.34]) }), '12.3 x')
})

test('a target about a ratio -> the ratio; about a rate or a multiple -> both', () => {
  const withTarget = (text: string): string =>
    showDecisive({ ...row([8000], '/s'), ratio: spreadOf([0.8]), target: { text, met: false } })
  assert.is(withTarget('>= 0.85 x'), '0.80 x')
  assert.is(withTarget('>= 3 x lmdb'), '0.80 x')
  assert.is(withTarget('>= min(400 k, 3 x peer)'), '8.00 k/s, 0.80 x')
})

test('a ratio that just misses its target -> digits until it shows; with the target met, as always', () => {
  const ratio = spreadOf([0.89961])
  const shown = (text: string, met: boolean): string => showRatio({ ratio, target: { text, met } })
  assert.is(shown('>= 0.9 x', false), '0.8996 x')
  assert.is(shown('>= 0.9 x', true), '0.90 x')
  assert.is(shown('>= 0.95 x', false), '0.90 x')
  assert.is(
    showRatio({ ratio: spreadOf([2.996]), target: { text: '>= 3 x', met: false } }),
    '2.996 x',
  )
})

test('the direction -> of the target where there is one, otherwise of the unit', () => {
  assert.is(directionOf({ unit: '/s' }), 'higher is better')
  assert.is(directionOf({ unit: 's per million' }), 'lower is better')
  assert.is(directionOf({ unit: '%', target: { text: '>= 50 %', met: true } }), 'higher is better')
  assert.is(directionOf({ unit: '%', target: { text: '<= 50 %', met: true } }), 'lower is better')
})

test('the summary -> what was missed, and why where it is known', () => {
  const target = { text: '<= 80 MiB', met: false, because: 'V8 keeps two copies' }
  const rows = [
    { ...row([90], 'MiB'), target },
    { ...row([90], 'MiB'), label: 'other' },
  ]
  assert.is(
    showSummary([{ rows }]),
    '0 of 1 targets met\n  missed: r: 90.0 MiB, target <= 80 MiB\n    because V8 keeps two copies',
  )
})

test.run()
