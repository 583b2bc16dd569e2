// Goal: numbers for people are short, true, and change their unit at the right place.
// Method: tables of numbers on both sides of every change.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  bytesInWords,
  counted,
  countInWords,
  durationInWords,
  secondsInWords,
} from '../../../lib/cli/terminal/quantities.ts'

const kib = 1024
const minute = 60_000
const hour = 60 * minute

function table<T>(name: string, inWords: (value: T) => string, rows: readonly [T, string][]): void {
  for (const [value, expected] of rows) {
    test(`${name} ${String(value)} -> ${expected}`, () => assert.is(inWords(value), expected))
  }
}

table('bytes', bytesInWords, [
  [0, '0 B'],
  [1, '1 B'],
  [1023, '1023 B'],
  [kib, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [99.94 * kib, '99.9 KiB'],
  [99.96 * kib, '100 KiB'],
  [1023.4 * kib, '1023 KiB'],
  [1023.9 * kib, '1.0 MiB'],
  [kib ** 2 - 1, '1.0 MiB'],
  [10 * kib ** 3, '10.0 GiB'],
  [kib ** 4, '1.0 TiB'],
  [2 ** 53, '8.0 PiB'],
  [2000 * kib ** 5, '2000 PiB'],
])

table('a count of', countInWords, [
  [0, '0'],
  [999, '999'],
  [1_234_567, '1,234,567'],
  [2 ** 53 - 1, '9,007,199,254,740,991'],
])

table('milliseconds', durationInWords, [
  [0, '0 s'],
  [-1, '0 s'],
  [0.000_4, '0.40 us'],
  [0.0123, '12.3 us'],
  [0.9994, '999 us'],
  [0.9996, '1.00 ms'],
  [9.994, '9.99 ms'],
  [9.996, '10.0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [59_940, '59.9 s'],
  [59_999, '1 min 0 s'],
  [90_000, '1 min 30 s'],
  [hour - 1, '1 h 0 min'],
  [90 * minute, '1 h 30 min'],
  [47 * hour + 59 * minute, '47 h 59 min'],
  [50 * hour, '2 d 2 h'],
])

table('seconds', secondsInWords, [
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min 0 s'],
  [3599, '59 min 59 s'],
  [3600, '1 h 0 min'],
  [200_000, '2 d 7 h'],
])

test('one, none and many -> singular for one only', () => {
  assert.is(counted(1, 'page'), '1 page')
  assert.is(counted(0, 'page'), '0 pages')
  assert.is(counted(1200, 'entry', 'entries'), '1,200 entries')
})

test.run()
