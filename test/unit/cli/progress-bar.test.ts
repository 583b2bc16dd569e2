// Goal: a progress line says what is true, fits into its terminal, and is seen only where somebody looks.
// Method: tables of cases, every width of a terminal, and terminals and clocks in memory.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  ProgressBar,
  progressLine,
  type ProgressUnit,
} from '../../../lib/cli/terminal/progress-bar.ts'

const gib = 2 ** 30
const bar = (full: number): string => `[${'#'.repeat(full)}${'-'.repeat(24 - full)}]`

function terminal({ isTTY = true, columns = 100 } = {}) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

const lines: [
  outcome: string,
  unit: ProgressUnit,
  ...numbers: [done: number, total: number, elapsedMs: number],
  expected: string,
][] = [
  [
    'half',
    'bytes',
    gib,
    2 * gib,
    2000,
    `x ${bar(12)} 50 %, 2 s left; 1.0 GiB of 2.0 GiB, 512 MiB/s`,
  ],
  ['nothing yet', 'bytes', 0, gib, 1000, `x ${bar(0)} 0 %; 0 B of 1.0 GiB, 0 B/s`],
  ['all', 'count', 2000, 2000, 1000, `x ${bar(24)} 100 %; 2,000 of 2,000, 2,000/s`],
  ['almost all', 'count', 999, 1000, 999, `x ${bar(24)} 99 %, 1 s left; 999 of 1,000, 1,000/s`],
  ['more than all', 'count', 3000, 2000, 1000, `x ${bar(24)} 100 %; 3,000 of 2,000, 3,000/s`],
  ['total unknown', 'count', 1234, 0, 1000, 'x: 1,234, 1,234/s'],
  ['nothing of nothing', 'bytes', 0, 0, 1000, 'x: 0 B, 0 B/s'],
  ['no time has passed', 'count', 5, 10, 0, `x ${bar(12)} 50 %; 5 of 10, 0/s`],
  ['a few a second', 'count', 5, 20, 2000, `x ${bar(6)} 25 %, 6 s left; 5 of 20, 2.5/s`],
  ['a few a minute', 'count', 1, 4, 20_000, `x ${bar(6)} 25 %, 1 min 0 s left; 1 of 4, 3.0/min`],
  ['a few an hour', 'count', 1, 4, 720_000, `x ${bar(6)} 25 %, 36 min 0 s left; 1 of 4, 5.0/h`],
  [
    'more than a disk holds',
    'bytes',
    2 ** 40,
    2 ** 53,
    1000,
    `x ${bar(0)} 0 %, 2 h 16 min left; 1.0 TiB of 8.0 PiB, 1.0 TiB/s`,
  ],
  ['planned time', 'time', 2000, 5000, 2345, `x ${bar(10)} 40 %, 3 s left; 2.00 s of 5.00 s`],
]

for (const [outcome, unit, done, total, elapsedMs, expected] of lines) {
  test(`${outcome} -> ${expected}`, () => {
    assert.is(progressLine('x', unit, done, total, elapsedMs, 200), expected)
  })
}

test('less room -> the bar goes first, then the amounts, then the name', () => {
  const line = (columns: number): string =>
    progressLine('reading the log', 'bytes', gib, 4 * gib, 1000, columns)
  const amounts = '1.0 GiB of 4.0 GiB, 1.0 GiB/s'
  assert.is(line(100), `reading the log ${bar(6)} 25 %, 3 s left; ${amounts}`)
  assert.is(line(80), `reading the log 25 %, 3 s left; ${amounts}`)
  assert.is(line(40), 'reading the log 25 %, 3 s left')
  assert.is(line(20), '25 %, 3 s left')
  assert.is(line(4), '25 %')
  assert.is(progressLine('reading the log', 'bytes', gib, 0, 1000, 10), '1.0 GiB')
})

test('any numbers, any width -> it fits, and no number is none', () => {
  const numbers = [0, 1, 7, 999, 1023.9, 4096, 1e6, 2 ** 53]
  for (const unit of ['bytes', 'count', 'time'] as const) {
    for (const done of numbers) {
      for (const total of numbers) {
        for (const elapsedMs of [0, 1, 1500, 1e9]) {
          for (const columns of [0, 1, 19, 39, 79, 300]) {
            const line = progressLine('reading', unit, done, total, elapsedMs, columns)
            assert.ok(line.length <= columns, line)
            assert.not.match(line, /NaN|Infinity|undefined|null|e\+|-\d/, line)
          }
        }
      }
    }
  }
})

test('less than a second -> nothing; later -> one line, rewritten now and then, taken away at the end', () => {
  const seen = terminal()
  let nowMs = 0
  const progress = new ProgressBar('reading', 'count', seen, () => nowMs)
  for (; nowMs < 1000; nowMs += 10) progress.at(nowMs, 2000)
  progress.end()
  assert.equal(seen.written, [])
  for (; nowMs < 1500; nowMs += 10) progress.at(nowMs, 2000)
  assert.is(seen.written.length, 5)
  assert.match(seen.written[4] ?? '', /^\r\u001b\[Kreading \[#+-+\] 70 %, 1 s left; /)
  progress.end()
  progress.end()
  assert.equal(seen.written.slice(5), ['\r\u001b[K'])
})

test('a terminal of 20 columns, or one that does not know its size -> the line does not wrap', () => {
  for (const [columns, most] of [
    [20, 19],
    [0, 79],
  ] as const) {
    const seen = terminal({ columns })
    let nowMs = 0
    const progress = new ProgressBar('reading the whole log', 'bytes', seen, () => nowMs)
    nowMs = 5000
    progress.at(gib, 3 * gib)
    const shown = (seen.written[0] ?? '').replace('\r\u001b[K', '')
    assert.ok(shown.length > 10 && shown.length <= most, shown)
  }
})

test('no terminal -> nothing at all', () => {
  const seen = terminal({ isTTY: false })
  let nowMs = 0
  const progress = new ProgressBar('reading', 'count', seen, () => nowMs)
  nowMs = 5000
  progress.at(1, 2)
  progress.end()
  assert.equal(seen.written, [])
})

test.run()
