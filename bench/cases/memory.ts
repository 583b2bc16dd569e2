// Resident memory: bounded by the buffer, whatever is appended, for as long as it is appended.
import type { BenchCase } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { runSubject } from '../measure/run-subject.ts'
import { spreadOf } from '../measure/spread.ts'
import { limitRow } from './targets.ts'

const mib = 2 ** 20
// What V8's heap moves by from one collection to the next.
const noiseMiB = 8
const bufferMiB = 16
// V8's young generation has its full size from the start: otherwise its growth, which ends after some
// hundred thousand commits, would be taken for the log's.
const nodeFlags = ['--expose-gc', '--min-semi-space-size=16']

interface Load {
  readonly label: string
  readonly records: number
  readonly committers: number
  readonly bodyBytes: number
}

/** `millions` of small records each, and `gibibytes` of large ones. */
function loadsOf(millions: number, gibibytes: number): Load[] {
  const records = millions * 1e6
  const largeBytes = 8 * mib
  const small = { records, bodyBytes: 128 }
  return [
    { label: `${millions} M commits, 1024 committers, 128 B`, ...small, committers: 1024 },
    { label: `${millions} M appends, 128 B`, ...small, committers: 0 },
    {
      label: `${gibibytes} GiB of appends, 8 MiB each`,
      records: (gibibytes * 1024 * mib) / largeBytes,
      committers: 0,
      bodyBytes: largeBytes,
    },
  ]
}

const quickLoads = loadsOf(2, 0.25)
const fullLoads = loadsOf(10, 1)

export const memory: BenchCase = {
  name: 'memory',
  title: 'Memory',
  async run(context) {
    const rows: Row[] = []
    for (const { label, ...load } of context.settings.full ? fullLoads : quickLoads) {
      await context.guard.waitUntilFast()
      const directory = context.directoryFor('memory')
      const config = {
        directory,
        bufferBytes: bufferMiB * mib,
        ...load,
      }
      const { value, details } = await runSubject('log-memory', config, nodeFlags)
      context.remove(directory)
      const first = Number(details?.firstMiB).toFixed(0)
      const last = Number(details?.lastMiB).toFixed(0)
      const growth: Row = {
        label: `growth over ${label}`,
        measured: spreadOf([value]),
        unit: 'MiB',
        note: `resident ${first} MiB after a tenth, ${last} MiB at the end`,
      }
      rows.push(limitRow(growth, '<=', noiseMiB, `${noiseMiB} (none)`))
      const peak: Row = {
        label: '  peak above just opened',
        measured: spreadOf([Number(details?.peakGrowthMiB)]),
        unit: 'MiB',
      }
      // Awaited commits make promises, so V8's young generation grows to its full size beside the
      // buffer.
      const limit = `buffer (${bufferMiB}) + ${noiseMiB}`
      rows.push(load.committers > 0 ? peak : limitRow(peak, '<=', bufferMiB + noiseMiB, limit))
    }
    return { rows }
  },
}
