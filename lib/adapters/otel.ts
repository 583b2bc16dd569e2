// seawall/otel: spans for transactions, checkpoints, recovery and restart, and the numbers of
// stats() as metrics. Nothing of OpenTelemetry is loaded here: the API that is passed in is used.
import type { Meter, Tracer } from '@opentelemetry/api'

import type { Engine, Log } from '../index.ts'
import { checkOptions } from './options.ts'
import { MetricObserver } from './otel-metrics.ts'
import { type OtelApi, SpanRecorder } from './otel-spans.ts'
import { checkSource, invalidArgument } from './source.ts'

export type { OtelApi }

/** What `instrumentSeawall` takes. */
/** Options of `instrumentSeawall`. */
export interface OtelOptions {
  /** `import * as api from '@opentelemetry/api'`. */
  api: OtelApi
  /** Default: the tracer `seawall` of the global provider. */
  tracer?: Tracer
  /** Default: the meter `seawall` of the global provider. */
  meter?: Meter
  /** Logs and engines whose `stats()` are told as metrics; `observe` adds others. Default: none. */
  sources?: readonly (Log | Engine)[]
}

/** What `instrumentSeawall` has begun. `using` ends it. */
export interface Instrumentation extends Disposable {
  /**
   * Tells the `stats()` of a source, once for each collection, until the returned function is
   * called or the source is closed.
   *
   * @throws ERR_SEAWALL_INVALID_ARGUMENT
   */
  observe(source: Log | Engine): () => void
  /** Takes everything back: no span begins any more, those under way end, no number is told. */
  disable(): void
}

const optionNames: readonly (keyof OtelOptions)[] = ['api', 'tracer', 'meter', 'sources']

let isInstrumented = false

/**
 * Records a span for every transaction, checkpoint, recovery and restart in this process, below the
 * span that is active when it begins; the callback of `engine.transaction` runs with its span
 * active. Checkpoints that begin by themselves are roots.
 *
 * @throws ERR_SEAWALL_INVALID_ARGUMENT, also when it is called again before `disable`
 * @source https://opentelemetry.io/docs/specs/semconv/database/
 */
export function instrumentSeawall(options: OtelOptions): Instrumentation {
  const { api, tracer, meter, sources } = checked(options)
  if (isInstrumented) throw invalidArgument('seawall is instrumented already: disable() that first')
  const spans = new SpanRecorder(api, tracer, meter)
  const metrics = new MetricObserver(meter)
  isInstrumented = true
  let isOver = false
  const disable = (): void => {
    if (isOver) return
    isOver = true
    isInstrumented = false
    spans.stop()
    metrics.stop()
  }
  const observe = (source: Log | Engine): (() => void) => {
    checkSource(source)
    if (isOver) throw invalidArgument('this instrumentation is disabled')
    return metrics.observe(source)
  }
  for (const source of sources) observe(source)
  return { observe, disable, [Symbol.dispose]: disable }
}

function checked(given: unknown): Required<OtelOptions> {
  const { api, tracer, meter, sources = [] } = checkOptions<OtelOptions>(given, optionNames)
  if (typeof api?.context?.with !== 'function' || typeof api.trace?.getTracer !== 'function') {
    throw invalidArgument(
      "api must be OpenTelemetry's: npm install @opentelemetry/api, " +
        "then import * as api from '@opentelemetry/api'",
    )
  }
  if (tracer !== undefined && typeof tracer?.startSpan !== 'function') {
    throw invalidArgument('tracer must be a Tracer of OpenTelemetry')
  }
  if (meter !== undefined && typeof meter?.createObservableGauge !== 'function') {
    throw invalidArgument('meter must be a Meter of OpenTelemetry')
  }
  if (!Array.isArray(sources)) throw invalidArgument('sources must be an array')
  for (const source of sources as unknown[]) checkSource(source)
  return {
    api,
    tracer: tracer ?? api.trace.getTracer('seawall'),
    meter: meter ?? api.metrics.getMeter('seawall'),
    sources,
  }
}
