// Goal: goals are judged against the best peer there is, in the rounds that both were measured in.
// Method: rows from made-up samples.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { CommitEngine } from '../../../bench/commits/engine.ts'
import type { MeasuredCell } from '../../../bench/commits/measure-cells.ts'
import { commitRows } from '../../../bench/commits/rows.ts'
import type { Sample } from '../../../bench/measure/rounds.ts'

const engine = (name: string, role: CommitEngine['role']): CommitEngine => ({
  name,
  role,
  durable: '',
  cellFor: (cell) => cell,
  open: () => Promise.reject(new Error('not opened here')),
})
const fio = 'fio, sync every write'
const engines = [
  engine('Seawall', 'own'),
  engine(fio, 'limit'),
  engine('lmdb', 'peer'),
  engine('RocksDB', 'peer'),
]

const samplesOf = (cpu: number, ...values: number[]): Sample[] =>
  values.map((value) => ({ value, details: { cpuSecondsPerMillion: cpu } }))

const cellOf = (
  bodyBytes: number,
  committers: number,
  samples: Record<string, Sample[]>,
): MeasuredCell => ({ bodyBytes, committers, samples: new Map(Object.entries(samples)) })

const rowOf = (cell: MeasuredCell, label: string) =>
  commitRows([cell], engines).find((row) => row.label === label)

const small = cellOf(128, 64, {
  Seawall: samplesOf(1, 400, 300),
  [fio]: samplesOf(9, 900, 900),
  lmdb: samplesOf(2, 100),
  RocksDB: samplesOf(3, 90),
})

test('a cell -> held against the best peer, not against fio, in the rounds of both', () => {
  const row = rowOf(small, '128 B, 64 committers')
  assert.is(row?.reference?.label, 'lmdb')
  assert.equal(row?.ratio?.values, [4])
  assert.equal(row?.target, { text: '>= 1 x lmdb', met: true })
})

test('64 committers, 128 B -> 3 x lmdb, 5 x RocksDB, and the least CPU time', () => {
  assert.is(rowOf(small, '128 B, 64 committers, against lmdb')?.target?.met, true)
  assert.is(rowOf(small, '128 B, 64 committers, against RocksDB')?.target?.met, false)
  const cpu = rowOf(small, '128 B, 64 committers, CPU time per million commits')
  assert.equal(cpu?.target, { text: '<= 1 x lmdb', met: true })
})

test('large records -> bandwidth against fio', () => {
  const cell = cellOf(65_536, 1, { Seawall: samplesOf(1, 94), [fio]: samplesOf(1, 100) })
  const row = rowOf(cell, `64 KiB, 1 committer, bandwidth against ${fio}`)
  assert.is(row?.target?.met, false)
  assert.ok(Math.abs((row?.measured.median ?? 0) - (94 * 65_536) / 1e6) < 1e-9)
})

test('no peers -> numbers without a verdict', () => {
  const cell = cellOf(128, 1, { Seawall: samplesOf(1, 10) })
  const row = rowOf(cell, '128 B, 1 committer')
  assert.is(row?.target, undefined)
  assert.is(row?.measured.median, 10)
})

test('all rows -> labels that occur once', () => {
  const labels = commitRows([small, { ...small, bodyBytes: 65_536 }], engines).map(
    ({ label }) => label,
  )
  assert.is(new Set(labels).size, labels.length)
})

test.run()
