// Goal: medians, ratios and verdicts are what the report says they are.
// Method: known numbers.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { limitRow, ratioRow } from '../../../bench/cases/targets.ts'
import { showCase, showSummary } from '../../../bench/result/terminal.ts'
import { ratioOf, spreadOf } from '../../../bench/measure/spread.ts'

test('odd and even counts -> the median is the middle', () => {
  assert.is(spreadOf([5, 1, 3]).median, 3)
  assert.is(spreadOf([4, 1, 2, 3]).median, 2.5)
  const { min, max, values } = spreadOf([2, 9, 4])
  assert.equal([min, max, values], [2, 9, [2, 9, 4]])
  assert.is(spreadOf([7]).median, 7)
})

test('a ratio -> taken round by round, not of the medians', () => {
  const ratio = ratioOf(spreadOf([10, 100, 1000]), spreadOf([10, 50, 2000]))
  assert.equal(ratio.values, [1, 2, 0.5])
  assert.is(ratio.median, 1)
})

const row = { label: 'subject', unit: '/s' as const }

test('a ratio at, above and below its target -> PASS, PASS, MISS', () => {
  const reference = { label: 'fio', measured: spreadOf([100]) }
  const met = (value: number): boolean | undefined =>
    ratioRow({ ...row, measured: spreadOf([value]), reference }, 0.85).target?.met
  assert.equal([met(85), met(90), met(84)], [true, true, false])
})

test('the report -> verdicts, a reference only where it has no row, the missed ones at the end', () => {
  const fio = { label: 'fio', measured: spreadOf([1000, 1000]) }
  const missed = ratioRow({ ...row, measured: spreadOf([500, 700]), reference: fio }, 0.85)
  const passed = limitRow({ ...row, label: 'limit', measured: spreadOf([3e6]) }, '>=', 1e6, '1 M/s')
  const result = { rows: [missed, passed], skipped: ['lmdb: no binary'] }
  const text = showCase('A case', result)
  assert.match(text, /MISS subject .*0\.60 x \(0\.50\.\.0\.70\) {2}target >= 0\.85 x/)
  assert.match(text, /fio: 1\.00 k\/s/)
  assert.match(text, /PASS limit .*3\.00 M\/s {2}target >= 1 M\/s/)
  assert.match(text, /skipped lmdb: no binary/)
  const withRow = showCase('A case', { rows: [{ ...row, ...fio }, missed] })
  assert.not.match(withRow, /fio: /)
  assert.match(showSummary([result]), /^1 of 2 targets met\n {2}missed: subject: 0\.60 x/)
})

test.run()
