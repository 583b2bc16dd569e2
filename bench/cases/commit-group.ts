// Many committers that wait for their commits at the same time: does group commit carry them?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import type { Spread } from '../measure/spread.ts'
import { rateOrPeerRow } from './targets.ts'

const bodyBytes = 128
const peerFactor = 3
const goals = [
  { committers: 64, perSecond: 400_000 },
  { committers: 1024, perSecond: 900_000 },
]

async function measure(
  context: BenchContext,
  committers: number,
  perSecond: number,
): Promise<Row[]> {
  const { settings, guard, peers } = context
  const { seconds } = settings
  const log = (name: string, recycle: boolean): Subject => {
    const directory = context.directoryFor(recycle ? 'group-recycled' : 'group-new')
    const config = { directory, recycle, committers, blocking: false, bodyBytes, seconds }
    return { name, run: () => runSubject('log-commit', config) }
  }
  const recycled = `commit(), ${committers} committers, ${bodyBytes} B`
  const growing = `${recycled}, log only grows`
  const peerSubjects: Subject[] = peers.available.map((peer) => ({
    name: peer,
    run: () =>
      runSubject('peer-commit', {
        peer,
        directory: context.directoryFor(`group-${peer}`),
        committers,
        bodyBytes,
        seconds,
      }),
  }))
  const subjects = [log(recycled, true), log(growing, false), ...peerSubjects]
  const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
  context.remove(context.directoryFor('group-new'))
  const noteOf = (name: string): string => {
    const detail = (key: string): string => detailOf(samples, name, key).toFixed(0)
    return `p50 ${detail('p50Us')} us, p99 ${detail('p99Us')} us`
  }
  const labelOf = (peer: string): string => `${peer}, ${committers} committers`
  const peerValues = new Map<string, Spread>(
    peerSubjects.map(({ name }) => [labelOf(name), valuesOf(samples, name)]),
  )
  const grouped = detailOf(samples, recycled, 'recordsPerFlush').toFixed(0)
  const row = { measured: valuesOf(samples, recycled), unit: '/s' as const, label: recycled }
  return [
    rateOrPeerRow(
      { ...row, note: `${noteOf(recycled)}, ${grouped} records a flush` },
      perSecond,
      peerFactor,
      peerValues,
    ),
    { label: growing, measured: valuesOf(samples, growing), unit: '/s', note: noteOf(growing) },
    ...peerSubjects.map(({ name }): Row => {
      const measured = valuesOf(samples, name)
      return { label: labelOf(name), measured, unit: '/s', note: noteOf(name) }
    }),
  ]
}

export const commitGroup: BenchCase = {
  name: 'commit-group',
  title: 'Many awaited committers',
  async run(context) {
    const rows: Row[] = []
    for (const { committers, perSecond } of goals) {
      rows.push(...(await measure(context, committers, perSecond)))
    }
    context.remove(context.directoryFor('group-recycled'))
    return { rows, skipped: context.peers.missing }
  },
}
