// Reading a log back, against fio reading the same files; and following its end while it is written.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { BenchCase, BenchContext } from '../bench-case.ts'
import { noFio } from '../fio/fio.ts'
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
  const { settings, guard, fio } = context
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
  const fioLabel = `fio, O_DIRECT, ${readBytes / mib} MiB, depth ${readDepth}`
  const batches = 'read() in batches, 4 KiB records'
  const oneByOne = 'read() one by one, 4 KiB records'
  const job = { rw: 'read', blockBytes: readBytes, depth: readDepth, writesPerSync: 0 } as const
  const subjects = [logSubject(batches, directory, 'batches')]
  if (settings.full) subjects.push(logSubject(oneByOne, directory, 'records'))
  if (fio !== undefined) {
    const run = () => fio.run({ ...job, files, seconds: settings.seconds })
    subjects.unshift({ name: fioLabel, run })
  }
  const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
  context.remove(directory)
  const plain = (label: string): Row => {
    return { label, measured: bandwidthOf(samples, label), unit: 'MB/s' }
  }
  const reference = { label: fioLabel, measured: bandwidthOf(samples, fioLabel) }
  const row = (label: string, factor?: number): Row =>
    fio === undefined ? plain(label) : ratioRow({ ...plain(label), reference }, factor)
  const ofLog = [row(batches, 0.9), ...(settings.full ? [row(oneByOne)] : [])]
  return fio === undefined ? ofLog : [plain(fioLabel), ...ofLog]
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
    const skipped = context.fio === undefined ? [noFio] : []
    return { rows: [...ofFiles, ...rows], plots, skipped }
  },
}
