// What a checkpoint costs those who go on meanwhile.
import type { BenchCase } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioOf, type Spread, spreadOf } from '../measure/spread.ts'
import { ratioRow } from './targets.ts'

const clients = 64
// 100 MB of rows: between one checkpoint and the next, most changed pages have been changed once.
const accounts = 1_000_000
const bufferPoolBytes = 256 * 2 ** 20
// No checkpoint but those of the loop.
const maxWalBytes = 8 * 2 ** 30
const secondsMin = 1.5
const throughputFactor = 0.8
const stallFactor = 3
const without = 'no checkpoint'

function detailsOf(samples: Samples, name: string, detail: string): Spread {
  return spreadOf((samples.get(name) ?? []).map(({ details }) => Number(details?.[detail])))
}

export const checkpoint: BenchCase = {
  name: 'checkpoint',
  title: `Checkpoints one after the other, ${clients} clients, transfers`,
  async run(context) {
    const { settings, guard } = context
    const { rounds, seed } = settings
    const seconds = Math.max(secondsMin, settings.seconds)
    const directory = context.directoryFor('checkpoint')
    const subjectOf = (
      name: string,
      tornPages: 'doublewrite' | 'none',
      takesCheckpoints: boolean,
    ): Subject => ({
      name,
      run: async () => {
        const options = { tornPages, bufferPoolBytes, maxWalBytes }
        const config = { directory, options, clients, seconds, seed, accounts, takesCheckpoints }
        const sample = await runSubject('engine-transfer', config)
        context.remove(directory)
        return sample
      },
    })
    const protections = ['doublewrite', 'none'] as const
    const subjects = [
      subjectOf(without, 'doublewrite', false),
      ...protections.map((tornPages) => subjectOf(`checkpoints, ${tornPages}`, tornPages, true)),
    ]
    const samples = await alternate(subjects, rounds, seed, guard)
    const latencyNote = (name: string): string =>
      ['p50Us', 'p99Us', 'worstUs']
        .map((detail) => `${detail.slice(0, -2)} ${detailOf(samples, name, detail).toFixed(0)} us`)
        .join(', ')
    const calm = { label: without, measured: valuesOf(samples, without) }
    const calmP99 = { label: `p99, ${without}`, measured: detailsOf(samples, without, 'p99Us') }
    const rows: Row[] = [{ ...calm, unit: '/s', note: latencyNote(without) }]
    for (const tornPages of protections) {
      const name = `checkpoints, ${tornPages}`
      const detail = (key: string): string => detailOf(samples, name, key).toFixed(0)
      const note = `${detail('checkpoints')} of them, ${detail('pagesWritten')} pages; ${latencyNote(name)}`
      const row = { label: name, measured: valuesOf(samples, name), note }
      rows.push(ratioRow({ ...row, unit: '/s', reference: calm }, throughputFactor))
      const worst = detailsOf(samples, name, 'worstUs')
      const ratio = ratioOf(worst, calmP99.measured)
      rows.push({
        label: `  longest transfer, ${name}`,
        measured: worst,
        unit: 'us',
        reference: calmP99,
        ratio,
        target: { text: `<= ${stallFactor} x`, met: ratio.median <= stallFactor },
      })
    }
    return { rows }
  },
}
