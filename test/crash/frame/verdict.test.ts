// Goal: green means that nothing is wrong; figures are only judged where there was time enough.
// Method: a green report, and one thing wrong at a time.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { perCpuMinute, showCount, unitsOf } from '../../../crash/counts.ts'
import { figuresOf } from '../../../crash/figures.ts'
import type { LayerOutcome, MutantRun } from '../../../crash/outcome.ts'
import { Progress } from '../../../crash/progress.ts'
import { problemsOf } from '../../../crash/verdict.ts'
import { madeResult } from './layers/made.ts'

const layer: LayerOutcome = {
  name: 'L1-log',
  title: '',
  status: 'passed',
  seed: 1,
  budgetCpuSeconds: 1,
  result: madeResult(10),
  canary: { sang: true, oracles: ['I1'], cpuSeconds: 1 },
  failures: [],
}
const killed: MutantRun = { layer: 'L2', verdict: 'killed', isRequired: true, seconds: 1 }
const green = { corpus: [], layers: [layer], controls: [], mutants: [], figures: [] }
const mutantsWith = (...runs: MutantRun[]) => ({
  ...green,
  mutants: [{ name: 'm', bug: '', files: [], runs }],
})

test('nothing wrong -> green', () => {
  assert.equal(problemsOf(green), [])
  assert.equal(problemsOf(mutantsWith(killed)), [])
  assert.equal(problemsOf(mutantsWith({ ...killed, verdict: 'not run' })), [])
  const optional: MutantRun = { ...killed, verdict: 'survived', isRequired: false }
  assert.equal(problemsOf(mutantsWith(killed, optional)), [])
})

test('one thing wrong -> red, in words', () => {
  const layers = (changes: object) => ({ ...green, layers: [{ ...layer, ...changes }] })
  for (const parts of [
    layers({ status: 'failed' }),
    layers({ status: 'broken', why: 'it hangs' }),
    layers({ canary: { ...layer.canary, sang: false } }),
    mutantsWith({ ...killed, verdict: 'survived' }),
    mutantsWith({ ...killed, verdict: 'undecided' }),
    mutantsWith(killed, { ...killed, verdict: 'survived' }),
    { ...green, controls: [{ layer: 'L2', clean: false, why: 'I1' }] },
  ]) {
    assert.is(problemsOf(parts).length, 1)
  }
})

test('figure that is missed -> shown, and green: the machine may be slow', () => {
  const figures = [{ layer: 'L2', text: 't', measured: 1, target: 2, met: false }]
  assert.equal(problemsOf({ ...green, figures }), [])
})

test('figures -> judged only after enough CPU time', () => {
  const ran = (cpuSeconds: number, states: number): LayerOutcome => ({
    ...layer,
    result: { ...madeResult(states), cpuSeconds },
  })
  assert.equal(figuresOf([ran(5, 10)]), [])
  assert.is(figuresOf([ran(60, 1_000_000)])[0]?.met, true)
  assert.is(figuresOf([ran(60, 999_999)])[0]?.met, false)
})

test('counts -> the unit of the layer, and short numbers', () => {
  assert.equal(unitsOf({ kills: 3, covered: 9 }), { name: 'kills', count: 3 })
  assert.equal(unitsOf({}), { name: 'states', count: 0 })
  assert.is(perCpuMinute({ name: 'kills', count: 3 }, 1.5), 120)
  assert.is(perCpuMinute({ name: 'kills', count: 3 }, 0), 0)
  assert.equal([12, 12_345, 1_234_567, 2e9].map(showCount), ['12', '12.3 k', '1.23 M', '2.00 G'])
})

test('progress on a terminal -> one line with states/min, cleared before lines that stay', () => {
  const written: string[] = []
  const progress = new Progress({ isTTY: true, columns: 40, write: (text) => written.push(text) })
  progress.start('L1-log')
  progress.counts('L1-log', { states: 5 })
  progress.say('done')
  assert.match(written[0] ?? '', /^L1-log 0 s$/)
  assert.equal(written.slice(-2), ['\r\x1b[K', 'done\n'])
})

test('progress elsewhere -> only lines that stay, at first', () => {
  const written: string[] = []
  const progress = new Progress({ write: (text) => written.push(text) })
  progress.start('L1-log')
  progress.end('L1-log')
  progress.say('done')
  assert.equal(written, ['done\n'])
})

test.run()
