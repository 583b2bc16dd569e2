// Restart after a crash: how fast is the log applied, and what does the time grow with?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import {
  alternate,
  detailOf,
  type Sample,
  type Samples,
  type Subject,
  valuesOf,
} from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioOf } from '../measure/spread.ts'
import type { Plot } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import { detailsOf, lineOf } from './details.ts'
import { limitRow } from './targets.ts'

const mib = 2 ** 20
const gib = 1024 * mib
const pageBytes = 8192
const targetMegabytesPerSecond = 250
// Nothing is written while there are fewer dirty pages than half of this.
const bufferPoolBytes = 192 * mib
const options = { bufferPoolBytes, maxWalBytes: 16 * gib, maxLogBytes: 32 * gib }
const changedMiB = 32
// For the same log, or for each byte of a longer one. Single runs differ by a third.
const growthMax = 1.5

/** What a crash leaves behind. */
interface Crash {
  /** Log since the checkpoint. */
  readonly logMiB: number
  /** Log from before the checkpoint. */
  readonly oldLogMiB: number
  readonly dataMiB: number
}

const base: Crash = { logMiB: 64, oldLogMiB: 0, dataMiB: changedMiB }

/** Each of them grows while the two others are as in `base`. */
interface Sizes {
  readonly logMiB: readonly number[]
  readonly oldLogMiB: readonly number[]
  readonly dataMiB: readonly number[]
}

const quickSizes: Sizes = { logMiB: [16, 64, 160], oldLogMiB: [128], dataMiB: [128] }
const fullSizes: Sizes = {
  logMiB: [16, 32, 64, 128, 256, 512, 1024],
  oldLogMiB: [64, 256, 1024],
  dataMiB: [64, 128, 256, 480],
}

function nameOf({ logMiB, oldLogMiB, dataMiB }: Crash): string {
  return `${logMiB} MiB since, ${oldLogMiB} before the checkpoint, ${dataMiB} of data`
}

function crashesOf({ logMiB, oldLogMiB, dataMiB }: Sizes) {
  return {
    log: logMiB.map((size) => ({ ...base, logMiB: size })),
    oldLog: oldLogMiB.map((size) => ({ ...base, oldLogMiB: size })),
    data: dataMiB.map((size) => ({ ...base, dataMiB: size })),
  }
}

type Crashes = ReturnType<typeof crashesOf>

async function crashAndRestart(context: BenchContext, crash: Crash): Promise<Sample> {
  const directory = context.directoryFor('redo')
  const pages = (mebibytes: number): number => (mebibytes * mib) / pageBytes
  await runSubject('engine-crash', {
    directory,
    options,
    pageCount: pages(crash.dataMiB),
    changedPages: pages(changedMiB),
    oldLogBytes: crash.oldLogMiB * mib,
    logBytes: crash.logMiB * mib,
    seed: context.settings.seed,
  })
  const sample = await runSubject('engine-restart', { directory, options })
  context.remove(directory)
  return sample
}

function phasesNote(samples: Samples, name: string): string {
  const phase = (detail: string): string => detailOf(samples, name, detail).toFixed(0)
  return `log ${phase('logMs')}, analysis ${phase('analysisMs')}, redo ${phase('redoMs')} ms`
}

/** Of the longest log: with short ones, pages are read for the first time for most of it. */
function speedRow(samples: Samples, { log }: Crashes): Row {
  const longest = log.at(-1) as Crash
  const name = nameOf(longest)
  const detail = (key: string): string => detailOf(samples, name, key).toFixed(0)
  const row: Row = {
    label: `redo of ${longest.logMiB} MiB of log, ${changedMiB} MiB of pages`,
    measured: valuesOf(samples, name),
    unit: 'MB/s',
    note:
      `${detail('records')} records, ${detail('redone')} redone, ${detail('pagesRead')} pages read; ` +
      phasesNote(samples, name),
  }
  return limitRow(row, '>=', targetMegabytesPerSecond, `${targetMegabytesPerSecond} MB/s`)
}

/** `crash` beside `smaller`: takes at most `growthMax` times what was to be expected. */
function openRow(samples: Samples, label: string, crash: Crash, smaller?: Crash): Row {
  const measured = detailsOf(samples, nameOf(crash), 'openMs')
  const row: Row = { label, measured, unit: 'ms', note: phasesNote(samples, nameOf(crash)) }
  if (smaller === undefined) return row
  const reference = {
    label: `${smaller.logMiB} MiB since the checkpoint`,
    measured: detailsOf(samples, nameOf(smaller), 'openMs'),
  }
  const ratio = ratioOf(measured, reference.measured)
  const limit = (growthMax * crash.logMiB) / smaller.logMiB
  const target = { text: `<= ${limit.toFixed(2)} x`, met: ratio.median <= limit }
  return { ...row, reference, ratio, target }
}

function growthRows(samples: Samples, { log, oldLog, data }: Crashes): Row[] {
  const beside = `  ${base.logMiB} MiB, and`
  return [
    ...log.map((crash, i) => {
      return openRow(samples, `${crash.logMiB} MiB since the checkpoint`, crash, log[i - 1])
    }),
    ...oldLog.map((crash) => {
      const label = `${beside} ${crash.oldLogMiB} MiB of log before the checkpoint`
      return openRow(samples, label, crash, base)
    }),
    ...data.map((crash) => {
      const label = `${beside} ${crash.dataMiB} MiB of data instead of ${base.dataMiB}`
      return openRow(samples, label, crash, base)
    }),
  ]
}

function plotOf(samples: Samples, { log, oldLog, data }: Crashes): Plot {
  const line = (label: string, crashes: readonly Crash[], sizeOf: (crash: Crash) => number) => {
    const bySize = new Map(crashes.map((crash) => [sizeOf(crash), crash]))
    return lineOf(label, 'own', [...bySize.keys()], (size) => {
      return detailsOf(samples, nameOf(bySize.get(size) ?? base), 'openMs')
    })
  }
  return {
    name: 'restart-time',
    title: 'How long a restart takes',
    caption:
      'Engine.open after SIGKILL grows with the log since the checkpoint, and neither with older log ' +
      `nor with the data; what does not grow is ${base.logMiB} MiB of log since the checkpoint, ` +
      `none before it and ${base.dataMiB} MiB of data, all of which has changed.`,
    x: { label: 'size', unit: 'MiB', scale: 'linear' },
    y: { label: 'Engine.open', unit: 'ms', scale: 'linear' },
    lines: [
      line('log since the checkpoint', log, ({ logMiB }) => logMiB),
      line('log before it', [base, ...oldLog], ({ oldLogMiB }) => oldLogMiB),
      line('data', [base, ...data], ({ dataMiB }) => dataMiB),
    ],
  }
}

export const redo: BenchCase = {
  name: 'redo',
  title: 'Restart after SIGKILL, 100-byte updates of random pages',
  async run(context) {
    const { full, rounds, seed } = context.settings
    const crashes = crashesOf(full ? fullSizes : quickSizes)
    // The base belongs to several of them and is measured once.
    const byName = new Map(
      Object.values(crashes).flatMap((list) => list.map((c) => [nameOf(c), c])),
    )
    const subjects = [...byName].map(([name, crash]): Subject => {
      return { name, run: () => crashAndRestart(context, crash) }
    })
    const samples = await alternate(
      subjects,
      Math.max(1, Math.floor(rounds / 2)),
      seed,
      context.guard,
    )
    return {
      rows: [speedRow(samples, crashes), ...growthRows(samples, crashes)],
      plots: [plotOf(samples, crashes)],
    }
  },
}
