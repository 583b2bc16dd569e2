// Commits that come whether or not those before are done: how long does each take, and how does
// that grow with the load?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { alternate, type Samples, type Subject, valuesOf } from '../measure/rounds.ts'
import {
  type Bucket,
  logarithmicGrid,
  mergeBuckets,
  percentileOf,
  sharesAt,
} from '../measure/latency-histogram.ts'
import { runSubject } from '../measure/run-subject.ts'
import { ratioOf, type Spread, spreadOf } from '../measure/spread.ts'
import { showNumber } from '../result/numbers.ts'
import type { Line, Plot, Role } from '../result/plot.ts'
import type { Row } from '../result/row.ts'
import type { LatencyConfig } from '../subjects/latency.ts'
import type { LoadResult } from '../subjects/open-loop.ts'

const bodyBytes = 128
const own = 'seawall'
const generator = 'none'
const generatorPerSecond = 500_000
// A generator with a processor to itself is never later than that, but for one in a hundred.
const lateMaxUs = 200
// Of the log's capacity.
const fractions = [0.1, 0.25, 0.5, 0.75, 0.9]
// Of the capacity of each peer, so that all are seen side by side as far as each can go.
const peerFractions = { quick: [0.5], full: [0.1, 0.25, 0.5, 0.75, 0.9] }
// Above that share of its capacity, a store is not asked.
const askedFraction = 0.95
// A store that finishes less than this in time falls behind for good: its latency only says how
// long it was asked.
const carriedFraction = 0.95
const percentiles = [50, 99, 99.9] as const
const peers = ['lmdb', 'better-sqlite3']

interface Measured {
  readonly store: string
  readonly samples: Samples
  readonly loads: readonly number[]
}

/** The loads of the plan: two significant digits are enough, and read better. */
function roundedLoad(perSecond: number): number {
  return Number(perSecond.toPrecision(2))
}

function subjectOf(
  context: BenchContext,
  store: string,
  loadsPerSecond: readonly number[],
  capacitySeconds: number,
): Subject {
  const { seconds, full, seed } = context.settings
  const run = (round: number) => {
    const config: LatencyConfig = {
      store,
      directory: context.directoryFor(`latency-${store}`),
      bodyBytes,
      capacitySeconds,
      loadsPerSecond,
      seconds: full ? seconds : seconds / 2,
      seed: seed + round,
    }
    return runSubject('latency', config)
  }
  return { name: store, run }
}

function resultsOf(measured: Measured, load: number): LoadResult[] {
  const index = measured.loads.indexOf(load)
  return (measured.samples.get(measured.store) ?? []).flatMap(({ details }) => {
    const results = JSON.parse(String(details?.results)) as LoadResult[]
    return results[index] ?? []
  })
}

/** Undefined where the store did not carry the load, or was not asked. */
function carried(measured: Measured, load: number): LoadResult[] | undefined {
  const results = resultsOf(measured, load)
  const share = spreadOf(
    results.map(({ offeredPerSecond, achievedPerSecond }) => achievedPerSecond / offeredPerSecond),
  )
  return share.median >= carriedFraction ? results : undefined
}

function percentileSpread(results: readonly LoadResult[], percent: number): Spread {
  return spreadOf(results.map(({ latency }) => percentileOf(latency, percent)))
}

const labelOf = (store: string): string => (store === own ? 'commit()' : store)
const roleOf = (store: string): Role => (store === own ? 'own' : 'peer')

function rowsAt(all: readonly Measured[], load: number, share: string): Row[] {
  const rows: Row[] = []
  let reference: { label: string; results: LoadResult[] } | undefined
  for (const measured of [...all].reverse()) {
    const results = carried(measured, load)
    if (results === undefined) continue
    const { store } = measured
    const at = showNumber(load, '/s')
    const label = `${labelOf(store)}, ${at}${store === own ? share : ''}, p99`
    const commits = results.map(({ latency }) => latency.reduce((sum, [, count]) => sum + count, 0))
    // A percentile that fewer commits than one are above would only be the longest.
    const known = percentiles.filter((percent) => Math.min(...commits) * (100 - percent) >= 100)
    const shown = known.map(
      (percent) => `p${percent} ${percentileSpread(results, percent).median.toFixed(0)} us`,
    )
    const row: Row = {
      label,
      measured: percentileSpread(results, 99),
      unit: 'us',
      note: shown.join(', '),
    }
    if (store === own && reference !== undefined) {
      const peer = percentileSpread(reference.results, 99)
      const held = { label: reference.label, measured: peer }
      rows.unshift({ ...row, reference: held, ratio: ratioOf(row.measured, peer) })
    } else rows.unshift(row)
    // The peer that is quickest at this load.
    if (
      reference === undefined ||
      row.measured.median < percentileSpread(reference.results, 99).median
    ) {
      reference = { label, results }
    }
  }
  return rows
}

function percentilePlot(all: readonly Measured[], percent: 50 | 99, rounds: number): Plot {
  const lines = all.map((measured): Line => {
    const points = measured.loads.flatMap((load) => {
      const results = carried(measured, load)
      if (results === undefined) return []
      const x = spreadOf(results.map(({ achievedPerSecond }) => achievedPerSecond)).median
      return [{ x, y: percentileSpread(results, percent) }]
    })
    return { label: labelOf(measured.store), role: roleOf(measured.store), points }
  })
  return {
    name: `p${percent}`,
    title: `Latency against throughput: p${percent}`,
    caption:
      `Commits of ${bodyBytes} B arrive at random (Poisson) whatever has become of those before; ` +
      `a line ends where its store does not keep up. Median of ${rounds} rounds.`,
    x: { label: 'commits', unit: '/s', scale: 'log' },
    y: { label: `p${percent} from due to durable`, unit: 'us', scale: 'log' },
    lines,
  }
}

function distributionPlot(all: readonly Measured[], load: number): Plot {
  const merged = all.flatMap((measured) => {
    const results = carried(measured, load)
    if (results === undefined) return []
    return [{ measured, latency: mergeBuckets(results.map(({ latency }) => latency)) }]
  })
  const values = merged.flatMap(({ latency }) => latency.map(([us]) => us))
  const grid = logarithmicGrid(Math.min(...values), Math.max(...values), 20)
  const line = (store: string, latency: readonly Bucket[]): Line => ({
    label: labelOf(store),
    role: roleOf(store),
    points: sharesAt(latency, grid).map((share, i) => ({
      x: grid[i] as number,
      y: spreadOf([100 * share]),
    })),
  })
  return {
    name: 'distribution',
    title: `Who has to wait how long, at ${showNumber(load, '/s')}`,
    caption:
      `The share of commits that are durable within a time, when all stores get the same commits ` +
      `(${bodyBytes} B, at random). Further left is better; the long tail is at the top.`,
    x: { label: 'from due to durable', unit: 'us', scale: 'log' },
    y: { label: 'of all commits', unit: '%', scale: 'linear' },
    lines: merged.map(({ measured, latency }) => line(measured.store, latency)),
  }
}

function generatorRow(measured: Measured): Row {
  const results = resultsOf(measured, generatorPerSecond)
  const offered = spreadOf(results.map(({ achievedPerSecond }) => achievedPerSecond))
  const late = spreadOf(results.map(({ latenessP99Us }) => latenessP99Us)).median
  return {
    label: 'the generator by itself',
    measured: offered,
    unit: '/s',
    note:
      `asked for ${showNumber(generatorPerSecond, '/s')}; p99 ${late.toFixed(0)} us late` +
      (late > lateMaxUs
        ? ': others used the processors, and every latency here contains that'
        : ''),
  }
}

export const latency: BenchCase = {
  name: 'latency',
  title: `Latency under load that does not wait, ${bodyBytes} B`,
  async run(context) {
    const { settings, guard, peers: installed } = context
    const { full, seed } = settings
    const rounds = full ? settings.rounds : Math.min(2, settings.rounds)
    const stores = [own, ...peers.filter((peer) => installed.available.some((it) => it === peer))]
    const capacitySeconds = settings.seconds / 2
    const probes = stores.map((store) => subjectOf(context, store, [], capacitySeconds))
    const capacities = await alternate(probes, 1, seed, guard)
    const capacityOf = (store: string): number => valuesOf(capacities, store).median
    const loadsOfOwn = fractions.map((share) => roundedLoad(share * capacityOf(own)))
    const others = stores.filter((store) => store !== own)
    const loadsOfPeers = others.flatMap((store) =>
      peerFractions[full ? 'full' : 'quick'].map((share) => roundedLoad(share * capacityOf(store))),
    )
    const allLoads = [...new Set([...loadsOfOwn, ...loadsOfPeers])].sort((a, b) => a - b)
    const loadsFor = (store: string): number[] =>
      allLoads.filter((load) => load <= askedFraction * capacityOf(store))
    const subjects = stores.map((store) =>
      subjectOf(context, store, loadsFor(store), capacitySeconds),
    )
    subjects.push(subjectOf(context, generator, [generatorPerSecond], capacitySeconds))
    const samples = await alternate(subjects, rounds, seed, guard)
    for (const { name } of subjects) context.remove(context.directoryFor(`latency-${name}`))
    const all = stores.map((store) => ({ store, samples, loads: loadsFor(store) }))
    const common = Math.max(
      ...allLoads.filter((load) => all.every((it) => carried(it, load) !== undefined)),
      Math.min(...allLoads),
    )
    const shareOf = (load: number): string => {
      const share = fractions[loadsOfOwn.indexOf(load)]
      return share === undefined ? '' : ` (${100 * share} %)`
    }
    const capacityRows = stores.map((store): Row => {
      const label = `${labelOf(store)}, capacity of the same program`
      return { label, measured: valuesOf(samples, store), unit: '/s' }
    })
    const rows = [
      ...capacityRows,
      ...allLoads.flatMap((load) => rowsAt(all, load, shareOf(load))),
      generatorRow({ store: generator, samples, loads: [generatorPerSecond] }),
    ]
    const plots = [
      percentilePlot(all, 50, rounds),
      percentilePlot(all, 99, rounds),
      distributionPlot(all, common),
    ]
    return { rows, plots, skipped: installed.missing }
  },
}
