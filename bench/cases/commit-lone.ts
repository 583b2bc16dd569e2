// One committer that waits for each commit, against fio's synced 4 KiB overwrites: who pays more
// than the drive asks?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { alternate, detailOf, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { type Fio, noFio } from '../fio/fio.ts'
import type { Row } from '../result/row.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioRow } from './targets.ts'

const bodyBytes = 128
const fioLabel = 'fio, 4 KiB write + fdatasync'
const targets = [
  { label: 'commit()', blocking: false, ratio: 0.9 },
  { label: 'commitSync()', blocking: true, ratio: 1 },
]

function fioSubject(fio: Fio, { settings }: BenchContext): Subject {
  const job = { rw: 'write', blockBytes: 4096, depth: 1, writesPerSync: 1 } as const
  return { name: fioLabel, run: () => fio.run({ ...job, seconds: settings.seconds }) }
}

function logSubject(
  context: BenchContext,
  name: string,
  blocking: boolean,
  backend: 'auto' | 'threads',
): Subject {
  const directory = context.directoryFor(`lone-${backend}`)
  const config = {
    directory,
    options: { backend },
    recycle: false,
    committers: 1,
    blocking,
    bodyBytes,
    seconds: context.settings.seconds,
  }
  return { name, run: () => runSubject('log-commit', config) }
}

/** What the targets leave open: where the time goes, and what others pay. */
function otherSubjects(context: BenchContext): Subject[] {
  const { native, peers } = context
  const { seconds } = context.settings
  const subjects = [
    logSubject(context, 'commit(), threads backend', false, 'threads'),
    logSubject(context, 'commitSync(), threads backend', true, 'threads'),
  ]
  if (native !== undefined) {
    const directory = context.directoryFor('lone-native')
    for (const mode of ['flush-sync', 'writer-thread'] as const) {
      const run = () => native.run(mode, directory, seconds, bodyBytes)
      subjects.push({ name: `native core, ${mode}`, run })
    }
  }
  for (const peer of peers.available) {
    const directory = context.directoryFor(`lone-${peer}`)
    const config = { peer, directory, committers: 1, bodyBytes, seconds }
    subjects.push({ name: peer, run: () => runSubject('peer-commit', config) })
  }
  return subjects
}

function rowOf(samples: Samples, name: string, factor?: number): Row {
  const latency = (detail: string): string => detailOf(samples, name, detail).toFixed(0)
  const hasLatency = Number.isFinite(detailOf(samples, name, 'p50Us'))
  const row = {
    label: name,
    measured: valuesOf(samples, name),
    unit: '/s' as const,
    ...(hasLatency ? { note: `p50 ${latency('p50Us')} us, p99 ${latency('p99Us')} us` } : {}),
  }
  if (name === fioLabel || !samples.has(fioLabel)) return row
  const reference = { label: fioLabel, measured: valuesOf(samples, fioLabel) }
  return ratioRow({ ...row, reference }, factor)
}

export const commitLone: BenchCase = {
  name: 'commit-lone',
  title: `One awaited committer, ${bodyBytes} B`,
  async run(context) {
    const { settings, guard } = context
    const { rounds, seed } = settings
    const fio = context.fio === undefined ? [] : [fioSubject(context.fio, context)]
    // A few percent decide, and the disk drifts by more than that within a minute: so these three
    // follow each other closely, and more often than anything else.
    const decisive = targets.map(({ label, blocking }) =>
      logSubject(context, label, blocking, 'auto'),
    )
    const { full } = settings
    const closeRounds = full ? 2 * rounds + 1 : rounds + 1
    const close = await alternate([...fio, ...decisive], closeRounds, seed, guard)
    const others = otherSubjects(context)
    const wideRounds = full ? rounds - 1 : 1
    const wide = await alternate([...fio, ...others], Math.max(1, wideRounds), seed, guard)
    for (const name of ['lone-auto', 'lone-threads', 'lone-native']) {
      context.remove(context.directoryFor(name))
    }
    const rows = [
      ...fio.map(({ name }) => rowOf(close, name)),
      ...targets.map(({ label, ratio }) => rowOf(close, label, ratio)),
      ...others.map(({ name }) => rowOf(wide, name)),
    ]
    const { missing } = context.peers
    return { rows, skipped: context.fio === undefined ? [noFio, ...missing] : missing }
  },
}
