// A reader that follows the end of the log in the process that writes it: does it keep up, how far
// behind is it, and what do the committers pay?
import type { BenchContext } from '../bench-case.ts'
import {
  type Bucket,
  logarithmicGrid,
  mergeBuckets,
  percentileOf,
  sharesAt,
} from '../measure/latency-histogram.ts'
import { alternate, detailOf, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { spreadOf } from '../measure/spread.ts'
import type { Plot } from '../result/plot.ts'
import type { CaseResult, Row } from '../result/row.ts'
import type { LogTailConfig } from '../subjects/log-tail.ts'
import { detailsOf } from './details.ts'
import { ratioRow } from './targets.ts'

const committers = 64
const bodyBytes = 128
const followed = `commit(), ${committers} committers, followed by read({ live: true })`
const alone = `commit(), ${committers} committers, nobody follows`

function lagsOf(samples: Samples): Bucket[][] {
  return (samples.get(followed) ?? []).map(
    ({ details }) => JSON.parse(String(details?.lag)) as Bucket[],
  )
}

function lagPlot(lags: readonly (readonly Bucket[])[]): Plot {
  const merged = mergeBuckets(lags)
  const grid = logarithmicGrid(1, merged.at(-1)?.[0] ?? 1, 15)
  return {
    name: 'lag',
    title: 'How far behind a live reader is',
    caption:
      `From the moment a flush is reported to its committers until the last of its records is ` +
      `delivered to a reader in the same process; ${committers} committers, ${bodyBytes} B.`,
    x: { label: 'from durable to delivered', unit: 'us', scale: 'log' },
    y: { label: 'of all flushes', unit: '%', scale: 'linear' },
    lines: [
      {
        label: 'read({ live: true })',
        role: 'own',
        points: sharesAt(merged, grid).map((share, i) => ({
          x: grid[i] as number,
          y: spreadOf([100 * share]),
        })),
      },
    ],
  }
}

export async function followLog(
  context: BenchContext,
  rounds: number,
): Promise<Required<Pick<CaseResult, 'rows' | 'plots'>>> {
  const { settings, guard } = context
  const directory = context.directoryFor('read-live')
  const subject = (name: string, isFollowed: boolean): Subject => ({
    name,
    run: async () => {
      const config: LogTailConfig = {
        directory,
        // The reader would be overtaken by a log that gives its segments away as soon as it can.
        recycle: false,
        committers,
        bodyBytes,
        seconds: settings.seconds,
        isFollowed,
      }
      const sample = await runSubject('log-tail', config)
      context.remove(directory)
      return sample
    },
  })
  const subjects = [subject(alone, false), subject(followed, true)]
  const samples = await alternate(subjects, rounds, settings.seed, guard)
  const lags = lagsOf(samples)
  const reference = { label: alone, measured: valuesOf(samples, alone) }
  const lagRow = (percent: number): Row => ({
    label: `  from durable to delivered, p${percent}`,
    measured: spreadOf(lags.map((lag) => percentileOf(lag, percent))),
    unit: 'us',
  })
  const perBatch = detailOf(samples, followed, 'recordsPerBatch').toFixed(0)
  const ahead = (100 * detailOf(samples, followed, 'aheadShare')).toFixed(0)
  const rows: Row[] = [
    { label: alone, measured: reference.measured, unit: '/s' },
    ratioRow({ label: followed, measured: valuesOf(samples, followed), unit: '/s', reference }),
    {
      label: '  delivered to the reader',
      measured: detailsOf(samples, followed, 'deliveredPerSecond'),
      unit: '/s',
      note: `${perBatch} records a batch; ${ahead} % of flushes delivered before they were reported`,
    },
    lagRow(50),
    lagRow(99),
  ]
  return { rows, plots: [lagPlot(lags)] }
}
