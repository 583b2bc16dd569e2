// TPC-B's transaction, durable, beside stores that do the same: what do pages, locks and recovery
// leave of the log's speed?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { type PostgresPeer, startPostgres } from '../postgres/postgres-peer.ts'
import { postgresName } from '../install/postgres-packages.ts'
import type { Plot } from '../result/plot.ts'
import type { CaseResult, Row } from '../result/row.ts'
import { alternate, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import { detailsOf, lineOf } from './details.ts'
import { ratioRow } from './targets.ts'

const sqlite = 'better-sqlite3'
const protections = ['doublewrite', 'fullPageImages', 'none'] as const
type Protection = (typeof protections)[number]
const mib = 2 ** 20
// A checkpoint every 8 MiB of log, so that pages are written (and, with images, logged) meanwhile.
const maxWalBytes = 16 * mib

const loneFactor = 0.8
const manyClients = 64
/** Of `manyClients` with the default, `doublewrite`. */
const groupFactors = { sqlite: 3, postgres: 4 }

/** How many clients each of them is measured with. */
interface ClientCounts {
  readonly engine: readonly number[]
  /** 90 at most. */
  readonly postgres: readonly number[]
}

const quickCounts: ClientCounts = { engine: [1, 16, 64], postgres: [16, 64] }
const fullCounts: ClientCounts = { engine: [1, 4, 16, 64, 256], postgres: [1, 4, 16, 64] }

function clientsInWords(count: number): string {
  return count === 1 ? '1 client' : `${count} clients`
}

function engineName(protection: Protection): string {
  return `engine, ${protection}`
}

function postgresLabel(clients: number): string {
  return `${postgresName}, ${clientsInWords(clients)}`
}

function engineSubject(
  context: BenchContext,
  tornPages: Protection,
  clients: readonly number[],
): Subject {
  const { seconds, seed } = context.settings
  const directory = context.directoryFor('transfer-engine')
  const config = { directory, options: { tornPages, maxWalBytes }, clients, seconds, seed }
  return {
    name: engineName(tornPages),
    run: async () => {
      const sample = await runSubject('engine-transfer', config)
      context.remove(directory)
      return sample
    },
  }
}

function sqliteSubject(context: BenchContext): Subject {
  const { seconds, seed } = context.settings
  const directory = context.directoryFor('transfer-sqlite')
  const config = { peer: 'sqlite-transfer', directory, seconds, seed }
  return { name: sqlite, run: () => runSubject('peer-transfer', config) }
}

/** What was measured, by subject and number of clients. */
class Measured {
  readonly #samples: Samples
  readonly counts: ClientCounts

  constructor(samples: Samples, counts: ClientCounts) {
    this.#samples = samples
    this.counts = counts
  }

  engine(protection: Protection, clients: number, detail = 'perSecond'): Spread {
    return detailsOf(this.#samples, engineName(protection), `${detail}${clients}`)
  }

  /** Undefined for one that could not run. `detail`: instead of transfers a second. */
  peer(label: string, detail?: string): Spread | undefined {
    if (!this.#samples.has(label)) return undefined
    return detail === undefined
      ? valuesOf(this.#samples, label)
      : detailsOf(this.#samples, label, detail)
  }

  /** PostgreSQL commits in groups as well: how many clients does it like best? */
  get bestPostgres(): string | undefined {
    return this.counts.postgres
      .map(postgresLabel)
      .filter((label) => this.#samples.has(label))
      .sort((a, b) => (this.peer(b)?.median ?? 0) - (this.peer(a)?.median ?? 0))[0]
  }
}

function againstRow(measured: Measured, clients: number, peer?: string, factor?: number): Row[] {
  const theirs = peer === undefined ? undefined : measured.peer(peer)
  if (peer === undefined || theirs === undefined) return []
  const label = `${clientsInWords(clients)}, doublewrite, against ${peer}`
  const own = measured.engine('doublewrite', clients)
  const reference = { label: peer, measured: theirs }
  return [ratioRow({ label, measured: own, unit: '/s', reference }, factor)]
}

function latencyNote(p50: Spread | undefined, p99: Spread | undefined): string {
  return `p50 ${p50?.median.toFixed(0)} us, p99 ${p99?.median.toFixed(0)} us`
}

function engineRow(measured: Measured, protection: Protection, clients: number): Row {
  const detail = (name: string): Spread => measured.engine(protection, clients, name)
  const shown = (name: string): string => detail(name).median.toFixed(0)
  return {
    label: `${engineName(protection)}, ${clientsInWords(clients)}`,
    measured: measured.engine(protection, clients),
    unit: '/s',
    note:
      `${latencyNote(detail('p50Us'), detail('p99Us'))}, ${shown('commitsPerFlush')} commits a flush, ` +
      `${shown('logBytesPerCommit')} B of log each, ${detail('checkpoints').median} checkpoints`,
  }
}

function peerRow(measured: Measured, label: string): Row[] {
  const rate = measured.peer(label)
  if (rate === undefined) return []
  const note = latencyNote(measured.peer(label, 'p50Us'), measured.peer(label, 'p99Us'))
  return [{ label, measured: rate, unit: '/s', note }]
}

/** CPU time of one million transfers: of all threads, without the drive's waiting. */
function cpuRows(measured: Measured): Row[] {
  const own = (clients: number): Row => ({
    label: `  CPU, engine, doublewrite, ${clientsInWords(clients)}`,
    measured: measured.engine('doublewrite', clients, 'cpuPerMillion'),
    unit: 's per million',
  })
  const peers = [sqlite, postgresLabel(1), postgresLabel(manyClients)].flatMap((label): Row[] => {
    const cpu = measured.peer(label, 'cpuPerMillion')
    if (cpu === undefined || !Number.isFinite(cpu.median)) return []
    return [{ label: `  CPU, ${label}`, measured: cpu, unit: 's per million' }]
  })
  return [own(1), own(manyClients), ...peers]
}

function plotOf(
  measured: Measured,
  kind: Pick<Plot, 'name' | 'title' | 'caption' | 'y'>,
  engineDetail: string,
  peerDetail?: string,
): Plot {
  const { engine, postgres } = measured.counts
  const lines = protections.map((protection) =>
    lineOf(engineName(protection), 'own', engine, (clients) =>
      measured.engine(protection, clients, engineDetail),
    ),
  )
  const none = spreadOf([])
  lines.push(
    lineOf(postgresName, 'peer', postgres, (clients) => {
      return measured.peer(postgresLabel(clients), peerDetail) ?? none
    }),
    // It blocks the thread, so that more clients would change nothing.
    lineOf(sqlite, 'peer', [1], () => measured.peer(sqlite, peerDetail) ?? none),
  )
  return {
    ...kind,
    x: { label: 'clients', scale: 'log' },
    lines: lines.filter(({ points }) => points.length > 0),
  }
}

function plotsOf(measured: Measured): Plot[] {
  return [
    plotOf(
      measured,
      {
        name: 'transfers',
        title: 'Transfers a second against clients',
        caption:
          'Group commit turns clients that wait at the same time into one flush; every transfer is ' +
          'durable, and a checkpoint is taken every 8 MiB of log.',
        y: { label: 'transfers a second', unit: '/s', scale: 'log' },
      },
      'perSecond',
    ),
    plotOf(
      measured,
      {
        name: 'transfer-p99',
        title: 'How long one transfer in a hundred takes',
        caption:
          'The 99th percentile of the same transfers: all of them change the one branch, so that ' +
          'clients wait for each other.',
        y: { label: '99th percentile', unit: 'us', scale: 'log' },
      },
      'p99Us',
      'p99Us',
    ),
  ]
}

/** One client: a few percent decide, so these two follow each other closely, and more often. */
async function measureLone(context: BenchContext, peers: readonly Subject[]): Promise<Row[]> {
  const { settings, guard } = context
  const counts = { engine: [1], postgres: [] }
  const subjects = [engineSubject(context, 'doublewrite', counts.engine), ...peers]
  const samples = await alternate(subjects, settings.rounds, settings.seed, guard)
  return againstRow(new Measured(samples, counts), 1, sqlite, loneFactor)
}

async function measureAll(
  context: BenchContext,
  embedded: readonly Subject[],
  postgres: PostgresPeer | undefined,
): Promise<Required<Pick<CaseResult, 'rows' | 'plots'>>> {
  const { settings, guard } = context
  const { full, rounds, seconds, seed } = settings
  const counts = full ? fullCounts : quickCounts
  const servers = counts.postgres.map((clients) => ({
    name: postgresLabel(clients),
    run: () => (postgres as PostgresPeer).transfer(clients, seconds),
  }))
  const subjects = [
    ...protections.map((protection) => engineSubject(context, protection, counts.engine)),
    ...embedded,
    ...(postgres === undefined ? [] : servers),
  ]
  const samples = await alternate(subjects, Math.max(1, rounds - 1), seed, guard)
  const measured = new Measured(samples, counts)
  const lone = full
    ? await measureLone(context, embedded)
    : againstRow(measured, 1, sqlite, loneFactor)
  const rows = [
    ...lone,
    ...againstRow(measured, manyClients, sqlite, groupFactors.sqlite),
    ...againstRow(measured, manyClients, postgresLabel(manyClients), groupFactors.postgres),
    ...againstRow(measured, manyClients, measured.bestPostgres),
    ...protections.flatMap((protection) =>
      counts.engine.map((clients) => engineRow(measured, protection, clients)),
    ),
    ...peerRow(measured, sqlite),
    ...counts.postgres.flatMap((clients) => peerRow(measured, postgresLabel(clients))),
    ...cpuRows(measured),
  ]
  return { rows, plots: plotsOf(measured) }
}

export const transfer: BenchCase = {
  name: 'transfer',
  title: 'Transfers (TPC-B, 100,000 accounts), durable',
  async run(context) {
    const { settings, peers, directoryFor, say } = context
    const skipped = [...peers.missing]
    const embedded = peers.available.includes(sqlite) ? [sqliteSubject(context)] : []
    if (!settings.withPeers) return { ...(await measureAll(context, [], undefined)), skipped }
    const postgres = await startPostgres(directoryFor('transfer-postgres'), say)
    if ('missing' in postgres) {
      skipped.push(postgres.missing)
      return { ...(await measureAll(context, embedded, undefined)), skipped }
    }
    try {
      return { ...(await measureAll(context, embedded, postgres.peer)), skipped }
    } finally {
      await postgres.peer.stop()
    }
  },
}
