// One committer that waits for each commit, against fio's synced 4 KiB overwrites: who pays more than the drive asks?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import type { Row } from '../row.ts'
import { alternate, detailOf, type Samples, type Subject, valuesOf } from '../rounds.ts'
import { runSubject } from '../run-subject.ts'
import { ratioRow } from './targets.ts'

const bodyBytes = 128
const fio = 'fio, 4 KiB write + fdatasync'

function logSubject(
  context: BenchContext,
  name: string,
  blocking: boolean,
  backend: 'auto' | 'threads',
): Subject {
  const directory = context.directoryFor(`lone-${backend}`)
  const { seconds } = context.settings
  return {
    name,
    run: () =>
      runSubject('log-commit', {
        directory,
        options: { backend },
        recycle: false,
        committers: 1,
        blocking,
        bodyBytes,
        seconds,
      }),
  }
}

function subjectsOf(context: BenchContext): Subject[] {
  const { settings, native, peers } = context
  const { seconds } = settings
  const subjects: Subject[] = [
    {
      name: fio,
      run: () =>
        context.fio.run({ rw: 'write', blockBytes: 4096, depth: 1, writesPerSync: 1, seconds }),
    },
    logSubject(context, 'commit()', false, 'auto'),
    logSubject(context, 'commitSync()', true, 'auto'),
    logSubject(context, 'commit(), threads backend', false, 'threads'),
  ]
  if (native !== undefined) {
    const directory = context.directoryFor('lone-native')
    for (const mode of ['flush-sync', 'writer-thread'] as const) {
      subjects.push({
        name: `native core, ${mode}`,
        run: () => native.run(mode, directory, seconds, bodyBytes),
      })
    }
  }
  for (const peer of peers.available) {
    const directory = context.directoryFor(`lone-${peer}`)
    subjects.push({
      name: peer,
      run: () => runSubject('peer-commit', { peer, directory, committers: 1, bodyBytes, seconds }),
    })
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
  if (name === fio) return row
  return ratioRow({ ...row, reference: { label: fio, measured: valuesOf(samples, fio) } }, factor)
}

export const commitLone: BenchCase = {
  name: 'commit-lone',
  title: `One awaited committer, ${bodyBytes} B`,
  async run(context) {
    const { settings, guard } = context
    const subjects = subjectsOf(context)
    const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
    for (const name of ['lone-auto', 'lone-threads', 'lone-native']) {
      context.remove(context.directoryFor(name))
    }
    const targets = new Map([
      ['commit()', 0.85],
      ['commitSync()', 1],
    ])
    const rows = subjects.map(({ name }) => rowOf(samples, name, targets.get(name)))
    return { rows, skipped: context.peers.missing }
  },
}
