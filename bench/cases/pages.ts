// Pages between the drive and the buffer pool, against fio with the same blocks and depth.
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { noFio } from '../fio/fio.ts'
import { FioPages } from '../fio/fio-pages.ts'
import { alternate, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import type { Plot } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import { detailsOf, lineOf } from './details.ts'
import { ratioRow } from './targets.ts'

const mib = 2 ** 20
const pageBytes = 8192
const targetRatio = 0.85
const targetDepths = [1, 32, 64]
const readPoolBytes = 16 * mib
const writePoolBytes = 128 * mib
const dirtyPages = 6000
// As many as the engine has under way.
const writeDepth = 32
const engineReads = 'engine, random reads'
const fioWrites = `fio, random writes, depth ${writeDepth}, fdatasync every 128`
const firstPage = 2

interface Extent {
  readonly depths: readonly number[]
  /** At most as many as one map page covers, so that their ids follow each other. */
  readonly pageCount: number
}

const quickExtent: Extent = { depths: [1, 8, 32, 64], pageCount: 32_000 }
const fullExtent: Extent = { depths: [1, 2, 4, 8, 16, 32, 64], pageCount: 64_000 }

function fioReads(depth: number): string {
  return `fio, random reads, depth ${depth}`
}

function engineWrites(tornPages: 'none' | 'doublewrite'): string {
  return `engine, checkpoint of random pages, ${tornPages}`
}

const readsBecause =
  'the drive takes about 53 us for a read; a turn of the event loop, a promise and the checksum ' +
  'come on top (docs/decisions/0007)'
const writesBecause =
  'without any sync it is 1.09 times as fast; sealing pages while others are being written, and 64 ' +
  'writes in flight instead of 32, changed nothing (docs/decisions/0007)'

function subjectsOf(
  context: BenchContext,
  { depths, pageCount }: Extent,
  directory: string,
  fio: FioPages | undefined,
): Subject[] {
  const { seconds, seed } = context.settings
  const range = { firstPage, pageCount }
  const reads = {
    name: engineReads,
    run: () => {
      const options = { bufferPoolBytes: readPoolBytes }
      return runSubject('engine-page-reads', { directory, options, range, depths, seconds, seed })
    },
  }
  const writes = (['none', 'doublewrite'] as const).map((tornPages) => ({
    name: engineWrites(tornPages),
    run: () => {
      const options = { bufferPoolBytes: writePoolBytes, tornPages }
      const config = { directory, options, range, dirtyPages, seconds, seed }
      return runSubject('engine-page-writes', config)
    },
  }))
  if (fio === undefined) return [reads, ...writes]
  return [
    reads,
    ...depths.map((depth) => ({
      name: fioReads(depth),
      run: () => fio.randomReads(depth, seconds),
    })),
    { name: fioWrites, run: () => fio.randomWrites(writeDepth, seconds) },
    ...writes,
  ]
}

function scaled({ values }: Spread, factor: number): Spread {
  return spreadOf(values.map((value) => value * factor))
}

function engineReadBytes(samples: Samples, depth: number): Spread {
  return detailsOf(samples, engineReads, `bytesPerSecond${depth}`)
}

function rowOf(label: string, bytesPerSecond: Spread, remark = ''): Row {
  const perSecond = (bytesPerSecond.median / pageBytes / 1000).toFixed(1)
  const note = `${perSecond} k pages/s${remark}`
  return { label, measured: scaled(bytesPerSecond, 1e-6), unit: 'MB/s', note }
}

function readRows(samples: Samples, depth: number): Row[] {
  const detail = (name: string): string =>
    detailsOf(samples, engineReads, `${name}${depth}`).median.toFixed(0)
  const remark = `, p99 ${detail('p99Us')} us, ${detail('cpuPerMillion')} s of CPU per million`
  const own = rowOf(`${engineReads}, depth ${depth}`, engineReadBytes(samples, depth), remark)
  if (!samples.has(fioReads(depth))) return [own]
  const theirs = rowOf(fioReads(depth), valuesOf(samples, fioReads(depth)))
  const reference = { label: theirs.label, measured: theirs.measured }
  const factor = targetDepths.includes(depth) ? targetRatio : undefined
  return [theirs, ratioRow({ ...own, reference }, factor, readsBecause)]
}

function writeRows(samples: Samples): Row[] {
  const row = (name: string): Row => rowOf(name, valuesOf(samples, name))
  const ofNone = row(engineWrites('none'))
  // With a doublewrite every page goes out twice.
  const ofDoublewrite = row(engineWrites('doublewrite'))
  if (!samples.has(fioWrites)) return [ofNone, ofDoublewrite]
  const theirs = row(fioWrites)
  const reference = { label: fioWrites, measured: theirs.measured }
  return [
    theirs,
    ratioRow({ ...ofNone, reference }, targetRatio, writesBecause),
    ratioRow({ ...ofDoublewrite, reference }, undefined, writesBecause),
  ]
}

function plotOf(samples: Samples, { depths, pageCount }: Extent): Plot {
  const inPages = (bytesPerSecond: Spread): Spread => scaled(bytesPerSecond, 1 / pageBytes)
  return {
    name: 'page-reads',
    title: 'Random page reads against reads under way',
    caption:
      `${pageBytes / 1024} KiB at random places of ${(pageCount * pageBytes) / mib} MiB, O_DIRECT and ` +
      'io_uring; the engine reads each page in a transaction of its own, through its buffer pool.',
    x: { label: 'reads under way', scale: 'log' },
    y: { label: 'pages a second', unit: '/s', scale: 'log' },
    lines: [
      lineOf('engine', 'own', depths, (depth) => inPages(engineReadBytes(samples, depth))),
      lineOf('fio', 'limit', depths, (depth) => inPages(valuesOf(samples, fioReads(depth)))),
    ].filter(({ points }) => points.length > 0),
  }
}

export const pages: BenchCase = {
  name: 'pages',
  title: `Pages of ${pageBytes / 1024} KiB at random places`,
  async run(context) {
    const { guard, settings } = context
    const { full, rounds, seed } = settings
    const extent = full ? fullExtent : quickExtent
    const directory = context.directoryFor('pages')
    const fioFileBytes = extent.pageCount * pageBytes
    const fio = context.fio && new FioPages(settings.directory, fioFileBytes)
    await fio?.prepare()
    await runSubject('engine-fill', { directory, pageCount: extent.pageCount })
    const subjects = subjectsOf(context, extent, directory, fio)
    const samples = await alternate(subjects, full ? rounds : Math.max(1, rounds - 2), seed, guard)
    fio?.remove()
    context.remove(directory)
    const rows = extent.depths.flatMap((depth) => readRows(samples, depth))
    const skipped = fio === undefined ? [noFio] : []
    return { rows: [...rows, ...writeRows(samples)], plots: [plotOf(samples, extent)], skipped }
  },
}
