// Reading a log back, against fio reading the same files; and following its end while it is written.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { BenchCase, BenchContext } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { alternate, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import { followLog } from './read-live.ts'
import { limitRow, ratioRow } from './targets.ts'

const mib = 2 ** 20
// As the log reads: a mebibyte at a time, four of them under way.
const readBytes = mib
const readDepth = 4
const largeBytes = 4096
const smallBytes = 128
const largeRecordCount = 250_000
const smallRecordCounts = { quick: 1_500_000, full: 4_000_000 }
const batchesPerSecond = 4e6

function logSubject(name: string, directory: string, form: 'batches' | 'records'): Subject {
  return { name, run: () => runSubject('log-read', { directory, form }) }
}

function bandwidthOf(samples: Samples, name: string): Spread {
  const values = samples.get(name) ?? []
  return spreadOf(values.map(({ details }) => Number(details?.megabytesPerSecond)))
}

async function largeRecords(context: BenchContext): Promise<Row[]> {
  const { settings, guard } = context
  const directory = context.directoryFor('read-large')
  await runSubject('log-append', {
    directory,
    recycle: false,
    bodyBytes: largeBytes,
    records: largeRecordCount,
  })
  const segments = readdirSync(join(directory, 'wal')).sort()
  // The last ones are prepared but hold no records.
  const files = segments.slice(0, -2).map((name) => join(directory, 'wal', name))
  const fio = `fio, O_DIRECT, ${readBytes / mib} MiB, depth ${readDepth}`
  const batches = 'read() in batches, 4 KiB records'
  const oneByOne = 'read() one by one, 4 KiB records'
  const job = { rw: 'read', blockBytes: readBytes, depth: readDepth, writesPerSync: 0 } as const
  const subjects: Subject[] = [
    { name: fio, run: () => context.fio.run({ ...job, files, seconds: settings.seconds }) },
    logSubject(batches, directory, 'batches'),
  ]
  if (settings.full) subjects.push(logSubject(oneByOne, directory, 'records'))
  const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
  context.remove(directory)
  const reference = { label: fio, measured: bandwidthOf(samples, fio) }
  const row = (label: string, factor?: number): Row =>
    ratioRow({ label, measured: bandwidthOf(samples, label), unit: 'MB/s', reference }, factor)
  const fioRow: Row = { label: fio, measured: reference.measured, unit: 'MB/s' }
  return [fioRow, row(batches, 0.9), ...(settings.full ? [row(oneByOne)] : [])]
}

async function smallRecords(
  context: BenchContext,
  records: number,
  rounds: number,
): Promise<Row[]> {
  const { settings, guard } = context
  const directory = context.directoryFor('read-small')
  await runSubject('log-append', {
    directory,
    recycle: false,
    bodyBytes: smallBytes,
    records,
  })
  const batches = 'read() in batches, 128 B records'
  const oneByOne = 'read() one by one, 128 B records'
  const subjects = [
    logSubject(batches, directory, 'batches'),
    logSubject(oneByOne, directory, 'records'),
  ]
  const samples = await alternate(subjects, rounds, settings.seed, guard)
  context.remove(directory)
  const row = (label: string): Row => ({ label, measured: valuesOf(samples, label), unit: '/s' })
  return [limitRow(row(batches), '>=', batchesPerSecond, '4 M/s'), row(oneByOne)]
}

export const read: BenchCase = {
  name: 'read',
  title: 'Reading back',
  async run(context) {
    const { full, rounds } = context.settings
    const small = smallRecordCounts[full ? 'full' : 'quick']
    const fewer = full ? rounds : Math.min(2, rounds)
    const ofFiles = [
      ...(await largeRecords(context)),
      ...(await smallRecords(context, small, fewer)),
    ]
    const { rows, plots } = await followLog(context, fewer)
    return { rows: [...ofFiles, ...rows], plots }
  },
}
