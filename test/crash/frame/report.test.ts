// Goal: the page is self-contained and shows everything of a report, whatever stands in it; nothing in it tells where this
// machine has its folders.
// Method: a made-up report with markup and paths in every text.
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { RunReport } from '../../../crash/outcome.ts'
import { html, table } from '../../../crash/report/html.ts'
import { page } from '../../../crash/report/page.ts'
import { valueWithoutPlaces, withoutPlaces } from '../../../crash/report/places.ts'
import { writeReport } from '../../../crash/report/write-report.ts'
import { summary } from '../../../crash/summary.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { madeFailure, madeResult } from './layers/made.ts'

const nasty = `<script>alert("1 & 2")</script>'`
const root = new URL('../../..', import.meta.url).pathname

const origin = {
  at: '2025-01-01T00:00:00.000Z',
  commit: 'abc1234',
  kernel: '6.1.0',
  cpu: nasty,
  cpus: 2,
  memoryGiB: 24,
  node: 'v20',
  seconds: 12,
}

const report: RunReport = {
  seed: 7,
  options: nasty,
  origin,
  corpus: [
    {
      name: 'a.json',
      layer: 'L1-log',
      oracle: 'I1',
      message: nasty,
      fixed: nasty,
      verdict: 'fails again',
      why: nasty,
    },
  ],
  layers: [
    {
      name: 'L1-log',
      title: nasty,
      status: 'failed',
      seed: 7,
      budgetCpuSeconds: 60,
      result: madeResult(1_234_567, [madeFailure('L1-log')]),
      canary: { sang: false, oracles: [], cpuSeconds: 1, why: nasty },
      failures: [{ oracle: 'I1', message: nasty, file: 'build/x.json', reproduced: false }],
    },
    {
      name: 'L5',
      title: 'loop',
      status: 'skipped',
      why: nasty,
      seed: 7,
      budgetCpuSeconds: 60,
      failures: [],
    },
  ],
  controls: [{ layer: 'L1-log', clean: false, why: nasty }],
  mutants: [
    {
      name: 'm1',
      bug: nasty,
      files: ['lib/log/log.ts'],
      runs: [
        { layer: 'L1-log', verdict: 'killed', isRequired: true, oracle: nasty, seconds: 1 },
        { layer: 'L2', verdict: 'survived', isRequired: true, seconds: 2, count: 9, units: 'runs' },
      ],
    },
    {
      name: 'm2',
      bug: nasty,
      files: ['lib/log/log.ts'],
      runs: [{ layer: 'L2', verdict: 'undecided', isRequired: true, why: nasty, seconds: 1 }],
    },
  ],
  figures: [{ layer: 'L1-log', text: nasty, measured: 5, target: 6, met: false }],
  problems: [nasty],
}

test('whatever stands in a report -> text, never markup', () => {
  const text = page(report)
  assert.not.match(text, /<script|alert\("/)
  assert.ok(text.includes('&lt;script&gt;alert(&quot;1 &amp; 2&quot;)&lt;/script&gt;&#39;'))
  assert.not.match(text, /undefined|\[object|NaN/)
})

test('the page needs nothing from anywhere', () => {
  assert.not.match(page(report), /https?:|src=|url\(|@import|<link|<script/)
})

test('the page has what it must have', () => {
  const text = page(report)
  for (const part of ['1.23 M states', '12.35 M', 'SILENT', 'SURVIVED', 'Not proven', 'a.json']) {
    assert.ok(text.includes(part), part)
  }
  assert.match(text, /prefers-color-scheme: dark/)
  assert.match(text, /npm run crash -- replay build\/x\.json/)
})

test('tags are balanced; every table has a caption and headings with a scope', () => {
  const text = page(report)
  const open: string[] = []
  for (const [, slash, name = '', isVoid] of text.matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/g)) {
    if (['meta', 'br'].includes(name) || isVoid === '/') continue
    if (slash === '') open.push(name)
    else assert.is(open.pop(), name)
  }
  assert.equal(open, [])
  const count = (part: RegExp): number => [...text.matchAll(part)].length
  assert.is(count(/<table>/g), count(/<caption>/g))
  assert.is(count(/<th(?=[ >])/g), count(/<th scope="(row|col)"/g))
})

test('html -> parts escaped once, markup left alone', () => {
  assert.is(
    html`<b title="${'"'}">${['<', html`<i>${'&'}</i>`, 1, undefined]}</b>`.markup,
    '<b title="&quot;">&lt;<i>&amp;</i>1</b>',
  )
  assert.match(
    table('<c>', [{ title: '<t>', isNumber: true }], [['<x>']]).markup,
    /<caption>\s*&lt;c&gt;\s*<\/caption>[^]*class="number">&lt;t&gt;[^]*<th scope="row">&lt;x&gt;/,
  )
})

test('summary -> every layer, failure, survivor and problem in plain text', () => {
  const lines = summary(report)
  const text = lines.join('\n')
  for (const part of [
    'FAILED',
    'skipped',
    'replay build/x.json',
    'fails again a.json',
    '0 of 2 mutants killed',
    'SURVIVED m1 (L2)',
    'undecided m2 (L2)',
    'MISS L1-log',
    'RED, seed 7',
  ]) {
    assert.ok(text.includes(part), part)
  }
  assert.is(summary({ ...report, problems: [] }).at(-1), 'green, seed 7')
})

test('places of this machine -> taken out of texts', () => {
  assert.is(withoutPlaces(`at ${root}crash/run.ts`), 'at ./crash/run.ts')
  const cleaned = valueWithoutPlaces({ why: [`${homedir()}/x`], count: 3 })
  assert.equal(cleaned, { why: ['~/x'], count: 3 })
})

test('written -> page and JSON side by side', () => {
  const directory = join(temporaryDirectory(), 'deep')
  assert.is(writeReport(directory, report), join(directory, 'crash-report.html'))
  const json = JSON.parse(readFileSync(join(directory, 'crash-report.json'), 'utf8')) as RunReport
  assert.is(json.layers[0]?.result?.counts.states, 1_234_567)
})

test.run()
