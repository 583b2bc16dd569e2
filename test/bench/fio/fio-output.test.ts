// Goal: fio's JSON becomes the right figures, and nothing is guessed.
// Method: what fio 3.33 printed, cut down to the fields around those that are read.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { parseFioOutput } from '../../../bench/fio/fio-output.ts'

const output = {
  'fio version': 'fio-3.33',
  jobs: [
    {
      jobname: 'seawall',
      error: 0,
      read: { total_ios: 0, iops: 0, bw: 0, bw_bytes: 0 },
      write: { total_ios: 233_649, iops: 116_766.6, bw: 934_129, bw_bytes: 956_548_029 },
      sync: { total_ios: 0, lat_ns: { min: 90_112, max: 4_521_984, mean: 316_272.8, N: 1825 } },
      job_runtime: 2000,
      usr_cpu: 3.25,
      sys_cpu: 38,
    },
  ],
}
const json = JSON.stringify(output, undefined, 2)

test('a run of writes with syncs -> operations, rates and the number of syncs', () => {
  assert.equal(parseFioOutput(json, 'write'), {
    operations: 233_649,
    operationsPerSecond: 116_766.6,
    bytesPerSecond: 956_548_029,
    syncs: 1825,
    cpuSeconds: 0.825,
  })
})

test('the other direction -> its own figures', () => {
  assert.is(parseFioOutput(json, 'read').bytesPerSecond, 0)
})

test('warnings before the JSON -> skipped', () => {
  const warned = `fio: this platform does not support process shared mutexes\n${json}`
  assert.is(parseFioOutput(warned, 'write').operations, 233_649)
})

test('a run without syncs -> no syncs', () => {
  const [job] = output.jobs
  const { sync: _, ...withoutSync } = job as (typeof output.jobs)[0]
  assert.is(parseFioOutput(JSON.stringify({ jobs: [withoutSync] }), 'write').syncs, 0)
})

test('no JSON, or no job in it -> an Error', () => {
  assert.throws(() => parseFioOutput('fio: engine io_uring not loadable', 'read'), /no JSON/)
  assert.throws(() => parseFioOutput('{ "jobs": [] }', 'read'), /no job/)
  assert.throws(() => parseFioOutput('{}', 'read'), /no job/)
})

test.run()
