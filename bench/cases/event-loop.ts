// A server commits a record for each request: how long do all its other events wait meanwhile?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { type Bucket, logarithmicGrid, mergeBuckets } from '../measure/latency-histogram.ts'
import { shareWaitingLonger, waitPercentile } from '../measure/latency-of-turns.ts'
import { alternate, detailOf, type Samples, type Subject } from '../measure/rounds.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioOf, type Spread, spreadOf } from '../measure/spread.ts'
import type { Line, Plot } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import type { EventLoopConfig } from '../subjects/event-loop.ts'

const bodyBytes = 512
const workUs = 20
const quickRates = [2000]
const fullRates = [500, 1000, 2000, 4000, 8000]
const shownRate = 2000
// Percent of the requests; the last ones may still be under way at the end.
const answeredMin = 95
// A loop that has a processor to itself and nothing to do comes round in a few microseconds.
const idleMaxUs = 100

interface Server {
  readonly label: string
  readonly store: string
  readonly role: Line['role']
}

const idle: Server = { label: 'no requests', store: 'none', role: 'limit' }
const withoutCommits: Server = { label: 'requests, no commits', store: 'none', role: 'limit' }
const ownServers: readonly Server[] = [
  { label: 'commit()', store: 'seawall', role: 'own' },
  { label: 'commitSync()', store: 'seawall-sync', role: 'own' },
]
const peers = ['lmdb', 'better-sqlite3']

function serversOf({ peers: installed, settings }: BenchContext): Server[] {
  const chosen = peers.filter((peer) => installed.available.some((it) => it === peer))
  const plain = settings.withPeers ? ['plain-fs'] : []
  const others = [...chosen, ...plain].map((store): Server => ({
    label: store,
    store,
    role: 'peer',
  }))
  return [withoutCommits, ...ownServers, ...others]
}

function subjectOf(context: BenchContext, server: Server, rate: number): Subject {
  const { seconds, seed } = context.settings
  const run = (round: number) => {
    const config: EventLoopConfig = {
      store: server.store,
      directory: context.directoryFor(`event-loop-${server.store}`),
      // Small, because the log is made anew for every measurement.
      ...(server.store.startsWith('seawall') ? { options: { segmentBytes: 8 * 2 ** 20 } } : {}),
      requestsPerSecond: rate,
      workUs,
      bodyBytes,
      seconds,
      seed: seed + round,
    }
    return runSubject('event-loop', config)
  }
  return { name: server.label, run }
}

function turnsOf(samples: Samples, { label }: Server): Bucket[][] {
  return (samples.get(label) ?? []).map(
    ({ details }) => JSON.parse(String(details?.turns)) as Bucket[],
  )
}

function waitSpread(samples: Samples, server: Server, percent: number): Spread {
  return spreadOf(turnsOf(samples, server).map((turns) => waitPercentile(turns, percent)))
}

function rowOf(samples: Samples, server: Server, rate: number): Row {
  const { label } = server
  const p99 = waitSpread(samples, server, 99)
  const detail = (key: string): string => detailOf(samples, label, key).toFixed(0)
  const p50 = waitSpread(samples, server, 50).median.toFixed(1)
  const waits = `p50 ${p50} us, longest turn ${detail('longestUs')} us`
  if (server === idle) {
    const shared =
      p99.median > idleMaxUs
        ? ': others used the processors, and every wait here contains that'
        : ''
    return { label: `${label}, p99 wait`, measured: p99, unit: 'us', note: `${waits}${shared}` }
  }
  const share = 100 * detailOf(samples, label, 'answeredShare')
  const behind = share < answeredMin ? `; overloaded: ${share.toFixed(0)} % answered in time` : ''
  const answers = `answers p50 ${detail('answerP50Us')} us, p99 ${detail('answerP99Us')} us`
  const row: Row = {
    label: `${label}, ${rate}/s, p99 wait`,
    measured: p99,
    unit: 'us',
    note: `${waits}; ${answers}${behind}`,
  }
  if (server === withoutCommits) return row
  const reference = {
    label: `${withoutCommits.label}, ${rate}/s, p99 wait`,
    measured: waitSpread(samples, withoutCommits, 99),
  }
  return { ...row, reference, ratio: ratioOf(p99, reference.measured) }
}

function distributionPlot(samples: Samples, servers: readonly Server[], rate: number): Plot {
  const merged = servers.map((server) => mergeBuckets(turnsOf(samples, server)))
  const longest = Math.max(...merged.flatMap((turns) => turns.at(-1)?.[0] ?? 1))
  const grid = logarithmicGrid(0.5, longest, 15)
  return {
    name: 'distribution',
    title: `What other events wait for, at ${rate} requests/s`,
    caption:
      `A request takes ${workUs} us of work and commits ${bodyBytes} B. The share of events that ` +
      `wait for less than a time when they come at a random moment.`,
    x: { label: 'wait for the event loop', unit: 'us', scale: 'log' },
    y: { label: 'of all events', unit: '%', scale: 'linear' },
    lines: servers.map(({ label, role }, i) => ({
      label,
      role,
      points: grid.map((us) => ({
        x: us,
        y: spreadOf([100 * (1 - shareWaitingLonger(merged[i] ?? [], us))]),
      })),
    })),
  }
}

function ratePlot(byRate: ReadonlyMap<number, Samples>, servers: readonly Server[]): Plot {
  return {
    name: 'p99',
    title: 'What other events wait for, against the load',
    caption:
      `p99 of the wait of an event that comes at a random moment, while requests of ${workUs} us ` +
      `commit ${bodyBytes} B each.`,
    x: { label: 'requests', unit: '/s', scale: 'log' },
    y: { label: 'p99 wait for the event loop', unit: 'us', scale: 'log' },
    lines: servers.map((server) => ({
      label: server.label,
      role: server.role,
      points: [...byRate].map(([x, samples]) => ({ x, y: waitSpread(samples, server, 99) })),
    })),
  }
}

export const eventLoop: BenchCase = {
  name: 'event-loop',
  title: `How long a server that commits keeps its other events waiting, ${bodyBytes} B`,
  async run(context) {
    const { settings, guard, peers: installed } = context
    const { full, seed } = settings
    const rounds = full ? settings.rounds : Math.min(2, settings.rounds)
    const servers = serversOf(context)
    const byRate = new Map<number, Samples>()
    for (const rate of full ? fullRates : quickRates) {
      const subjects = servers.map((server) => subjectOf(context, server, rate))
      if (rate === shownRate) subjects.unshift(subjectOf(context, idle, 0))
      byRate.set(rate, await alternate(subjects, rounds, seed, guard))
    }
    for (const { store } of servers) context.remove(context.directoryFor(`event-loop-${store}`))
    const rows: Row[] = []
    const plots: Plot[] = []
    for (const [rate, samples] of byRate) {
      if (rate === shownRate) {
        rows.push(rowOf(samples, idle, 0))
        plots.push(distributionPlot(samples, [idle, ...servers], rate))
      }
      rows.push(...servers.map((server) => rowOf(samples, server, rate)))
    }
    if (byRate.size > 1) plots.push(ratePlot(byRate, servers))
    return { rows, plots, skipped: installed.missing }
  },
}
