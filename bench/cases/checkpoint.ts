// What a checkpoint costs those who go on meanwhile.
import type { BenchCase } from '../bench-case.ts'
import { alternate, detailOf, type Sample, type Samples } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioOf, spreadOf } from '../measure/spread.ts'
import type { Line, Plot } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import { detailsOf } from './details.ts'
import { ratioRow } from './targets.ts'

const clients = 64
// No checkpoint but those of the busy phases.
const maxWalBytes = 8 * 2 ** 30
const bucketMs = 50
const throughputFactor = 0.8
const stallFactor = 3
const protections = ['doublewrite', 'none'] as const
type Protection = (typeof protections)[number]

/** Between one checkpoint and the next, most changed pages have been changed once. */
const quickRun = {
  accounts: 400_000,
  bufferPoolBytes: 128 * 2 ** 20,
  phasePairs: 2,
  secondsMin: 0.5,
}
const fullRun = {
  accounts: 1_000_000,
  bufferPoolBytes: 256 * 2 ** 20,
  phasePairs: 2,
  secondsMin: 1.5,
}

function calmName(tornPages: Protection): string {
  return `no checkpoint, ${tornPages}`
}

function busyName(tornPages: Protection): string {
  return `checkpoints, ${tornPages}`
}

function latencyNote(samples: Samples, tornPages: Protection, kind: 'calm' | 'busy'): string {
  return ['P50', 'P99', 'Worst']
    .map((name) => {
      const us = detailOf(samples, tornPages, `${kind}${name}Us`).toFixed(0)
      return `${name.toLowerCase()} ${us} us`
    })
    .join(', ')
}

/** What the longest stall, as far as it was measured, was made of. */
function stallInWords(samples: Samples, tornPages: Protection): string {
  const ms = (detail: string): string => detailOf(samples, tornPages, detail).toFixed(1)
  const stall = (kind: 'calm' | 'busy'): string =>
    `${ms(`${kind}StallMs`)} ms (V8 collecting garbage ${ms(`${kind}StallCollectionMs`)}, waiting for ` +
    `the drive with an idle event loop ${ms(`${kind}StallWaitMs`)}, running or waiting for a processor ` +
    `${ms(`${kind}StallBusyMs`)})`
  const calmWorst = (detailOf(samples, tornPages, 'calmWorstUs') / 1000).toFixed(1)
  return (
    `without a checkpoint the longest transfer took ${calmWorst} ms; no transfer at all ended for up ` +
    `to ${stall('calm')} without and ${stall('busy')} with checkpoints`
  )
}

function rowsOf(samples: Samples, tornPages: Protection): Row[] {
  const detail = (name: string): string => detailOf(samples, tornPages, name).toFixed(0)
  const calm = {
    label: calmName(tornPages),
    measured: detailsOf(samples, tornPages, 'calmPerSecond'),
  }
  const calmP99 = {
    label: `p99, ${calm.label}`,
    measured: detailsOf(samples, tornPages, 'calmP99Us'),
  }
  const worst = detailsOf(samples, tornPages, 'busyWorstUs')
  const ratio = ratioOf(worst, calmP99.measured)
  const busy = {
    label: busyName(tornPages),
    measured: detailsOf(samples, tornPages, 'busyPerSecond'),
    unit: '/s' as const,
    reference: calm,
    note:
      `${detail('checkpoints')} of them, ${detail('pagesWritten')} pages; ` +
      latencyNote(samples, tornPages, 'busy'),
  }
  return [
    { ...calm, unit: '/s', note: latencyNote(samples, tornPages, 'calm') },
    ratioRow(busy, throughputFactor),
    {
      label: `  longest transfer, ${busy.label}`,
      measured: worst,
      unit: 'us',
      reference: calmP99,
      ratio,
      target: {
        text: `<= ${stallFactor} x`,
        met: ratio.median <= stallFactor,
        because: stallInWords(samples, tornPages),
      },
    },
  ]
}

function numbersOf(text: unknown): number[] {
  return String(text).split(' ').map(Number)
}

/** One round of `tornPages` as it went by. */
function plotOf({ details }: Sample, tornPages: Protection): Plot {
  const perSecond = numbersOf(details?.transfersPerBucket).map((n) => (n * 1000) / bucketMs)
  const spans = String(details?.checkpointSpansMs)
    .split(' ')
    .map((span) => span.split('-').map(Number) as [number, number])
  const at = (bucket: number): number => (bucket + 0.5) * bucketMs
  const pointsOf = (values: readonly number[]) =>
    values.map((value, bucket) => ({ x: at(bucket), y: spreadOf([value]) }))
  // Low in the picture, below what is measured.
  const mark = 0.15 * Math.max(...perSecond)
  const isRunning = (ms: number): boolean => spans.some(([from, to]) => from <= ms && ms < to)
  const lines: Line[] = [
    { label: 'transfers', role: 'own', points: pointsOf(perSecond) },
    {
      label: 'checkpoint under way',
      role: 'limit',
      points: pointsOf(perSecond.map((_, bucket) => (isRunning(at(bucket)) ? mark : 0))),
    },
  ]
  return {
    name: `checkpoint-${tornPages}`,
    title: `Transfers while checkpoints come and go, ${tornPages}`,
    caption:
      `One round in steps of ${bucketMs} ms, ${clients} clients; the lower line is raised while a ` +
      `checkpoint is under way (${spans.length} of them).`,
    x: { label: 'time', unit: 'ms', scale: 'linear' },
    y: { label: 'transfers a second', unit: '/s', scale: 'linear' },
    lines,
  }
}

export const checkpoint: BenchCase = {
  name: 'checkpoint',
  title: `Checkpoints one after the other, ${clients} clients, transfers`,
  async run(context) {
    const { guard } = context
    const { full, rounds, seed, seconds } = context.settings
    const { accounts, bufferPoolBytes, phasePairs, secondsMin } = full ? fullRun : quickRun
    const directory = context.directoryFor('checkpoint')
    const subjects = protections.map((tornPages) => ({
      name: tornPages,
      run: async () => {
        const sample = await runSubject('engine-checkpoint', {
          directory,
          options: { tornPages, bufferPoolBytes, maxWalBytes },
          clients,
          seconds: Math.max(secondsMin, seconds),
          phasePairs,
          bucketMs,
          seed,
          accounts,
        })
        context.remove(directory)
        return sample
      },
    }))
    const samples = await alternate(subjects, full ? rounds : Math.max(1, rounds - 2), seed, guard)
    const plots = protections.flatMap((tornPages) => {
      const last = samples.get(tornPages)?.at(-1)
      return last === undefined ? [] : [plotOf(last, tornPages)]
    })
    return { rows: protections.flatMap((tornPages) => rowsOf(samples, tornPages)), plots }
  },
}
