// Pages between the drive and the buffer pool, against fio with the same blocks and depth.
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { FioPages } from '../fio/fio-pages.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Samples, type Subject } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import { ratioRow } from './targets.ts'

const mib = 2 ** 20
const pageBytes = 8192
// As many as one map page covers, so that their ids follow each other.
const pageCount = 64_000
const targetRatio = 0.85
const readDepths = [1, 32, 64]
const readPoolBytes = 16 * mib
const writePoolBytes = 128 * mib
const dirtyPages = 6000
// As many as the engine has under way.
const writeDepth = 32

function megabytesOf(samples: Samples, name: string): Spread {
  return spreadOf((samples.get(name) ?? []).map(({ value }) => value / 1e6))
}

function readSubjects(context: BenchContext, directory: string, fio: FioPages): Subject[] {
  const { seconds, seed } = context.settings
  const range = { firstPage: 2, pageCount }
  const options = { bufferPoolBytes: readPoolBytes }
  return readDepths.flatMap((depth) => [
    { name: fioReads(depth), run: () => fio.randomReads(depth, seconds) },
    {
      name: engineReads(depth),
      run: () => {
        return runSubject('engine-page-reads', { directory, options, range, depth, seconds, seed })
      },
    },
  ])
}

function writeSubjects(context: BenchContext, directory: string, fio: FioPages): Subject[] {
  const { seconds, seed } = context.settings
  const range = { firstPage: 2, pageCount }
  const engine = (['none', 'doublewrite'] as const).map((tornPages) => ({
    name: engineWrites(tornPages),
    run: () => {
      const options = { bufferPoolBytes: writePoolBytes, tornPages }
      const config = { directory, options, range, dirtyPages, seconds, seed }
      return runSubject('engine-page-writes', config)
    },
  }))
  return [{ name: fioWrites, run: () => fio.randomWrites(writeDepth, seconds) }, ...engine]
}

const fioWrites = `fio, random writes, depth ${writeDepth}, fdatasync every 128`

function fioReads(depth: number): string {
  return `fio, random reads, depth ${depth}`
}

function engineReads(depth: number): string {
  return `engine, random reads, depth ${depth}`
}

function engineWrites(tornPages: 'none' | 'doublewrite'): string {
  return `engine, checkpoint of random pages, ${tornPages}`
}

export const pages: BenchCase = {
  name: 'pages',
  title: `Pages of ${pageBytes / 1024} KiB at random places of ${(pageCount * pageBytes) / mib} MiB`,
  async run(context) {
    const { settings, guard } = context
    const directory = context.directoryFor('pages')
    const fio = new FioPages(settings.directory, pageCount * pageBytes)
    await fio.prepare()
    await runSubject('engine-fill', { directory, pageCount })
    const subjects = [
      ...readSubjects(context, directory, fio),
      ...writeSubjects(context, directory, fio),
    ]
    const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
    fio.remove()
    context.remove(directory)
    const own = (name: string): Row => {
      const measured = megabytesOf(samples, name)
      const perSecond = ((measured.median * 1e6) / pageBytes / 1000).toFixed(1)
      const p99 = detailOf(samples, name, 'p99Us')
      const latency = Number.isFinite(p99) ? `, p99 ${p99.toFixed(0)} us` : ''
      return { label: name, measured, unit: 'MB/s', note: `${perSecond} k pages/s${latency}` }
    }
    const against = (name: string, label: string, factor?: number): Row =>
      ratioRow(
        { ...own(name), reference: { label, measured: megabytesOf(samples, label) } },
        factor,
      )
    const reads = readDepths.flatMap((depth) => [
      own(fioReads(depth)),
      against(engineReads(depth), fioReads(depth), targetRatio),
    ])
    return {
      rows: [
        ...reads,
        own(fioWrites),
        against(engineWrites('none'), fioWrites, targetRatio),
        // Every page goes out twice.
        against(engineWrites('doublewrite'), fioWrites),
      ],
    }
  },
}
