// TPC-B's transaction, durable, beside stores that do the same: what do pages, locks and recovery
// leave of the log's speed?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { type PostgresPeer, startPostgres } from '../postgres/postgres-peer.ts'
import { postgresName } from '../install/postgres-packages.ts'
import type { Row } from '../result/row.ts'
import { alternate, detailOf, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioRow } from './targets.ts'

const sqlite = 'better-sqlite3'
const clientCounts = [1, 16, 64] as const
const protections = ['doublewrite', 'fullPageImages', 'none'] as const
type Protection = (typeof protections)[number]
const mib = 2 ** 20
// A checkpoint every 8 MiB of log, so that pages are written (and, with images, logged) meanwhile.
const maxWalBytes = 16 * mib

const loneFactor = 0.8
const manyClients = 64
/** Of `manyClients` with the default, `doublewrite`. */
const groupFactors = { sqlite: 3, postgres: 4 }

function clientsInWords(count: number): string {
  return count === 1 ? '1 client' : `${count} clients`
}

function engineName(protection: Protection, clients: number): string {
  return `engine, ${protection}, ${clientsInWords(clients)}`
}

function postgresLabel(clients: number): string {
  return `${postgresName}, ${clientsInWords(clients)}`
}

function engineSubject(context: BenchContext, tornPages: Protection, clients: number): Subject {
  const { seconds, seed } = context.settings
  const directory = context.directoryFor('transfer-engine')
  const config = { directory, options: { tornPages, maxWalBytes }, clients, seconds, seed }
  return {
    name: engineName(tornPages, clients),
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

function postgresSubjects(peer: PostgresPeer, seconds: number): Subject[] {
  return clientCounts.map((clients) => ({
    name: postgresLabel(clients),
    run: () => peer.transfer(clients, seconds),
  }))
}

function rowOf(samples: Samples, name: string): Row {
  const detail = (key: string): number => detailOf(samples, name, key)
  const latency = `p50 ${detail('p50Us').toFixed(0)} us, p99 ${detail('p99Us').toFixed(0)} us`
  const grouped = Number.isFinite(detail('commitsPerFlush'))
    ? `, ${detail('commitsPerFlush').toFixed(0)} commits a flush, ` +
      `${detail('logBytesPerCommit').toFixed(0)} B of log each, ${detail('checkpoints')} checkpoints`
    : ''
  return { label: name, measured: valuesOf(samples, name), unit: '/s', note: latency + grouped }
}

function againstRow(samples: Samples, clients: number, peer: string, factor?: number): Row[] {
  const name = engineName('doublewrite', clients)
  if (!samples.has(peer) || !samples.has(name)) return []
  const reference = { label: peer, measured: valuesOf(samples, peer) }
  const measured = valuesOf(samples, name)
  const label = `${clientsInWords(clients)}, doublewrite, against ${peer}`
  return [ratioRow({ label, measured, unit: '/s', reference }, factor)]
}

/** PostgreSQL commits in groups as well: how many clients does it like best? */
function bestPostgres(samples: Samples): string | undefined {
  return clientCounts
    .map(postgresLabel)
    .filter((label) => samples.has(label))
    .sort((a, b) => valuesOf(samples, b).median - valuesOf(samples, a).median)[0]
}

/** One client: a few percent decide, so these two follow each other closely, and more often. */
async function measureLone(context: BenchContext, peers: readonly Subject[]): Promise<Row[]> {
  const { settings, guard } = context
  const subjects = [engineSubject(context, 'doublewrite', 1), ...peers]
  const samples = await alternate(subjects, 2 * settings.rounds - 1, settings.seed, guard)
  return againstRow(samples, 1, sqlite, loneFactor)
}

async function measureAll(context: BenchContext, peers: readonly Subject[]): Promise<Row[]> {
  const { settings, guard } = context
  const engines = protections.flatMap((tornPages) =>
    clientCounts.map((clients) => engineSubject(context, tornPages, clients)),
  )
  const subjects = [...engines, ...peers]
  const samples = await alternate(subjects, Math.max(2, settings.rounds - 1), settings.seed, guard)
  const best = bestPostgres(samples)
  return [
    ...againstRow(samples, manyClients, sqlite, groupFactors.sqlite),
    ...againstRow(samples, manyClients, postgresLabel(manyClients), groupFactors.postgres),
    ...(best === undefined ? [] : againstRow(samples, manyClients, best)),
    ...subjects.map(({ name }) => rowOf(samples, name)),
  ]
}

export const transfer: BenchCase = {
  name: 'transfer',
  title: 'Transfers (TPC-B, 100,000 accounts), durable',
  async run(context) {
    const { settings, peers, directoryFor, say } = context
    const skipped = [...peers.missing]
    const embedded = peers.available.includes(sqlite) ? [sqliteSubject(context)] : []
    const rows = await measureLone(context, embedded)
    if (!settings.withPeers) return { rows: [...rows, ...(await measureAll(context, []))], skipped }
    const postgres = await startPostgres(directoryFor('transfer-postgres'), say)
    if ('missing' in postgres) {
      skipped.push(postgres.missing)
      return { rows: [...rows, ...(await measureAll(context, embedded))], skipped }
    }
    try {
      const servers = postgresSubjects(postgres.peer, settings.seconds)
      rows.push(...(await measureAll(context, [...embedded, ...servers])))
    } finally {
      await postgres.peer.stop()
    }
    return { rows, skipped }
  },
}
