// Goal: what db_bench printed becomes the right figures, and nothing is guessed.
// Method: output of db_bench of RocksDB 7.8 as it was printed, cut down.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { hasAssertions, parseDbBench } from '../../../bench/rocksdb/db-bench-output.ts'

const printed = `Compression: NoCompression
Memtablerep: SkipListFactory
Perf Level: 1
WARNING: Assertions are enabled; benchmarks unnecessarily slow
------------------------------------------------
DB path: [/tmp/db-bench]
fillsync     :    1277.198 micros/op 46067 ops/sec 1.089 seconds 50159 operations;    5.6 MB/s (1000000 ops)
Microseconds per write:
Count: 50159 Average: 1333.5236  StdDev: 3210.31
Min: 101  Median: 1127.9142  Max: 94846
Percentiles: P50: 1127.91 P75: 1534.75 P99: 3790.42 P99.9: 79731.64 P99.99: 94846.00
`

test('a run of fillsync -> operations of all threads, and the latency of each', () => {
  assert.equal(parseDbBench(printed, 'fillsync'), {
    operations: 50_159,
    perSecond: 46_067,
    seconds: 1.089,
    p50Us: 1127.91,
    p99Us: 3790.42,
  })
})

test('another benchmark, a failure or nothing -> an Error that shows the last line', () => {
  assert.throws(() => parseDbBench(printed, 'fillseq'), /printed no result/)
  assert.throws(() => parseDbBench('open error: IO error\n', 'fillsync'), /open error: IO error/)
  assert.throws(() => parseDbBench('', 'fillsync'), /printed no result/)
})

test('no histogram -> an Error, not a number', () => {
  const cut = printed.slice(0, printed.indexOf('Percentiles'))
  assert.throws(() => parseDbBench(cut, 'fillsync'), /printed no result/)
})

test('a build with assertions -> known', () => {
  assert.is(hasAssertions(printed), true)
  assert.is(hasAssertions(printed.replace(/^WARNING.*$/m, '')), false)
})

test.run()
