// Goal: the comparison reads well, warns of unlike runs, and ends with the exit code that --help promises.
// Method: results that differ in one thing; the program itself with files in a temporary directory.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { compareResults } from '../../../bench/compare/compare.ts'
import { warningsFor } from '../../../bench/compare/conditions.ts'
import {
  paintNothing,
  paintTerminal,
  showComparison,
} from '../../../bench/compare/show-comparison.ts'
import { spreadOf } from '../../../bench/measure/spread.ts'
import { type BenchResult, writeResult } from '../../../bench/result/result-file.ts'
import type { Row } from '../../../bench/result/row.ts'
import { sampleResult } from '../report/sample-result.ts'

const root = new URL('../../..', import.meta.url).pathname
const calm = { ...sampleResult, disk: { ...sampleResult.disk, pauses: 0 } }
const quiet: BenchResult = { ...calm, machine: { ...calm.machine, load: 0 } }

function withRatio(...values: number[]): BenchResult {
  const median = spreadOf(values).median
  const row: Row = {
    label: 'commit()',
    measured: spreadOf(values.map((value) => value * 10_000)),
    unit: '/s',
    ratio: spreadOf(values),
    target: { text: '>= 0.85 x', met: median >= 0.85 },
  }
  return { ...quiet, cases: { lone: { title: 'Lone', seconds: 1, rows: [row] } } }
}

const fast = withRatio(0.89, 0.9, 0.91)
const slow = withRatio(0.69, 0.7, 0.71)

function show(before: BenchResult, after: BenchResult, paint = paintNothing): string {
  const warnings = warningsFor(before, after)
  return showComparison([before, after], compareResults(before, after), warnings, paint)
}

test('a regression -> first, with percentage, both spreads, the direction and the goal', () => {
  const text = show(fast, slow)
  assert.match(text, /WORSE +-22\.2 % {2}lone: commit\(\)/)
  assert.match(
    text,
    /0\.90 x \(0\.89\.\.0\.91\) -> 0\.70 x \(0\.69\.\.0\.71\); ratio, higher is better; misses its goal now/,
  )
  assert.match(text, /1 regression, 0 improvements, 0 unchanged$/)
})

test('an improvement -> marked as one', () => {
  assert.match(show(slow, fast), /better +\+28\.6 % {2}lone: commit\(\)[\s\S]*reaches its goal now/)
})

test('a goal missed within noise -> shown, and no regression', () => {
  const text = show(withRatio(0.8, 0.86, 0.9), withRatio(0.8, 0.84, 0.9))
  assert.match(text, /within noise, but on the other side of the goal/)
  assert.match(text, /0 regressions, 0 improvements, 1 unchanged$/)
})

test('a terminal -> colours; otherwise none', () => {
  assert.match(show(fast, slow, paintTerminal), /\u001b\[31mWORSE/)
  assert.not.match(show(fast, slow), /\u001b/)
})

const unlike: { name: string; change: Partial<BenchResult>; warns: RegExp }[] = [
  {
    name: 'another processor',
    change: { machine: { ...quiet.machine, cpu: 'Other' } },
    warns: /processors: .* 2 x Other after/,
  },
  {
    name: 'another file system',
    change: { machine: { ...quiet.machine, fileSystem: 'xfs' } },
    warns: /file systems/,
  },
  {
    name: 'another kernel',
    change: { machine: { ...quiet.machine, kernel: '7' } },
    warns: /kernels/,
  },
  {
    name: 'more rounds',
    change: { settings: { ...quiet.settings, rounds: 9 } },
    warns: /rounds: 5 before, 9 after/,
  },
  {
    name: 'everything',
    change: { settings: { ...quiet.settings, full: true } },
    warns: /quick before, full after/,
  },
  {
    name: 'a busy machine',
    change: { machine: { ...quiet.machine, load: 5 } },
    warns: /load 5\.0/,
  },
  {
    name: 'a throttled drive',
    change: { disk: sampleResult.disk },
    warns: /throttled during the run after/,
  },
]
for (const { name, change, warns } of unlike) {
  test(`${name} -> one warning`, () => {
    const warnings = warningsFor(quiet, { ...quiet, ...change })
    assert.is(warnings.length, 1)
    assert.match(warnings[0] ?? '', warns)
  })
}

test('like runs -> no warning', () => assert.equal(warningsFor(quiet, quiet), []))

test('the program -> 0 without regression, 1 with one, 2 with a sentence for anything else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seawall-compare-'))
  try {
    writeResult(join(folder, 'fast.json'), fast)
    writeResult(join(folder, 'slow.json'), slow)
    writeFileSync(join(folder, 'old.json'), '{"format":1}')
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, SEAWALL_CALLER_DIRECTORY: folder },
      })
    assert.is(run('--compare', 'slow.json', 'fast.json').status, 0)
    const worse = run('--compare', 'fast.json', 'slow.json')
    assert.is(worse.status, 1)
    assert.match(worse.stdout, /1 regression/)
    assert.not.match(worse.stdout, /\u001b/, 'not a terminal')
    const troubles: [RegExp, ...string[]][] = [
      [/no-such\.json: ENOENT/, '--compare', 'no-such.json', 'fast.json'],
      [/old\.json: not a result of npm run bench/, '--compare', 'fast.json', 'old.json'],
      [/--compare takes two results, before and after, not 1/, '--compare', 'fast.json'],
      [/--rounds/, '--compare', 'fast.json', 'slow.json', '--rounds', '3'],
      [/old\.json: not a result/, '--report', 'old.json'],
    ]
    for (const [says, ...args] of troubles) {
      const { status, stderr, stdout } = run(...args)
      assert.is(status, 2, args.join(' '))
      assert.match(stderr, says)
      assert.is(stderr.trim().split('\n').length, 1, 'a sentence, no stack')
      assert.is(stdout, '')
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
