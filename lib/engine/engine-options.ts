import { pageBytesMax, pageBytesMin, recordBodyBytesMax } from '../format/layout.ts'
import type { Operation } from '../operation/operation.ts'
import { invalidOption, OptionReader } from '../option-reader.ts'
import type { Durability, LogOptions } from '../options.ts'
import type { RestartProgress } from '../recovery/restart-report.ts'
import type { Clock } from '../util/clock.ts'

/**
 * What protects pages against a power cut in the middle of their write.
 *
 * DEVIATION(ARIES 8): a torn page is repaired from a copy or from the log, not from an archive.
 */
export type TornPageProtection = 'doublewrite' | 'fullPageImages' | 'none'

/** Options of the log that an engine passes on. */
export type EngineLogOptions = Pick<
  LogOptions,
  | 'segmentBytes'
  | 'bufferBytes'
  | 'backend'
  | 'directIO'
  | 'writerDelayMs'
  | 'commitDelayUs'
  | 'commitSiblings'
  | 'padToBlock'
  | 'idleMarkMs'
  | 'nativeBinding'
  | 'clock'
>

/**
 * Options of `Engine.open`. What is fixed when the store is created is checked at every later open;
 * all else may change from one open to the next.
 */
export interface EngineOptions extends EngineLogOptions {
  /**
   * Bytes of a page: 4096, 8192, 16384, 32768 or 65536; fixed when the store is created. Default
   * 8192.
   */
  pageSize?: number
  /**
   * Memory for pages. At least 16 pages, up to 64 GiB. Default 64 MiB. A quarter of it, at most 16
   * pages, is kept for undo: transactions cannot pin those.
   */
  bufferPoolBytes?: number
  /**
   * `doublewrite`: every page is written twice, to a common place first. `fullPageImages`: the log
   * gets the whole page before its first change since it was last written. `none`: only where the
   * device and the file system promise that a page is written whole or not at all. May change from
   * one open to the next. Default `doublewrite`; docs/decisions/0004 has the measurement.
   */
  tornPages?: TornPageProtection
  /**
   * Operations of your own by number, 64 to 65535. All that stand in the log must be there. Default:
   * none.
   */
  operations?: Readonly<Record<number, Operation>>
  /** What `commit` waits for when the transaction does not say. Default `flush`. */
  durability?: Durability
  /**
   * Log that a restart may have to read: checkpoints are taken so that it stays at about this.
   * 1 MiB to 1 TiB. Default 1 GiB, at most half of `maxLogBytes`.
   */
  maxWalBytes?: number
  /**
   * Hard limit for the log, which only opening it may exceed, by one segment. A change that would
   * leave no room to roll back fails with ERR_SEAWALL_LOG_FULL. At least 4 segments. Default 4 GiB
   * or 16 segments, whichever is more.
   */
  maxLogBytes?: number
  /** Milliseconds between checkpoints when something is written. 10 to 2^31 - 1. Default 300000. */
  checkpointTimeoutMs?: number
  /** Milliseconds that a lock is waited for. 0 to 2^31 - 1. Default 30000. */
  lockTimeoutMs?: number
  /**
   * Logs the whole page after every change, and compares at restart. Costs a page of log for each
   * change: for tests. Also runs every operation of yours twice. Default false.
   */
  consistencyChecks?: boolean
  /** Called now and then while the store is opened. */
  onProgress?: (progress: RestartProgress) => void
}

export interface ResolvedEngineOptions {
  readonly pageSize: number | undefined
  readonly bufferPoolBytes: number
  readonly tornPages: TornPageProtection
  readonly operations: Readonly<Record<number, Operation>>
  readonly durability: Durability
  readonly maxWalBytes: number
  readonly maxLogBytes: number
  readonly checkpointTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly consistencyChecks: boolean
  readonly onProgress: ((progress: RestartProgress) => void) | undefined
  readonly clock: Clock
  readonly log: LogOptions
}

export const defaultPageBytes = 8192
export const framesMin = 16

const mib = 1024 * 1024
const gib = 1024 * mib
const defaultSegmentBytes = 64 * mib
const segmentsMin = 4
const defaultSegments = 16
const timerMsMax = 2 ** 31 - 1

const logOptionNames = [
  'segmentBytes',
  'bufferBytes',
  'backend',
  'directIO',
  'writerDelayMs',
  'commitDelayUs',
  'commitSiblings',
  'padToBlock',
  'idleMarkMs',
  'nativeBinding',
  'clock',
] as const

const ownOptionNames = [
  'pageSize',
  'bufferPoolBytes',
  'tornPages',
  'operations',
  'durability',
  'maxWalBytes',
  'maxLogBytes',
  'checkpointTimeoutMs',
  'lockTimeoutMs',
  'consistencyChecks',
  'onProgress',
] as const

/** Checks `given` and fills in defaults. Throws ERR_SEAWALL_INVALID_OPTION. */
export function resolveEngineOptions(given: unknown = {}): ResolvedEngineOptions {
  const read = new OptionReader(given, [...ownOptionNames, ...logOptionNames])
  const segmentBytes = read.integer('segmentBytes', defaultSegmentBytes, 64 * 1024, 1024 * gib)
  const defaultLogBytes = Math.max(4 * gib, defaultSegments * segmentBytes)
  const maxLogBytes = read.integer('maxLogBytes', defaultLogBytes, 0, Number.MAX_SAFE_INTEGER)
  if (maxLogBytes < segmentsMin * segmentBytes) {
    throw invalidOption(`maxLogBytes must be at least four segments, not ${maxLogBytes}`)
  }
  const walDefault = Math.max(mib, Math.min(gib, Math.floor(maxLogBytes / 2)))
  const pageSize = read.integer('pageSize', undefined, pageBytesMin, pageBytesMax)
  if (pageSize !== undefined && (pageSize & (pageSize - 1)) !== 0) {
    throw invalidOption(`pageSize must be a power of two, not ${pageSize}`)
  }
  return Object.freeze({
    pageSize,
    bufferPoolBytes: read.integer('bufferPoolBytes', 64 * mib, framesMin * pageBytesMin, 64 * gib),
    tornPages: read.choice('tornPages', 'doublewrite', ['doublewrite', 'fullPageImages', 'none']),
    operations: read.typed<Readonly<Record<number, Operation>>>('operations', 'object') ?? {},
    durability: read.choice('durability', 'flush', ['flush', 'async']),
    maxWalBytes: read.integer('maxWalBytes', walDefault, 64 * 1024, 1024 * gib),
    maxLogBytes,
    checkpointTimeoutMs: read.integer('checkpointTimeoutMs', 300_000, 10, timerMsMax),
    lockTimeoutMs: read.integer('lockTimeoutMs', 30_000, 0, timerMsMax),
    consistencyChecks: read.boolean('consistencyChecks', false),
    onProgress: read.typed<(progress: RestartProgress) => void>('onProgress', 'function'),
    clock: read.clock('clock'),
    log: logOptions(given as EngineLogOptions, maxLogBytes),
  })
}

// The rest is checked by the log itself.
function logOptions(given: EngineLogOptions, maxLogBytes: number): LogOptions {
  const options: Record<string, unknown> = { maxLogBytes, maxRecordBytes: recordBodyBytesMax }
  for (const name of logOptionNames) {
    if (given[name] !== undefined) options[name] = given[name]
  }
  return options
}
