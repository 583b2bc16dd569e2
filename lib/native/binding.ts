import type { ErrorCode } from '../error-codes.ts'

/** A failure as the addon reports it; see map-error.ts. */
export interface NativeError {
  code: ErrorCode
  detail: string
  errno?: number
  syscall?: string
  path?: string
  lsn?: number
}

/** Every field is given; 0 means "not set" for segmentBytes and maxLogBytes. */
export interface NativeLogOptions {
  segmentBytes: number
  bufferBytes: number
  maxLogBytes: number
  backend: string
  directIO: string
  readOnly: boolean
  commitDelayUs: number
  commitSiblings: number
  idleMarkMs: number
}

export interface NativeReport {
  decision: 'created' | 'clean-end' | 'torn-tail'
  closedCleanly: boolean
  incarnation: number
  oldestLSN: number
  endLSN: number
  scannedFromLSN: number
  scannedRecords: number
  cutBytes: number
  promiseLSN: number
  reason: string
  durationMs: number
}

export interface NativeOpenResult {
  handle: number
  /** Twice bufferBytes: the buffer mapped two times in a row. null when read-only. */
  ring: ArrayBuffer | null
  /** Float64 values by `controlIndex`; the writer changes them. */
  control: ArrayBuffer
  report: NativeReport
}

/** Records whose bodies lie in `buffer`; without `buffer` there was nothing to read. */
export interface NativeBatch {
  nextLSN: number
  /** LSN that buffer byte 0 stands for. */
  baseLSN?: number
  buffer?: ArrayBuffer
  /** Uint32: body offset, body bytes, type for each record. */
  index?: ArrayBuffer
}

export interface NativeRecord {
  type: number
  body: Uint8Array
  nextLSN: number
}

export interface NativeStats {
  oldestLSN: number
  flushedLSN: number
  incarnation: number
  segmentBytes: number
  blockBytes: number
  bufferBytes: number
  logBytes: number
  segments: number
  segmentsCreated: number
  segmentsRecycled: number
  flushes: number
  recordsFlushed: number
  deviceWrites: number
  deviceWriteBytes: number
  deviceSyncs: number
  masterWrites: number
  appendWaits: number
  appendWaitMs: number
  ioAlignmentBytes: number
  directIO: boolean
  backend: string
  backendReason: string
  poisoned: boolean
}

/** Positions in the control block: native/log/control_block.h. */
export const controlIndex = { flushedLSN: 0, appendLimitLSN: 1, oldestLSN: 2, poisoned: 3 } as const

/** First argument of the event callback: LogEvent in native/log/log.h, and progress. */
export const nativeEvent = { flushed: 0, rotated: 1, poisoned: 2, progress: 3 } as const

/** Phases of progress events: OpenPhase in native/log/log_environment.h. */
export const openPhases = ['locking', 'syncing', 'scanning', 'preparing'] as const

/**
 * `flushed` (with the flushed LSN): settle who can be settled and return true when others still
 * wait.
 * `rotated` (with the segment number), `poisoned`, and `progress` (phase, done, total).
 */
export type NativeEventCallback = (
  event: number,
  a: number,
  b?: number,
  c?: number,
) => boolean | undefined

/**
 * What the addon exports. Arguments are validated before they come here; the addon only asserts.
 */
export interface NativeBinding {
  readonly formatVersion: number
  readonly hasIoUring: boolean
  readonly crc32c: string
  open(
    directory: string,
    options: NativeLogOptions,
    onEvent: NativeEventCallback,
    wantsProgress: boolean,
    callback: (error: NativeError | undefined, result: NativeOpenResult) => void,
  ): void
  /**
   * Everything below `endLSN` is framed. With `waiters` > 0 one `flushed` event will come and
   * keeps the process alive until
   * then. Returns true when everything below `endLSN` is durable already.
   */
  publish(handle: number, endLSN: number, waiters: number): boolean
  /**
   * Blocks until records may be framed up to `endLSN`, at most half the buffer beyond what is
   * published.
   */
  waitForSpace(handle: number, endLSN: number): NativeError | undefined
  /** Blocks until segments for everything below `endLSN` are there. */
  waitForSegments(handle: number, endLSN: number): NativeError | undefined
  /** Publishes and blocks until everything below `endLSN` is durable. */
  flushSync(handle: number, endLSN: number): NativeError | undefined
  poison(handle: number): NativeError | undefined
  stats(handle: number): NativeStats
  truncateBefore(
    handle: number,
    lsn: number,
    callback: (error: NativeError | undefined) => void,
  ): void
  readerOpen(
    handle: number,
    from: number,
    to: number,
    callback: (error: NativeError | undefined, reader: number) => void,
  ): void
  readerNext(
    handle: number,
    reader: number,
    callback: (error: NativeError | undefined, batch: NativeBatch) => void,
  ): void
  readerClose(handle: number, reader: number, callback: () => void): void
  readRecord(
    handle: number,
    lsn: number,
    callback: (error: NativeError | undefined, record: NativeRecord) => void,
  ): void
  /** The handle number is invalid once `callback` runs. */
  close(handle: number, callback: (error: NativeError | undefined) => void): void
}
