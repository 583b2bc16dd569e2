import type { Attributes, BatchObservableResult, Meter, Observable } from '@opentelemetry/api'

import type { DurationStats } from '../index.ts'
import {
  engineDurations,
  engineHolder,
  engineMetrics,
  fieldOf,
  logBackend,
  logDurations,
  logMetrics,
  type Metric,
  type MetricUnit,
  valueOf,
} from './metrics.ts'
import { invalidArgument, type MetricsSource, type Sample, sampleOf } from './source.ts'

type Tell = (sample: Sample, attributes: Attributes, result: BatchObservableResult) => void
type Part = (sample: Sample) => object | undefined

const ofLog: Part = ({ log }) => log
const ofEngine: Part = ({ engine }) => engine

const units = { seconds: 's', bytes: 'By' } as const

/** Tells the numbers of stats() whenever the meter collects. */
export class MetricObserver {
  readonly #meter: Meter
  readonly #sources = new Set<MetricsSource>()
  readonly #instruments: Observable[] = []
  readonly #tell: Tell[] = []
  readonly #callback = (result: BatchObservableResult): void => this.#collect(result)

  constructor(meter: Meter) {
    this.#meter = meter
    for (const metric of logMetrics) this.#number(metric, ofLog)
    for (const metric of engineMetrics) this.#number(metric, ofEngine)
    for (const { name, field, help } of logDurations) this.#durations(name, field, help, ofLog)
    for (const { name, field, help } of engineDurations) {
      this.#durations(name, field, help, ofEngine)
    }
    this.#words()
    meter.addBatchObservableCallback(this.#callback, this.#instruments)
  }

  observe(source: MetricsSource): () => void {
    if (this.#sources.has(source)) {
      throw invalidArgument(`${source.directory} is observed already`)
    }
    this.#sources.add(source)
    return () => this.#sources.delete(source)
  }

  stop(): void {
    this.#sources.clear()
    this.#meter.removeBatchObservableCallback(this.#callback, this.#instruments)
  }

  // One look at each source for all instruments.
  #collect(result: BatchObservableResult): void {
    for (const source of [...this.#sources]) {
      const sample = sampleOf(source)
      if (sample === undefined) {
        this.#sources.delete(source)
        continue
      }
      const attributes = { 'db.system.name': 'seawall', 'db.namespace': source.directory }
      for (const tell of this.#tell) tell(sample, attributes, result)
    }
  }

  #number(metric: Metric, part: Part): void {
    const { name, kind, unit, help } = metric
    const instrument = this.#instrument(name, kind, unit, help)
    this.#tell.push((sample, attributes, result) => {
      const stats = part(sample)
      const value = stats === undefined ? undefined : valueOf(stats, metric)
      if (value !== undefined) result.observe(instrument, value, attributes)
    })
  }

  // There are no histograms that are observed: how many, and how long together.
  #durations(name: string, field: string, help: string, part: Part): void {
    const count = this.#instrument(`${name}.count`, 'counter', undefined, `${help} How many.`)
    const time = this.#instrument(`${name}.time`, 'counter', 'seconds', `${help} Together.`)
    this.#tell.push((sample, attributes, result) => {
      const stats = part(sample)
      if (stats === undefined) return
      const durations = fieldOf(stats, field) as DurationStats
      result.observe(count, durations.count, attributes)
      result.observe(time, durations.totalMs / 1000, attributes)
    })
  }

  #words(): void {
    const backend = this.#instrument(logBackend.name, 'gauge', undefined, logBackend.help)
    const holder = this.#instrument(engineHolder.name, 'gauge', undefined, engineHolder.help)
    this.#tell.push(({ log, engine }, attributes, result) => {
      result.observe(backend, 1, { ...attributes, 'seawall.log.backend': log.backend })
      for (const word of engine === undefined ? [] : engineHolder.words) {
        const value = Number(engine?.checkpoints.holder === word)
        result.observe(holder, value, { ...attributes, 'seawall.log.holder': word })
      }
    })
  }

  #instrument(
    name: string,
    kind: 'counter' | 'gauge',
    unit: MetricUnit,
    description: string,
  ): Observable {
    const options = { description, unit: unit === undefined ? '1' : units[unit] }
    const instrument =
      kind === 'counter'
        ? this.#meter.createObservableCounter(`seawall.${name}`, options)
        : this.#meter.createObservableGauge(`seawall.${name}`, options)
    this.#instruments.push(instrument)
    return instrument
  }
}
