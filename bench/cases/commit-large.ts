// Large records: is the drive's bandwidth reached?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Samples, type Subject } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import { ratioRow } from './targets.ts'

const targetRatio = 0.95
const kib = 1024
const shapes = [
  { bodyBytes: 64 * kib, depth: 1 },
  { bodyBytes: 64 * kib, depth: 4 },
  { bodyBytes: 1024 * kib, depth: 1 },
  { bodyBytes: 1024 * kib, depth: 4 },
]
// Enough for a stable bandwidth, and little enough for the bucket of a virtual disk.
const secondsMax = 1

function bandwidthOf(samples: Samples, name: string): Spread {
  const values = samples.get(name) ?? []
  return spreadOf(values.map(({ details }) => Number(details?.megabytesPerSecond)))
}

async function measure(context: BenchContext, bodyBytes: number, depth: number): Promise<Row[]> {
  const { settings, guard } = context
  const seconds = Math.min(settings.seconds, secondsMax)
  const size = bodyBytes >= 1024 * kib ? `${bodyBytes / kib / kib} MiB` : `${bodyBytes / kib} KiB`
  const fioSubject = (writesPerSync: number): Subject => ({
    name: `fio, ${size}, depth ${depth}, sync every ${writesPerSync === 1 ? 'write' : `${writesPerSync} writes`}`,
    run: () =>
      context.fio.run({ rw: 'write', blockBytes: bodyBytes, depth, writesPerSync, seconds }),
  })
  const logSubject = (name: string, recycle: boolean): Subject => {
    const directory = context.directoryFor(recycle ? 'large-recycled' : 'large-new')
    const config = { directory, recycle, committers: depth, blocking: false, bodyBytes, seconds }
    return {
      name,
      run: async () => {
        const sample = await runSubject('log-commit', config)
        if (!recycle) context.remove(directory)
        return sample
      },
    }
  }
  const label = `commit(), ${depth} committer${depth > 1 ? 's' : ''}, ${size}`
  const growing = `${label}, log only grows`
  // One sync per write is what fio's default for synced writes means. A log that commits in groups
  // syncs less often, so with several committers it is also held against fio with one sync per
  // group.
  const everyWrite = fioSubject(1)
  const everyGroup = fioSubject(depth)
  const references = depth === 1 ? [everyWrite] : [everyWrite, everyGroup]
  const subjects = [...references, logSubject(label, true)]
  if (depth === 1) subjects.push(logSubject(growing, false))
  const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
  const rowFor = (name: string, reference: Subject, factor?: number): Row => {
    const syncs = detailOf(samples, name, 'syncsPerRecord').toFixed(2)
    const row = {
      label: name,
      measured: bandwidthOf(samples, name),
      unit: 'MB/s' as const,
      reference: { label: reference.name, measured: bandwidthOf(samples, reference.name) },
      note: `${syncs} syncs a record`,
    }
    return ratioRow(row, factor)
  }
  return [
    ...references.map(({ name }): Row => ({
      label: name,
      measured: bandwidthOf(samples, name),
      unit: 'MB/s',
    })),
    rowFor(label, everyWrite, targetRatio),
    ...(depth === 1
      ? [rowFor(growing, everyWrite)]
      : [{ ...rowFor(label, everyGroup), label: '  the same, against one sync a group' }]),
  ]
}

export const commitLarge: BenchCase = {
  name: 'commit-large',
  title: 'Large records',
  async run(context) {
    const rows: Row[] = []
    for (const { bodyBytes, depth } of shapes) {
      rows.push(...(await measure(context, bodyBytes, depth)))
    }
    context.remove(context.directoryFor('large-recycled'))
    return { rows }
  },
}
