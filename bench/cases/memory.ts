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

const loads = [
  {
    label: '10 M commits, 1024 committers, 128 B',
    records: 10e6,
    committers: 1024,
    bodyBytes: 128,
  },
  { label: '10 M appends, 128 B', records: 10e6, committers: 0, bodyBytes: 128 },
  { label: '1 GiB of appends, 8 MiB each', records: 128, committers: 0, bodyBytes: 8 * mib },
]

export const memory: BenchCase = {
  name: 'memory',
  title: 'Memory',
  async run(context) {
    const rows: Row[] = []
    for (const { label, ...load } of loads) {
      await context.guard.waitUntilFast()
      const directory = context.directoryFor('memory')
      const config = {
        directory,
        bufferBytes: bufferMiB * mib,
        ...load,
      }
      const { value, details } = await runSubject('log-memory', config, ['--expose-gc'])
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
