// What each option costs against the default; what it is worth that segments are written before
// they are used; and what one batch in flight makes of a drive that could take more.
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { noFio } from '../fio/fio.ts'
import { type FileState, FioSyncedWrites, type SyncedWrites } from '../fio/fio-synced-writes.ts'
import { BlockDevice } from '../measure/block-device.ts'
import { countsOf, emptyWritesPerFlush } from '../measure/device-counts.ts'
import { alternate, detailOf, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { spreadOf } from '../measure/spread.ts'
import type { Line, Plot } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import type { LogOptions } from '../../lib/index.ts'
import type { LogOptionsConfig } from '../subjects/log-options.ts'
import { detailsOf } from './details.ts'
import { ratioRow } from './targets.ts'

const bodyBytes = 128
const committerCounts = [1, 64]
const depths = [1, 2, 4, 8]
const mib = 2 ** 20
// More than one write after the other fills: at the end of its file, fio begins to overwrite it.
const fioMiBPerSecond = 100
// Small, because every measurement makes a log anew.
const segmentBytes = 16 * mib

interface Variant {
  readonly label: string
  readonly options: LogOptions
  readonly isGrowing?: boolean
  readonly onlyInFull?: boolean
}

const standard: Variant = { label: 'default', options: {} }
const variants: readonly Variant[] = [
  standard,
  { label: "backend: 'threads'", options: { backend: 'threads' } },
  { label: 'padToBlock', options: { padToBlock: true } },
  { label: "directIO: 'never'", options: { directIO: 'never' }, onlyInFull: true },
  { label: 'commitDelayUs: 100', options: { commitDelayUs: 100 }, onlyInFull: true },
  { label: 'idleMarkMs: 1', options: { idleMarkMs: 1 }, onlyInFull: true },
  { label: 'log only grows', options: {}, isGrowing: true },
]

function logSubject(
  context: BenchContext,
  { label, options, isGrowing = false }: Variant,
  committers: readonly number[],
): Subject {
  const directory = context.directoryFor('options')
  const { seconds, full } = context.settings
  const config: LogOptionsConfig = {
    directory,
    options: { segmentBytes, ...options },
    recycle: !isGrowing,
    committers,
    bodyBytes,
    seconds: full ? seconds : seconds / 2,
  }
  const run = async () => {
    const sample = await runSubject('log-options', config)
    context.remove(directory)
    return sample
  }
  return { name: label, run }
}

async function optionRows(context: BenchContext, rounds: number): Promise<Row[]> {
  const { settings, guard } = context
  const chosen = variants.filter(({ onlyInFull }) => settings.full || onlyInFull !== true)
  const subjects = chosen.map((variant) => logSubject(context, variant, committerCounts))
  const samples = await alternate(subjects, rounds, settings.seed, guard)
  const backend = String(samples.get(standard.label)?.[0]?.details?.backend)
  return committerCounts.flatMap((committers) => {
    const labelOf = ({ label }: Variant): string =>
      `${label === standard.label ? `default (${backend})` : label}, ${committers} at once`
    const measuredOf = ({ label }: Variant) => detailsOf(samples, label, `perSecond${committers}`)
    const reference = { label: labelOf(standard), measured: measuredOf(standard) }
    return chosen.map((variant): Row => {
      const detail = (key: string): string =>
        detailOf(samples, variant.label, `${key}${committers}`).toFixed(0)
      const row = {
        label: labelOf(variant),
        measured: measuredOf(variant),
        unit: '/s' as const,
        note: `p50 ${detail('p50Us')} us, p99 ${detail('p99Us')} us`,
      }
      return variant === standard ? row : ratioRow({ ...row, reference })
    })
  })
}

const states: readonly { readonly state: FileState; readonly label: string }[] = [
  { state: 'written', label: 'fio, fdatasync, file written before' },
  { state: 'allocated', label: 'fio, fdatasync, blocks only allocated' },
  { state: 'growing', label: 'fio, fdatasync, file that grows' },
]

/** Why segments are written in full before records go into them. */
async function preparationRows(
  context: BenchContext,
  fio: FioSyncedWrites,
  rounds: number,
): Promise<Row[]> {
  const { settings, guard } = context
  const { seconds, seed, directory } = settings
  const device = BlockDevice.of(directory)
  const empty = device === undefined ? 0 : emptyWritesPerFlush(device, directory)
  const subjects = states.map(({ state, label }): Subject => {
    const run = async () => {
      await fio.prepare(state)
      const job: SyncedWrites = { state, engine: 'io_uring', depth: 1, sync: 'fdatasync', seconds }
      let measured: Awaited<ReturnType<FioSyncedWrites['run']>> | undefined
      const work = async (): Promise<void> => {
        measured = await fio.run(job)
      }
      const counts = device === undefined ? undefined : await countsOf(device, work)
      if (device === undefined) await work()
      const operations = measured?.operations ?? Number.NaN
      const flushes = (counts?.flushes ?? Number.NaN) / operations
      const writes = (counts?.writes ?? Number.NaN) / operations - empty * flushes
      const value = measured?.operationsPerSecond ?? Number.NaN
      return { value, details: { flushes, writes } }
    }
    return { name: label, run }
  })
  const samples = await alternate(subjects, rounds, seed, guard)
  const [first] = states as [(typeof states)[0]]
  const reference = { label: first.label, measured: valuesOf(samples, first.label) }
  return states.map(({ label }): Row => {
    // Others may use the disk too: the least is what the writes themselves take.
    const least = (key: string): string => detailsOf(samples, label, key).min.toFixed(2)
    const counts = `${least('writes')} writes, ${least('flushes')} flushes for each`
    const row = {
      label,
      measured: valuesOf(samples, label),
      unit: '/s' as const,
      ...(device === undefined ? {} : { note: counts }),
    }
    return label === first.label ? row : ratioRow({ ...row, reference })
  })
}

interface DepthResult {
  readonly rows: Row[]
  readonly plot: Plot
}

/** The drive with many synced writes under way, and the log, which has one batch. */
async function depthResult(
  context: BenchContext,
  fio: FioSyncedWrites,
  rounds: number,
): Promise<DepthResult> {
  const { seconds, full, seed } = context.settings
  await fio.prepare('written')
  const engines = full ? (['io_uring', 'libaio'] as const) : (['io_uring'] as const)
  const raw = engines.map((engine) => ({
    engine,
    label: `fio, ${engine}, O_DSYNC`,
  }))
  const rawSubject = (engine: SyncedWrites['engine'], depth: number, name: string): Subject => {
    const length = full ? seconds : seconds / 2
    const job = { state: 'written', engine, depth, sync: 'dsync', seconds: length } as const
    const run = async () => {
      const { operationsPerSecond } = await fio.run(job)
      return { value: operationsPerSecond }
    }
    return { name, run }
  }
  const own = 'commit()'
  const subjects = [
    logSubject(context, { label: own, options: {} }, depths),
    ...raw.flatMap(({ engine, label }) =>
      depths.map((depth) => rawSubject(engine, depth, `${label}, depth ${depth}`)),
    ),
  ]
  const samples = await alternate(subjects, rounds, seed, context.guard)
  const rows = depths.map((depth): Row => {
    const label = `fio, io_uring, O_DSYNC, depth ${depth}`
    const grouped = detailOf(samples, own, `recordsPerFlush${depth}`).toFixed(1)
    return ratioRow({
      label: `${own}, ${depth} committers`,
      measured: detailsOf(samples, own, `perSecond${depth}`),
      unit: '/s',
      note: `${grouped} records a flush`,
      reference: { label, measured: valuesOf(samples, label) },
    })
  })
  return { rows, plot: depthPlot(samples, own, raw) }
}

function depthPlot(
  samples: Samples,
  own: string,
  raw: readonly { readonly label: string }[],
): Plot {
  const rawLine = ({ label }: { readonly label: string }): Line => ({
    label,
    role: 'limit',
    points: depths.map((x) => ({ x, y: valuesOf(samples, `${label}, depth ${x}`) })),
  })
  const first = spreadOf(detailsOf(samples, own, 'perSecond1').values)
  return {
    name: 'depth',
    title: 'One batch in flight against many writes',
    caption:
      `The drive with 1 to 8 durable 4 KiB writes under way, and the log with as many committers ` +
      `(${bodyBytes} B): it has one batch under way, which takes in everyone who waits. ` +
      `"In proportion" is the log's rate with one committer times their number.`,
    x: { label: 'writes under way, or committers', scale: 'log' },
    y: { label: 'durable', unit: '/s', scale: 'log' },
    lines: [
      {
        label: own,
        role: 'own',
        points: depths.map((x) => ({ x, y: detailsOf(samples, own, `perSecond${x}`) })),
      },
      ...raw.map(rawLine),
      {
        label: 'in proportion',
        role: 'limit',
        points: depths.map((x) => ({ x, y: spreadOf([first.median * x]) })),
      },
    ],
  }
}

export const options: BenchCase = {
  name: 'options',
  title: `What options, preparation and depth make of it, ${bodyBytes} B`,
  async run(context) {
    const { settings, directoryFor } = context
    const { rounds, directory, full } = settings
    const quickRounds = full ? rounds : Math.min(2, rounds)
    const ofOptions = await optionRows(context, quickRounds)
    if (context.fio === undefined) {
      context.remove(directoryFor('options'))
      return { rows: ofOptions, skipped: [noFio] }
    }
    const fileMiB = Math.ceil(settings.seconds * fioMiBPerSecond)
    const fio = new FioSyncedWrites(directory, fileMiB * mib)
    const ofPreparation = await preparationRows(context, fio, quickRounds)
    const ofDepth = await depthResult(context, fio, full ? rounds : 1)
    fio.remove()
    context.remove(directoryFor('options'))
    return { rows: [...ofOptions, ...ofPreparation, ...ofDepth.rows], plots: [ofDepth.plot] }
  },
}
