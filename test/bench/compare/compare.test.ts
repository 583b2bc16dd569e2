// Goal: a comparison reports what became worse or better beyond noise, and nothing else.
// Method: a table of pairs of rows with their verdicts; equal programs with random noise, from a seed.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { compareResults, differenceOf } from '../../../bench/compare/compare.ts'
import { spreadOf } from '../../../bench/measure/spread.ts'
import type { BenchResult } from '../../../bench/result/result-file.ts'
import type { Row, Unit } from '../../../bench/result/row.ts'
import { Random } from '../../support/random.ts'
import { sampleResult } from '../report/sample-result.ts'

interface Values {
  readonly unit: Unit
  readonly measured: readonly number[]
  readonly ratio?: readonly number[]
  readonly target?: string
}

function rowOf({ unit, measured, ratio, target }: Values, label = 'row'): Row {
  return {
    label,
    unit,
    measured: spreadOf(measured),
    ...(ratio === undefined ? {} : { ratio: spreadOf(ratio) }),
    ...(target === undefined ? {} : { target: { text: target, met: true } }),
  }
}

const rate = (...measured: number[]): Values => ({ unit: '/s', measured })
const of = (unit: Unit, ...measured: number[]): Values => ({ unit, measured })
const ratio = (unit: Unit, ...values: number[]): Values => ({
  unit,
  measured: [1, 9],
  ratio: values,
})

const pairs: { name: string; before: Values; after: Values; verdict: string | undefined }[] = [
  {
    name: 'a rate falls, the ranges are far apart',
    before: rate(100, 101, 102),
    after: rate(80, 81, 82),
    verdict: 'regression',
  },
  {
    name: 'a rate rises',
    before: rate(80, 81, 82),
    after: rate(100, 101, 102),
    verdict: 'improvement',
  },
  {
    name: 'the ranges overlap',
    before: rate(90, 100, 110),
    after: rate(70, 80, 91),
    verdict: 'unchanged',
  },
  {
    name: 'memory that grew by nothing and now by less than 2 MiB',
    before: of('MiB', 0, 0, 0.1),
    after: of('MiB', 1, 1.1, 1.2),
    verdict: 'unchanged',
  },
  {
    name: 'three rounds, the ranges do not overlap, but nearly',
    before: rate(100, 110, 120),
    after: rate(80, 90, 99),
    verdict: 'unchanged',
  },
  {
    name: 'five rounds, the ranges do not overlap, but nearly',
    before: rate(100, 105, 110, 115, 120),
    after: rate(80, 85, 90, 95, 99),
    verdict: 'regression',
  },
  {
    name: 'five rounds, one outlier makes the ranges overlap',
    before: rate(100, 101, 102, 103, 104),
    after: rate(60, 61, 62, 63, 105),
    verdict: 'regression',
  },
  {
    name: 'a rate falls by less than the machine drifts',
    before: rate(100, 100, 100),
    after: rate(92, 92, 92),
    verdict: 'unchanged',
  },
  {
    name: 'a ratio falls by as much: it cancels the drift',
    before: ratio('/s', 1, 1, 1),
    after: ratio('/s', 0.92, 0.92, 0.92),
    verdict: 'regression',
  },
  {
    name: 'a ratio falls by hardly anything',
    before: ratio('/s', 1, 1, 1),
    after: ratio('/s', 0.98, 0.98, 0.98),
    verdict: 'unchanged',
  },
  {
    name: 'the rate falls, its ratio stays: the whole machine was slower',
    before: { ...rate(100, 100, 100), ratio: [0.9, 0.9, 0.9] },
    after: { ...rate(50, 50, 50), ratio: [0.9, 0.9, 0.9] },
    verdict: 'unchanged',
  },
  {
    name: 'only one has a ratio',
    before: { ...rate(100, 100, 100), ratio: [0.5, 0.5, 0.5] },
    after: rate(100, 100, 100),
    verdict: 'unchanged',
  },
  {
    name: 'a ratio of latencies rises',
    before: ratio('us', 1, 1.1, 1.2),
    after: ratio('us', 2, 2.1, 2.2),
    verdict: 'regression',
  },
  {
    name: 'a latency rises',
    before: of('us', 100, 101, 102),
    after: of('us', 140, 141, 142),
    verdict: 'regression',
  },
  {
    name: 'a time falls',
    before: of('s', 10, 10, 11),
    after: of('s', 5, 5, 6),
    verdict: 'improvement',
  },
  {
    name: 'memory rises',
    before: of('MiB', 60, 60, 61),
    after: of('MiB', 66, 66, 67),
    verdict: 'regression',
  },
  {
    name: 'a count rises',
    before: of('per commit', 1, 1, 1),
    after: of('per commit', 2, 2, 2),
    verdict: 'regression',
  },
  {
    name: 'CPU falls',
    before: of('s per million', 4, 4, 4),
    after: of('s per million', 3, 3, 3),
    verdict: 'improvement',
  },
  {
    name: 'bandwidth rises',
    before: of('MB/s', 200, 201, 202),
    after: of('MB/s', 300, 301, 302),
    verdict: 'improvement',
  },
  {
    name: 'an overhead of 1 % becomes 1.5 %',
    before: of('%', 1, 1, 1),
    after: of('%', 1.5, 1.5, 1.5),
    verdict: 'unchanged',
  },
  {
    name: 'an overhead of 1 % becomes 4 %',
    before: of('%', 1, 1, 1),
    after: of('%', 4, 4, 4),
    verdict: 'regression',
  },
  {
    name: 'a percentage of which the target wants more rises',
    before: { ...of('%', 60, 60, 60), target: '>= 50 %' },
    after: { ...of('%', 80, 80, 80), target: '>= 50 %' },
    verdict: 'improvement',
  },
  { name: 'one round each, half', before: rate(100), after: rate(50), verdict: 'unchanged' },
  { name: 'one round each, a quarter', before: rate(100), after: rate(25), verdict: 'regression' },
  {
    name: 'two rounds, a ratio less by a tenth',
    before: ratio('/s', 1, 1),
    after: ratio('/s', 0.9, 0.9),
    verdict: 'unchanged',
  },
  {
    name: 'two rounds, a ratio of half',
    before: ratio('/s', 1, 1),
    after: ratio('/s', 0.5, 0.5),
    verdict: 'regression',
  },
  {
    name: 'one count, twice as much',
    before: of('per commit', 1),
    after: of('per commit', 2),
    verdict: 'regression',
  },
  {
    name: 'from 0 to something',
    before: of('MiB', 0, 0, 0),
    after: of('MiB', 5, 5, 5),
    verdict: 'regression',
  },
  {
    name: 'from 0 to 0',
    before: of('MiB', 0, 0, 0),
    after: of('MiB', 0, 0, 0),
    verdict: 'unchanged',
  },
  { name: 'another unit', before: of('ms', 1), after: of('us', 1000), verdict: undefined },
  { name: 'no number', before: rate(Number.NaN), after: rate(1), verdict: undefined },
]
for (const { name, before, after, verdict } of pairs) {
  test(`${name} -> ${verdict ?? 'not comparable'}`, () => {
    const pair = { name: 'case', before: rowOf(before), after: rowOf(after) }
    assert.is(differenceOf(pair)?.verdict, verdict)
  })
}

function resultOf(rows: readonly Row[]): BenchResult {
  return { ...sampleResult, cases: { lone: { title: 'Lone', seconds: 1, rows } } }
}

test('several changes -> regressions and improvements, the largest first; the rest is counted', () => {
  const change = (label: string, factor: number): [Row, Row] => [
    rowOf(rate(100, 100, 100), label),
    rowOf(rate(100 * factor, 100 * factor, 100 * factor), label),
  ]
  const rows = [change('a', 0.8), change('b', 0.5), change('c', 1), change('d', 2), change('e', 3)]
  const comparison = compareResults(
    resultOf(rows.map(([a]) => a)),
    resultOf(rows.map(([, b]) => b)),
  )
  const labels = (list: readonly { after: Row }[]): string[] => list.map(({ after }) => after.label)
  assert.equal(labels(comparison.regressions), ['b', 'a'])
  assert.equal(labels(comparison.improvements), ['e', 'd'])
  assert.equal(labels(comparison.unchanged), ['c'])
})

test('a change and its reverse -> equally large', () => {
  const sizeOf = (a: number, b: number) =>
    differenceOf({ name: 'c', before: rowOf(rate(a, a, a)), after: rowOf(rate(b, b, b)) })?.size
  assert.is(sizeOf(2, 3), 0.5)
  assert.is(sizeOf(3, 2), 0.5)
})

test('rows of one run only -> named with their case', () => {
  const row = (label: string): Row => rowOf(rate(1), label)
  const comparison = compareResults(resultOf([row('a'), row('b')]), resultOf([row('b'), row('c')]))
  assert.equal([comparison.onlyBefore, comparison.onlyAfter], [['lone: a'], ['lone: c']])
  assert.is(comparison.unchanged.length, 1)
})

test('a label that repeats within a case -> compared in order', () => {
  const rows = (...values: number[]): BenchResult =>
    resultOf(values.map((value) => rowOf(rate(value, value, value), '  CPU')))
  const { regressions, unchanged, onlyAfter } = compareResults(rows(10, 20), rows(10, 5, 1))
  assert.is(unchanged.length, 1)
  assert.is(regressions[0]?.before.measured.median, 20)
  assert.equal(onlyAfter, ['lone: CPU (3)'])
})

test('a result compared with itself -> everything unchanged', () => {
  const { regressions, improvements, onlyBefore, onlyAfter } = compareResults(
    sampleResult,
    sampleResult,
  )
  assert.equal([regressions, improvements, onlyBefore, onlyAfter], [[], [], [], []])
})

for (const rounds of [3, 4, 5, 7]) {
  test(`equal programs, ${rounds} noisy rounds -> hardly ever a verdict`, () => {
    const random = new Random(rounds)
    // About normal, and so wide that no floor hides anything.
    const noisy = (): number =>
      1000 + 100 * (random.next() + random.next() + random.next() + random.next() - 2)
    const spread = (): Values => ratio('/s', ...Array.from({ length: rounds }, noisy))
    let verdicts = 0
    for (let i = 0; i < 2000; i++) {
      const pair = { name: 'case', before: rowOf(spread()), after: rowOf(spread()) }
      if (differenceOf(pair)?.verdict !== 'unchanged') verdicts += 1
    }
    assert.ok(verdicts <= 60, `${verdicts} of 2000`)
  })
}

test.run()
