import { isDeepStrictEqual } from 'node:util'

import type { Metric as RegistryMetric, Registry } from 'prom-client'

import type { DurationStats } from '../index.ts'
import {
  type DurationMetric,
  engineDurations,
  engineHolder,
  engineMetrics,
  fieldOf,
  logBackend,
  logDurations,
  logMetrics,
  type Metric,
  valueOf,
} from './metrics.ts'
import { invalidArgument, type MetricsSource, type Sample, sampleOf } from './source.ts'

export type Labels = Readonly<Record<string, string>>

export type MetricsRegistry = Pick<
  Registry,
  'registerMetric' | 'getSingleMetric' | 'removeSingleMetric'
>

interface Value {
  readonly value: number
  readonly labels: Record<string, string | number>
  /** Where it is not the metric's own name. */
  readonly metricName?: string
}

/** What a registry asks for at every scrape. */
interface CollectedMetric {
  /** Under which the registry has it. */
  readonly key: string
  /** The same, but an OpenMetrics registry takes `_total` off for good. */
  name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator: 'sum' | 'max'
  /** The numbers are the source's own: there is nothing to reset here. */
  reset(): void
  get(): Promise<object>
}

type Read = (sample: Sample, labels: Labels, name: string) => readonly Value[]

/** The metrics of one prefix in one registry, for every source that was added. */
export class PrometheusMetrics {
  readonly #metrics: readonly CollectedMetric[]
  readonly #sources = new Map<MetricsSource, Labels>()
  #registry: MetricsRegistry | undefined
  #samples: readonly [Sample, Labels][] | undefined

  constructor(prefix: string) {
    this.#metrics = definitions(prefix).map((definition) => this.#metric(definition))
  }

  add(source: MetricsSource, labels: Labels, registry: MetricsRegistry): void {
    this.#checkNew(source, labels)
    // All or none. Some are missing at first, and after a clear() of the registry.
    const missing = this.#metrics.filter((metric) => !isIn(registry, metric))
    for (const metric of missing) registry.registerMetric(metric as unknown as RegistryMetric)
    this.#registry = registry
    this.#sources.set(source, labels)
  }

  remove(source: MetricsSource): void {
    if (!this.#sources.delete(source) || this.#sources.size > 0) return
    const registry = this.#registry
    for (const { key } of this.#metrics) {
      const present = registry?.getSingleMetric(key) as unknown
      if (this.#metrics.includes(present as CollectedMetric)) registry?.removeSingleMetric(key)
    }
  }

  // Two sources that cannot be told apart would make a scrape that Prometheus refuses.
  #checkNew(source: MetricsSource, labels: Labels): void {
    for (const [other, itsLabels] of [...this.#sources]) {
      if (sampleOf(other) === undefined) this.remove(other)
      else if (other === source || isDeepStrictEqual(itsLabels, labels)) {
        throw invalidArgument(`${source.directory} is in the registry already, with these labels`)
      }
    }
  }

  #metric({ name, help, type, aggregator, read }: Definition): CollectedMetric {
    const values = (): Value[] =>
      this.#sampled().flatMap(([sample, labels]) => read(sample, labels, name))
    return {
      key: name,
      name,
      help,
      type,
      aggregator,
      reset: () => {},
      async get() {
        return { name: this.name, help, type, aggregator, values: values() }
      },
    }
  }

  // A registry asks all metrics in one go: they share one look at each source.
  #sampled(): readonly [Sample, Labels][] {
    if (this.#samples !== undefined) return this.#samples
    const samples: [Sample, Labels][] = []
    for (const [source, labels] of [...this.#sources]) {
      const sample = sampleOf(source)
      if (sample === undefined) this.remove(source)
      else samples.push([sample, labels])
    }
    this.#samples = samples
    queueMicrotask(() => {
      this.#samples = undefined
    })
    return samples
  }
}

/** Whether the registry has just this metric; throws when it has another one of its name. */
function isIn(registry: MetricsRegistry, metric: CollectedMetric): boolean {
  const present = registry.getSingleMetric(metric.key) as unknown
  if (present === undefined || present === metric) return present === metric
  throw invalidArgument(`the registry has a metric ${metric.key} already: choose another prefix`)
}

interface Definition {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator: 'sum' | 'max'
  readonly read: Read
}

/** What a metric of this name is called in Prometheus: base unit and kind behind it. */
export function prometheusName(prefix: string, { name, unit, kind }: Metric): string {
  const words = [name.replaceAll('.', '_'), unit, kind === 'counter' ? 'total' : undefined]
  return prefix + words.filter((word) => word !== undefined).join('_')
}

function definitions(prefix: string): Definition[] {
  const gauge = { type: 'gauge', aggregator: 'max' } as const
  const named = (name: string): string => prefix + name.replaceAll('.', '_')
  return [
    ...logMetrics.map((metric) => number(prefix, metric, ({ log }) => log)),
    ...engineMetrics.map((metric) => number(prefix, metric, ({ engine }) => engine)),
    ...logDurations.map((metric) => durations(named(metric.name), metric, ({ log }) => log)),
    ...engineDurations.map((metric) =>
      durations(named(metric.name), metric, ({ engine }) => engine),
    ),
    { name: named(logBackend.name), help: logBackend.help, ...gauge, read: backend },
    { name: named(engineHolder.name), help: engineHolder.help, ...gauge, read: holder },
    {
      name: `${prefix}open_duration_seconds`,
      help: 'How long opening took, with recovery.',
      ...gauge,
      read: ({ openMs }, labels) => [{ value: openMs / 1000, labels }],
    },
  ]
}

type Part = (sample: Sample) => object | undefined

function number(prefix: string, metric: Metric, part: Part): Definition {
  const { kind: type, help } = metric
  const read: Read = (sample, labels) => {
    const stats = part(sample)
    const value = stats === undefined ? undefined : valueOf(stats, metric)
    return value === undefined ? [] : [{ value, labels }]
  }
  const aggregator = type === 'counter' ? 'sum' : 'max'
  return { name: prometheusName(prefix, metric), help, type, aggregator, read }
}

function durations(name: string, { field, help }: DurationMetric, part: Part): Definition {
  const read: Read = (sample, labels, ownName) => {
    const stats = part(sample)
    if (stats === undefined) return []
    return histogramOf(ownName, labels, fieldOf(stats, field) as DurationStats)
  }
  return { name: `${name}_seconds`, help, type: 'histogram', aggregator: 'sum', read }
}

// Buckets of Prometheus are cumulative.
function histogramOf(name: string, labels: Labels, durations: DurationStats): Value[] {
  const { count, totalMs, upToMs, counts } = durations
  let below = 0
  const buckets = upToMs.map((ms, i): Value => {
    below += counts[i] ?? 0
    return { metricName: `${name}_bucket`, value: below, labels: { ...labels, le: ms / 1000 } }
  })
  return [
    ...buckets,
    { metricName: `${name}_bucket`, value: count, labels: { ...labels, le: '+Inf' } },
    { metricName: `${name}_sum`, value: totalMs / 1000, labels },
    { metricName: `${name}_count`, value: count, labels },
  ]
}

const backend: Read = ({ log }, labels) => [
  { value: 1, labels: { ...labels, backend: log.backend } },
]

const holder: Read = ({ engine }, labels) =>
  engine === undefined
    ? []
    : engineHolder.words.map((word) => ({
        value: Number(engine.checkpoints.holder === word),
        labels: { ...labels, holder: word },
      }))
