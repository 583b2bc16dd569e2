// Goal: what pgbench printed and logged becomes the right figures, and nothing is guessed.
// Method: output of pgbench 15 as it was printed, and logs that are made up.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  measureTransactions,
  parsePgbenchLog,
  parsePgbenchRate,
} from '../../../bench/postgres/pgbench-output.ts'

const printed = `pgbench (15.18 (Debian 15.18-0+deb12u1))
starting vacuum...end.
transaction type: /home/user/seawall/build/bench/postgres/script.sql
scaling factor: 1
query mode: prepared
number of clients: 64
number of threads: 2
maximum number of tries: 1
duration: 3 s
number of transactions actually processed: 6644
number of failed transactions: 0 (0.000%)
latency average = 29.363 ms
initial connection time = 69.412 ms
tps = 2179.624317 (without initial connection time)
`

test('report of a run -> the rate without connecting', () => {
  assert.is(parsePgbenchRate(printed), 2179.624317)
})

test('report of a run that was cut short -> an Error, not a number', () => {
  const cut = printed.slice(0, printed.indexOf('tps'))
  assert.throws(() => parsePgbenchRate(cut), /printed no rate/)
})

test('log lines -> end and duration of each transaction', () => {
  const log = '0 1 2649 0 1795247013 593426\n63 2 899 0 1795247014 000344\n'
  assert.equal(parsePgbenchLog(log), [
    { completedUs: 1_795_247_013_593_426, tookUs: 2649 },
    { completedUs: 1_795_247_014_000_344, tookUs: 899 },
  ])
})

test('log of a transaction that failed -> an Error that shows the line', () => {
  const failed = '3 7 failed 0 1795247013 593426\n'
  assert.throws(() => parsePgbenchLog(failed), /pgbench logged "3 7 failed/)
})

test('nothing logged -> no transactions', () => {
  assert.equal(parsePgbenchLog(''), [])
})

test('ends before, in and behind the window -> only those in it count', () => {
  // The first transaction begins at 1 s: with 0.25 s of warm-up the window is 1.25 s to 1.75 s.
  const ends = [1.01, 1.2499, 1.25, 1.5, 1.7499, 1.75, 2]
  const transactions = ends.map((end) => ({ completedUs: Math.round(end * 1e6), tookUs: 10_000 }))
  const { perSecond, commits } = measureTransactions(transactions, 0.25, 0.5)
  assert.is(commits, 3)
  assert.is(perSecond, 6)
})

test('transactions in any order -> percentiles by rank', () => {
  const transactions = Array.from({ length: 100 }, (_, i) => ({
    completedUs: 1_000_000 + i,
    tookUs: ((i * 37) % 100) + 1,
  }))
  const { p50Us, p99Us, commits } = measureTransactions(transactions, 0, 1)
  assert.is(commits, 100)
  assert.is(p50Us, 50)
  assert.is(p99Us, 99)
})

test('no transaction in the window -> a rate of 0 and no percentiles', () => {
  const { perSecond, p50Us } = measureTransactions([], 0.25, 1)
  assert.is(perSecond, 0)
  assert.ok(Number.isNaN(p50Us))
})

test.run()
