import { blockBytesMin, recordBodyBytesMax } from './format/layout.ts'
import { invalidOption as invalid, OptionReader } from './option-reader.ts'
import type { Clock } from './util/clock.ts'

/**
 * `flush`: resolves when the record is durable. `async`: resolves at once; durable within
 * `writerDelayMs`.
 */
export type Durability = 'flush' | 'async'

/** How far `Log.open` has come. `total` is 0 where it is not known. */
export interface OpenProgress {
  /**
   * `locking` waits up to a second for another process; `syncing` makes durable what will be read;
   * `scanning` looks for the end of the log; `preparing` writes a segment.
   */
  phase: 'locking' | 'syncing' | 'scanning' | 'preparing'
  /** How much of `total`: segments when syncing, bytes when scanning and preparing. */
  done: number
  /** All of this phase. */
  total: number
}

/**
 * Options of `Log.open`. What is fixed when the log is created is checked at every later open; all
 * else may change from one open to the next.
 */
export interface LogOptions {
  /**
   * Size of a segment file; fixed when the log is created. Multiple of 4096, 64 KiB to 1 TiB.
   * Default 64 MiB.
   */
  segmentBytes?: number
  /**
   * Memory for records that are not durable yet; appending waits when it is full. Power of two,
   * 64 KiB to 1 GiB. Default 16 MiB.
   */
  bufferBytes?: number
  /** Longest record body. Up to 1 GiB. Default 64 MiB. */
  maxRecordBytes?: number
  /** `auto` takes io_uring where the kernel allows it and `threads` elsewhere. Default `auto`. */
  backend?: 'auto' | 'io_uring' | 'threads'
  /**
   * `auto` uses O_DIRECT where the file system takes it; `require` fails where not; `never` goes
   * through the page cache. Default `auto`.
   */
  directIO?: 'auto' | 'require' | 'never'
  /** What `commit` waits for when the call does not say. Default `flush`. */
  durability?: Durability
  /**
   * Records that nobody waits for are durable within about this many milliseconds. 1 to 60000.
   * Default 10.
   */
  writerDelayMs?: number
  /**
   * Microseconds to wait for more commits before a flush, when `commitSiblings` wait already. 0
   * to 1000000. Default 0: group commit needs no delay.
   */
  commitDelayUs?: number
  /** See `commitDelayUs`. Default 5. */
  commitSiblings?: number
  /**
   * Never write an acknowledged block again: every flush ends with padding to 4 KiB. Costs space,
   * removes an assumption about the drive. Default false.
   */
  padToBlock?: boolean
  /**
   * Hard limit for all segment files together; appending beyond it is ERR_SEAWALL_LOG_FULL, until
   * `truncateBefore` releases segments. Opening for writing appends 48 bytes, and may exceed the
   * limit by one segment when a full log has no room for them: however often it is opened, by no
   * more than this one, which takes about `segmentBytes` / 48 opens. At least 3 segments. Default:
   * none.
   */
  maxLogBytes?: number
  /** Open without changing anything; several readers may do so at once. Default false. */
  readOnly?: boolean
  /**
   * Milliseconds without a flush after which the last commits get their promise in the master
   * record. 1 to 60000. Default 100.
   */
  idleMarkMs?: number
  /** Called now and then while a long open scans or prepares. */
  onProgress?: (progress: OpenProgress) => void
  /**
   * Path of the native addon to load. Default: SEAWALL_NATIVE_BINDING of the environment, else the
   * one that comes with the package.
   */
  nativeBinding?: string
  /** What time it is, for tests. Default: the time of this process. */
  clock?: Clock
}

/** Options with every default filled in. */
export interface ResolvedLogOptions {
  readonly segmentBytes: number | undefined
  readonly bufferBytes: number
  readonly maxRecordBytes: number
  readonly backend: 'auto' | 'io_uring' | 'threads'
  readonly directIO: 'auto' | 'require' | 'never'
  readonly durability: Durability
  readonly writerDelayMs: number
  readonly commitDelayUs: number
  readonly commitSiblings: number
  readonly padToBlock: boolean
  readonly maxLogBytes: number | undefined
  readonly readOnly: boolean
  readonly idleMarkMs: number
  readonly onProgress: ((progress: OpenProgress) => void) | undefined
  readonly nativeBinding: string | undefined
  readonly clock: Clock
}

const kib = 1024
const mib = 1024 * kib
const gib = 1024 * mib
const defaultSegmentBytes = 64 * mib

const optionNames: readonly (keyof ResolvedLogOptions)[] = [
  'segmentBytes',
  'bufferBytes',
  'maxRecordBytes',
  'backend',
  'directIO',
  'durability',
  'writerDelayMs',
  'commitDelayUs',
  'commitSiblings',
  'padToBlock',
  'maxLogBytes',
  'readOnly',
  'idleMarkMs',
  'onProgress',
  'nativeBinding',
  'clock',
]

/** Checks `given` and fills in defaults. Throws ERR_SEAWALL_INVALID_OPTION. */
export function resolveLogOptions(given: unknown = {}): ResolvedLogOptions {
  const read = new OptionReader(given, optionNames)
  const options: ResolvedLogOptions = {
    segmentBytes: read.integer('segmentBytes', undefined, 64 * kib, 1024 * gib),
    bufferBytes: read.integer('bufferBytes', 16 * mib, 64 * kib, gib),
    maxRecordBytes: read.integer('maxRecordBytes', 64 * mib, 0, recordBodyBytesMax),
    backend: read.choice('backend', 'auto', ['auto', 'io_uring', 'threads']),
    directIO: read.choice('directIO', 'auto', ['auto', 'require', 'never']),
    durability: read.choice('durability', 'flush', ['flush', 'async']),
    writerDelayMs: read.integer('writerDelayMs', 10, 1, 60_000),
    commitDelayUs: read.integer('commitDelayUs', 0, 0, 1_000_000),
    commitSiblings: read.integer('commitSiblings', 5, 0, 1_000_000),
    padToBlock: read.boolean('padToBlock', false),
    maxLogBytes: read.integer('maxLogBytes', undefined, 0, Number.MAX_SAFE_INTEGER),
    readOnly: read.boolean('readOnly', false),
    idleMarkMs: read.integer('idleMarkMs', 100, 1, 60_000),
    onProgress: read.typed('onProgress', 'function'),
    nativeBinding: read.typed('nativeBinding', 'string'),
    clock: read.clock('clock'),
  }
  checkSizes(options)
  return Object.freeze(options)
}

function checkSizes(options: ResolvedLogOptions): void {
  const { segmentBytes, bufferBytes, maxLogBytes } = options
  if (segmentBytes !== undefined && segmentBytes % blockBytesMin !== 0) {
    throw invalid(`segmentBytes must be a multiple of ${blockBytesMin}, not ${segmentBytes}`)
  }
  if ((bufferBytes & (bufferBytes - 1)) !== 0)
    throw invalid(`bufferBytes must be a power of two, not ${bufferBytes}`)
  const limitMin = 3 * (segmentBytes ?? defaultSegmentBytes)
  if (maxLogBytes !== undefined && maxLogBytes < limitMin) {
    throw invalid(`maxLogBytes must be at least three segments (${limitMin}), not ${maxLogBytes}`)
  }
}
