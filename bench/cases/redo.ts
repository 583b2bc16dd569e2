// Restart after a crash: how fast is the log applied, and what does the time grow with?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Sample, type Samples, type Subject } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioOf, type Spread, spreadOf } from '../measure/spread.ts'
import { limitRow } from './targets.ts'

const mib = 2 ** 20
const gib = 1024 * mib
const pageBytes = 8192
const targetMegabytesPerSecond = 250
// Nothing is written while there are fewer dirty pages than half of this.
const bufferPoolBytes = 192 * mib
const options = { bufferPoolBytes, maxWalBytes: 16 * gib, maxLogBytes: 32 * gib }
const changedPages = (64 * mib) / pageBytes
const fullSettingsSeconds = 1.5

/** What a crash leaves behind. */
interface Crash {
  readonly logMiB: number
  /** Log from before the checkpoint. */
  readonly oldLogMiB: number
  readonly dataMiB: number
  readonly changedMiB: number
}

async function crashAndRestart(context: BenchContext, crash: Crash): Promise<Sample> {
  const directory = context.directoryFor('redo')
  const pages = (mebibytes: number): number => (mebibytes * mib) / pageBytes
  await runSubject('engine-crash', {
    directory,
    options,
    pageCount: pages(crash.dataMiB),
    changedPages: pages(crash.changedMiB),
    oldLogBytes: crash.oldLogMiB * mib,
    logBytes: crash.logMiB * mib,
    seed: context.settings.seed,
  })
  const sample = await runSubject('engine-restart', { directory, options })
  context.remove(directory)
  return sample
}

function openMsOf(samples: Samples, name: string): Spread {
  return spreadOf((samples.get(name) ?? []).map(({ details }) => Number(details?.openMs)))
}

async function speed(context: BenchContext): Promise<Row[]> {
  const { settings, guard } = context
  const logMiB = settings.seconds >= fullSettingsSeconds ? 1024 : 256
  const dataMiB = (changedPages * pageBytes) / mib
  const name = `redo of ${logMiB} MiB of log, ${dataMiB} MiB of pages`
  const crash = { logMiB, oldLogMiB: 0, dataMiB, changedMiB: dataMiB }
  const subject = { name, run: () => crashAndRestart(context, crash) }
  const samples = await alternate([subject], settings.rounds, settings.seed, guard)
  const phase = (detail: string): string => detailOf(samples, name, detail).toFixed(0)
  const note =
    `${phase('records')} records, ${phase('redone')} redone, ${phase('pagesRead')} pages read; ` +
    `log ${phase('logMs')}, analysis ${phase('analysisMs')}, redo ${phase('redoMs')} ms`
  const values = (samples.get(name) ?? []).map(({ value }) => value)
  const row: Row = { label: name, measured: spreadOf(values), unit: 'MB/s', note }
  const opened: Row = { label: '  Engine.open', measured: openMsOf(samples, name), unit: 'ms' }
  return [limitRow(row, '>=', targetMegabytesPerSecond, `${targetMegabytesPerSecond} MB/s`), opened]
}

const base: Crash = { logMiB: 64, oldLogMiB: 0, dataMiB: 32, changedMiB: 32 }
/** More of what a restart must not depend on. */
const others = [
  { label: '256 MiB of log before the checkpoint', crash: { ...base, oldLogMiB: 256 } },
  { label: '256 MiB of data instead of 32', crash: { ...base, dataMiB: 256 } },
]
const logSizesMiB = [32, 64, 128, 256]
// For the same log, or for each byte of a longer one. Single runs differ by a third.
const growthMax = 1.5

async function growth(context: BenchContext): Promise<Row[]> {
  const { settings, guard } = context
  const nameOf = (logMiB: number): string => `Engine.open, ${logMiB} MiB since the checkpoint`
  const subjects: Subject[] = logSizesMiB.map((logMiB) => ({
    name: nameOf(logMiB),
    run: () => crashAndRestart(context, { ...base, logMiB }),
  }))
  for (const { label, crash } of others) {
    subjects.push({ name: label, run: () => crashAndRestart(context, crash) })
  }
  const samples = await alternate(subjects, Math.max(1, settings.rounds - 2), settings.seed, guard)
  const timed = (name: string): Row => {
    const phases = ['logMs', 'analysisMs', 'redoMs'].map((detail) =>
      detailOf(samples, name, detail).toFixed(0),
    )
    const note = `log ${phases[0]}, analysis ${phases[1]}, redo ${phases[2]} ms`
    return { label: name, measured: openMsOf(samples, name), unit: 'ms', note }
  }
  const atMost = (row: Row, ratio: Spread, limit: number): Row => ({
    ...row,
    ratio,
    target: { text: `<= ${limit.toFixed(2)} x`, met: ratio.median <= limit },
  })
  const baseName = nameOf(base.logMiB)
  const sizeRows = logSizesMiB.map((logMiB, i) => {
    const row = timed(nameOf(logMiB))
    const smaller = logSizesMiB[i - 1]
    if (smaller === undefined) return row
    const label = nameOf(smaller)
    const reference = { label, measured: openMsOf(samples, label) }
    const factor = (growthMax * logMiB) / smaller
    return atMost({ ...row, reference }, ratioOf(row.measured, reference.measured), factor)
  })
  const otherRows = others.map(({ label }) => {
    const reference = { label: baseName, measured: openMsOf(samples, baseName) }
    const row = { ...timed(label), label: `  ${base.logMiB} MiB, and ${label}`, reference }
    return atMost(row, ratioOf(row.measured, reference.measured), growthMax)
  })
  return [...sizeRows, ...otherRows]
}

export const redo: BenchCase = {
  name: 'redo',
  title: 'Restart after SIGKILL, 100-byte updates of random pages',
  async run(context) {
    return { rows: [...(await speed(context)), ...(await growth(context))] }
  },
}
