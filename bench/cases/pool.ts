// What does it cost when the data do not fit the buffer pool?
import type { BenchCase } from '../bench-case.ts'
import { alternate, type Samples, type Subject } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import type { Plot } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import { detailsOf, lineOf } from './details.ts'

const mib = 2 ** 20
const pageBytes = 8192
// Few enough that they seldom wait for each other's pages, even when there are only 1,024.
const clients = 32
const pagesPerTransaction = 2
/** Data, as a multiple of the buffer pool. */
const factors = [0.5, 1, 2, 5, 20]
const backends = ['io_uring', 'threads'] as const
type Backend = (typeof backends)[number]
// Allocated pages follow each other from here in a new store.
const firstPage = 2

/** The pool is smaller in a quick run: what matters is its share of the data. */
function poolBytesOf(full: boolean): number {
  return (full ? 24 : 16) * mib
}

class Measured {
  readonly #samples: Samples
  readonly #poolBytes: number

  constructor(samples: Samples, poolBytes: number) {
    this.#samples = samples
    this.#poolBytes = poolBytes
  }

  at(backend: Backend, factor: number, detail: string): Spread {
    const pageCount = (factor * this.#poolBytes) / pageBytes
    return detailsOf(this.#samples, backend, `${detail}${pageCount}`)
  }
}

function rowOf(measured: Measured, backend: Backend, factor: number): Row {
  const median = (detail: string, digits: number): string =>
    measured.at(backend, factor, detail).median.toFixed(digits)
  return {
    label: `${backend}, data ${factor} x pool`,
    measured: measured.at(backend, factor, 'perSecond'),
    unit: '/s',
    note:
      `p50 ${median('p50Us', 0)} us, p99 ${median('p99Us', 0)} us; a transaction reads ` +
      `${median('pagesRead', 2)} pages and writes ${median('pagesWritten', 2)}, ` +
      `${median('checkpoints', 0)} checkpoints`,
  }
}

const x = { label: 'data, as a multiple of the buffer pool', scale: 'log' } as const

function plotsOf(measured: Measured, poolMiB: number): Plot[] {
  const constant = `${clients} clients, each transaction changes ${pagesPerTransaction} random pages and is durable`
  const expected = (factor: number): Spread =>
    spreadOf([pagesPerTransaction * Math.max(0, 1 - 1 / factor)])
  return [
    {
      name: 'pool-throughput',
      title: `Throughput when data outgrow a buffer pool of ${poolMiB} MiB`,
      caption: `${constant}: beyond the pool, pages come from the drive and go back to it.`,
      x,
      y: { label: 'transactions a second', unit: '/s', scale: 'log' },
      lines: backends.map((backend) =>
        lineOf(`engine, ${backend}`, 'own', factors, (factor) => {
          return measured.at(backend, factor, 'perSecond')
        }),
      ),
    },
    {
      name: 'pool-pages',
      title: 'Pages read and written for one transaction',
      caption:
        `${constant}; io_uring. The limit is what misses when every page is as likely to be in ` +
        'memory as any other; pages in the pool are also written by checkpoints.',
      x,
      y: { label: 'pages a transaction', unit: 'per commit', scale: 'linear' },
      lines: [
        lineOf('pages read', 'own', factors, (factor) => {
          return measured.at('io_uring', factor, 'pagesRead')
        }),
        lineOf('pages written', 'own', factors, (factor) => {
          return measured.at('io_uring', factor, 'pagesWritten')
        }),
        lineOf('pages that cannot be in memory', 'limit', factors, expected),
      ],
    },
  ]
}

export const pool: BenchCase = {
  name: 'pool',
  title: `Data that outgrow the buffer pool: ${clients} clients, ${pagesPerTransaction} random pages a transaction`,
  async run(context) {
    const { full, rounds, seconds, seed } = context.settings
    const poolBytes = poolBytesOf(full)
    const directory = context.directoryFor('pool')
    const pageCounts = factors.map((factor) => (factor * poolBytes) / pageBytes)
    await runSubject('engine-fill', { directory, pageCount: Math.max(...pageCounts) })
    const subjects = backends.map((backend): Subject => {
      const options = { backend, bufferPoolBytes: poolBytes, maxWalBytes: 64 * mib }
      const config = { directory, options, firstPage, pageCounts, clients, seconds, seed }
      return { name: backend, run: () => runSubject('engine-pool', config) }
    })
    const samples = await alternate(subjects, Math.max(1, rounds - 2), seed, context.guard)
    context.remove(directory)
    const measured = new Measured(samples, poolBytes)
    return {
      rows: backends.flatMap((backend) => factors.map((f) => rowOf(measured, backend, f))),
      plots: plotsOf(measured, poolBytes / mib),
    }
  },
}
