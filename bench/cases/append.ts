// Appending without waiting, from one thread.
import type { BenchCase, BenchContext } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { limitRow } from './targets.ts'

const bodyBytes = 128
const quickRecords = 5_000_000
const fullRecords = 10_000_000
const targetPerSecond = 3e6

function logSubject(context: BenchContext, name: string, recycle: boolean): Subject {
  const records = context.settings.full ? fullRecords : quickRecords
  const directory = context.directoryFor(recycle ? 'append-recycled' : 'append-new')
  return {
    name,
    run: async () => {
      const sample = await runSubject('log-append', { directory, recycle, bodyBytes, records })
      context.remove(directory)
      return sample
    },
  }
}

export const append: BenchCase = {
  name: 'append',
  title: 'Appending millions of records without waiting',
  async run(context) {
    const { settings, guard, native } = context
    const { full, rounds, seed } = settings
    const millions = (full ? fullRecords : quickRecords) / 1e6
    const recycled = `append(), ${millions} M records of ${bodyBytes} B`
    const growing = `${recycled}, log only grows`
    const floor = 'native core, append'
    const subjects = [logSubject(context, recycled, true), logSubject(context, growing, false)]
    if (native !== undefined) {
      const directory = context.directoryFor('append-native')
      subjects.push({
        name: floor,
        run: async () => {
          const sample = await native.run('append', directory, settings.seconds, bodyBytes)
          context.remove(directory)
          return sample
        },
      })
    }
    const samples = await alternate(subjects, full ? rounds : Math.max(1, rounds - 2), seed, guard)
    const row = (name: string): Row => {
      const share = Math.round(100 * detailOf(samples, name, 'waitShare'))
      const bandwidth = detailOf(samples, name, 'megabytesPerSecond').toFixed(0)
      const note = Number.isFinite(share)
        ? { note: `${share} % of the time waiting for the disk; ${bandwidth} MB/s of bodies` }
        : {}
      return { label: name, measured: valuesOf(samples, name), unit: '/s', ...note }
    }
    const rows = [
      limitRow(row(recycled), '>=', targetPerSecond, '3 M/s'),
      row(growing),
      ...(native === undefined ? [] : [row(floor)]),
    ]
    return { rows }
  },
}
