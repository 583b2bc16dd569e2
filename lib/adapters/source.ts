import { Engine, type EngineStats, Log, type LogStats, SeawallError } from '../index.ts'

/** What has numbers to tell: a log, or an engine with the log in it. */
export type MetricsSource = Log | Engine

/** What one look at a source has found. */
export interface Sample {
  readonly log: LogStats
  /** Undefined when the source is a log. */
  readonly engine: EngineStats | undefined
  readonly openMs: number
}

/** undefined: it is closed. */
export function sampleOf(source: MetricsSource): Sample | undefined {
  const openMs = source.recovery.durationMs
  if (source instanceof Log) {
    const log = source.stats()
    return log.open ? { log, engine: undefined, openMs } : undefined
  }
  const engine = source.stats()
  return engine.open ? { log: engine.log, engine, openMs } : undefined
}

export function checkSource(source: unknown): asserts source is MetricsSource {
  if (source instanceof Log || source instanceof Engine) return
  throw invalidArgument('the source must be a Log or an Engine of the same copy of seawall')
}

export function invalidArgument(detail: string): SeawallError {
  return new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
}
