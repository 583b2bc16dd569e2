// Goal: what commits used is divided rightly, and what nobody counted is left out.
// Method: made-up counts, and files of /proc as they were read.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { parseProcessTimes, statusBytes, usageDetails } from '../../../bench/commits/usage.ts'
import { countersBetween } from '../../../bench/measure/device-counts.ts'

test('everything counted -> per commit, and bytes per byte of body', () => {
  const device = { writes: 1500, flushes: 500, writtenSectors: 8000 }
  const details = usageDetails({
    commits: 1000,
    bodyBytes: 128,
    cpuSeconds: 0.002,
    device,
    emptyWritesPerFlush: 1,
    memoryGrowthBytes: 3 * 2 ** 20,
  })
  assert.equal(details, {
    cpuSecondsPerMillion: 2,
    deviceWritesPerCommit: 1,
    flushesPerCommit: 0.5,
    writeAmplification: 32,
    memoryGrowthMib: 3,
  })
})

test('nothing counted, or no commit -> no figures', () => {
  const nothing = { bodyBytes: 128, emptyWritesPerFlush: 0 }
  assert.equal(usageDetails({ ...nothing, commits: 10 }), {})
  assert.equal(usageDetails({ ...nothing, commits: 0, cpuSeconds: 1 }), {})
})

test('two looks at counters -> what was added', () => {
  const start = { writes: 1, flushes: 2, writtenSectors: 3 }
  const end = { writes: 11, flushes: 22, writtenSectors: 33 }
  assert.equal(countersBetween(start, end), { writes: 10, flushes: 20, writtenSectors: 30 })
})

test('status of a process -> its memory in bytes', () => {
  const status = 'Name:\tnode\nVmHWM:\t   51244 kB\nVmRSS:\t   48000 kB\n'
  assert.is(statusBytes(status, 'VmHWM'), 51_244 * 1024)
  assert.is(statusBytes(status, 'VmRSS'), 48_000 * 1024)
  assert.is(statusBytes('Name:\tkthreadd\n', 'VmRSS'), undefined)
})

test('times of a process with a strange name -> parent, own and those of ended children', () => {
  const stat = '42 (a) b (c) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 300 25 20 0 1 0 1000'
  assert.equal(parseProcessTimes(stat), { parent: 7, ownSeconds: 2, childSeconds: 3.25 })
})

test.run()
