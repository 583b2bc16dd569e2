// Goal: the report shows every row, bars for every ratio, and says in words what was not reached.
// Method: known rows and the sample result; the page is read as text. browser.test.ts looks at it.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { goalsOf, notReachedSentence } from '../../../bench/report/goals.ts'
import { escapeHtml, html } from '../../../bench/report/html.ts'
import { drawReport } from '../../../bench/report/page.ts'
import { ratioBars, ratioPosition } from '../../../bench/report/ratio-bars.ts'
import { reportPath } from '../../../bench/report/report-file.ts'
import { rowTable } from '../../../bench/report/row-table.ts'
import { spreadOf } from '../../../bench/measure/spread.ts'
import type { Row, Target } from '../../../bench/result/row.ts'
import { targetRatio } from '../../../bench/result/target-ratio.ts'
import { sampleResult } from './sample-result.ts'

const page = drawReport(sampleResult)
const fio = { label: 'fio', measured: spreadOf([10_000]) }
const target = (text: string, because?: string): Target =>
  because === undefined ? { text, met: false } : { text, met: false, because }

function sentence(row: Omit<Row, 'label'>): string {
  const rows = [{ label: 'commit()', ...row }]
  const [goal] = goalsOf({ lone: { title: 'A case', rows, seconds: 1 } })
  return goal === undefined ? '' : notReachedSentence(goal)
}

const sentences = [
  {
    name: 'a ratio with spread and a reason',
    row: {
      measured: spreadOf([7000, 8000, 9000]),
      unit: '/s',
      reference: fio,
      ratio: spreadOf([0.7, 0.8, 0.9]),
      target: target('>= 0.85 x', 'the wake-up takes 20 us'),
    },
    says:
      'reached 0.80 x (0.70..0.90) of fio, that is 8.00 k/s (7.00..9.00 k/s); ' +
      'the goal is at least 0.85 x, because the wake-up takes 20 us.',
  },
  {
    name: 'a limit, measured once, no reason known',
    row: { measured: spreadOf([1.2]), unit: 'per commit', target: target('<= 1, or as fio') },
    says: 'reached 1.200; the goal is at most 1, or as fio.',
  },
  {
    name: 'a reason that is a sentence already',
    row: { measured: spreadOf([90]), unit: 'MiB', target: target('<= 80 MiB', 'because of V8.') },
    says: 'reached 90.0 MiB; the goal is at most 80 MiB, because of V8.',
  },
] as const
for (const { name, row, says } of sentences) {
  test(`missed: ${name} -> one sentence`, () => assert.is(sentence(row), says))
}

test('missed goals -> listed with a link to their case; met ones are not', () => {
  const list = /id="not-reached">[\s\S]*?<\/section>/.exec(page)?.[0] ?? ''
  assert.is(list.split('<li>').length - 1, 2)
  assert.match(list, /<b>commit\(\)<\/b>/)
  assert.match(list, /href="#case-redo"/)
})

test('nothing missed, or no goal at all -> said', () => {
  const withRows = (rows: Row[]) =>
    drawReport({ ...sampleResult, cases: { a: { title: 'A', rows, seconds: 1 } } })
  const row: Row = { label: 'r', measured: spreadOf([1]), unit: 's' }
  assert.match(withRows([row]), /No row of this run has a goal\./)
  assert.match(
    withRows([{ ...row, target: { text: '<= 2 s', met: true } }]),
    /Every goal was reached\./,
  )
})

test('text in rows -> escaped; nothing of it becomes markup', () => {
  assert.is(escapeHtml(`<a href="x" id='y'>&`), '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;')
  assert.is(
    html`<p>${'<'}${html`<b>${['&', 1]}</b>`}${undefined}</p>`.text,
    '<p>&lt;<b>&amp;1</b></p>',
  )
  assert.not.match(page, /<script>alert/)
  assert.not.match(page, /<b>markup/)
  assert.match(page, /&lt;script&gt;alert/)
})

test('every row -> label, median with range, ratio, goal and remarks in the table', () => {
  const rows: Row[] = [
    { label: 'fio', measured: spreadOf([9000, 10_000]), unit: '/s' },
    {
      label: '  commit()',
      measured: spreadOf([7000, 9000]),
      unit: '/s',
      reference: fio,
      ratio: spreadOf([0.7, 0.9]),
      target: target('>= 0.85 x'),
      note: 'p99 188 us',
    },
    { label: 'other', measured: spreadOf([2]), unit: 's', reference: { ...fio, label: 'no row' } },
  ]
  const table = rowTable(rows).text.replace(/\s+/g, ' ')
  assert.match(table, /8\.00 k\/s ?<small>7\.00\.\.9\.00 k\/s<\/small>/)
  assert.match(table, /0\.80 x ?<small>0\.70\.\.0\.90<\/small>/)
  assert.match(table, /missed<\/b> ≥ 0\.85 x/)
  assert.match(table, /p99 188 us/)
  assert.match(table, /class="part"[^>]*>commit\(\)</)
  assert.match(table, /no row: 10000 s/, 'a reference without a row of its own is a remark')
  assert.not.match(table, /fio: /)
})

test('ratios -> bars; rows without one have none', () => {
  const row: Row = { label: 'r', measured: spreadOf([1]), unit: 's' }
  assert.is(ratioBars([row]), undefined)
  assert.is(ratioBars([{ ...row, ratio: spreadOf([Number.NaN]) }]), undefined)
  const bars =
    ratioBars([row, { ...row, ratio: spreadOf([2]), target: target('<= 1.5 x') }])?.text ?? ''
  assert.is(bars.split('class="bar"').length - 1, 1)
  assert.is(bars.split('class="goal"').length - 1, 1)
  assert.match(bars, /less is better/)
})

test('positions of ratios -> half and double are equally far from 1, and none is outside', () => {
  const position = ratioPosition(0.25, 4)
  assert.equal([0.25, 0.5, 1, 2, 4].map(position), [0, 25, 50, 75, 100])
  assert.equal([0, 1000].map(position), [0, 100])
})

test('the goal of a ratio -> known where the text is about a ratio', () => {
  const ratios = ['>= 0.85 x', '>= 3 x lmdb', '<= 3.00 x', '>= min(400 k, 3 x peer)', '<= 80 MiB']
  assert.equal(
    ratios.map((text) => targetRatio(target(text))),
    [0.85, 3, 3, undefined, undefined],
  )
})

test('numbers that were none, read back from JSON -> dashes, and the rest is shown', () => {
  const none = spreadOf([Number.NaN, 1])
  const row: Row = { label: 'r', measured: none, unit: 's', ratio: none, target: target('<= 2 x') }
  const axis = { label: 'x', scale: 'log' } as const
  const lines = [
    {
      label: 'l',
      role: 'own',
      points: [
        { x: 1, y: none },
        { x: 2, y: none },
      ],
    },
  ] as const
  const plots = [
    { name: 'p', title: 'P', caption: '', x: axis, y: { ...axis, unit: 's' as const }, lines },
  ]
  const cases = { a: { title: 'A', rows: [row], plots, seconds: 1 } }
  const result = JSON.parse(JSON.stringify({ ...sampleResult, cases })) as typeof sampleResult
  const shown = drawReport(result).replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
  assert.not.match(shown, /NaN|null|undefined|Infinity/)
  assert.match(shown, /reached -/)
})

test('the page -> in one file: nothing is loaded from anywhere', () => {
  assert.not.match(
    page,
    /<(img|iframe|object|embed)|<script src|<link rel="stylesheet"|@import|https?:/,
  )
})

test('the report -> beside the result', () => {
  assert.is(reportPath('/a/latest.json'), '/a/latest.html')
  assert.is(reportPath('/a/run'), '/a/run.html')
})

test.run()
