import type { ErrorCode } from '../error-codes.ts'
import type { NativeSurveyBinding } from './survey-binding.ts'

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
  padToBlock: boolean
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
  checkpointLSN: number
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
  /** Gauge, LSN: the first record that nobody has released. */
  oldestLSN: number
  /** Gauge, LSN: exclusive end of the durable log. */
  flushedLSN: number
  /** Opens for writing so far, this one included; fixed while the log is open. */
  incarnation: number
  /** Size of a segment file in bytes; fixed. */
  segmentBytes: number
  /** Size of a block of the log in bytes; fixed. */
  blockBytes: number
  /** Memory for records that are not durable yet, in bytes; fixed. 0 when read-only. */
  bufferBytes: number
  /**
   * Gauge, LSN: `maxLogBytes` allows records up to here as long as nothing is truncated. Below the
   * end of a log that was opened full.
   */
  limitLSN: number
  /** Gauge, bytes: all segment files, those that are prepared ahead included. */
  logBytes: number
  /** Gauge: segment files. */
  segments: number
  /** Counter: segment files made. */
  segmentsCreated: number
  /** Counter: segment files used again. */
  segmentsRecycled: number
  /** Counter: group commits, each one durable write or several writes and their syncs. */
  flushes: number
  /** Counter, milliseconds: from handing a flush to the drive until its completion was seen. */
  flushDriveMs: number
  /** Gauge, milliseconds: the longest of them. */
  flushDriveMaxMs: number
  /** Counter: records made durable; a long record counts once for each fragment. */
  recordsFlushed: number
  /** Counter: writes handed to the drive for the log itself. */
  deviceWrites: number
  /** Counter, bytes: of these writes, whole blocks. */
  deviceWriteBytes: number
  /** Counter: syncs of the log itself; a durable write counts as a write and a sync. */
  deviceSyncs: number
  /** Counter: writes of the master record. */
  masterWrites: number
  /** Counter: appends that waited for room, blocking the thread. */
  appendWaits: number
  /** Counter, milliseconds: all of these waits. */
  appendWaitMs: number
  /** What reads and writes of the log are aligned to, in bytes; fixed. */
  ioAlignmentBytes: number
  /** Whether the log goes past the page cache (O_DIRECT); fixed. */
  directIO: boolean
  /** `io_uring` or `threads`; fixed. */
  backend: string
  /** Why that one, in words; fixed. */
  backendReason: string
  /** A write or sync has failed: nothing is promised any more. */
  poisoned: boolean
}

/** Positions in the control block: native/log/control_block.h. */
export const controlIndex = { flushedLSN: 0, appendLimitLSN: 1, oldestLSN: 2, poisoned: 3 } as const

/** First argument of the event callback: LogEvent in native/log/log.h, and those of log_handle.h. */
export const nativeEvent = {
  flushed: 0,
  rotated: 1,
  poisoned: 2,
  progress: 3,
  pagesRead: 4,
} as const

/** Phases of progress events: OpenPhase in native/log/log_environment.h. */
export const openPhases = ['locking', 'syncing', 'scanning', 'preparing'] as const

/**
 * `flushed` (with the flushed LSN): settle who can be settled and return true when others still
 * wait.
 * `rotated` (with the segment number), `poisoned`, `progress` (phase, done, total), and `pagesRead`
 * (with the table that `pageReadColumn` describes).
 */
export type NativeEventCallback = (
  event: number,
  a: number | Float64Array,
  b?: number,
  c?: number,
) => boolean | undefined

/** Columns of a `pagesRead` table, and how many there are. */
export const pageReadColumn = { frame: 0, outcome: 1, pageLSN: 2, errno: 3, count: 4 } as const

/** How a page was found: PageReadOutcome in native/page/page_reader.h. */
export const pageOutcome = {
  valid: 0,
  neverWritten: 1,
  damaged: 2,
  misplaced: 3,
  aheadOfLog: 4,
  failed: 5,
} as const

export interface NativePageOptions {
  /** 0: as it is. */
  pageBytes: number
  /** Create the data file with this page size when there is none; 0: do not. */
  newPageBytes: number
  /** Memory for pages; at least `framesMin` of them. */
  poolBytes: number
  framesMin: number
  doublewrite: boolean
}

export interface NativePages {
  pageBytes: number
  /** Pages in memory. */
  frames: number
  /** Pages that the data file has room for, page 0 included. */
  filePages: number
  /** Most pages of one write. */
  batchPages: number
  created: boolean
  /** Ids of torn pages that were repaired from their copies. */
  repaired: number[]
  /** The frames in a row, cut after whole gibibytes. */
  arenas: ArrayBuffer[]
}

export interface NativePageStats {
  /** Counter: pages read from the data file. */
  pagesRead: number
  /** Counter: pages written to their places; with doublewrite each is written once more. */
  pagesWritten: number
  /** Counter: batches in which they were written. */
  pageBatches: number
  /** Counter: batches that waited for the log (WAL rule). */
  logWaits: number
  /** Gauge: pages that the data file has room for, page 0 included. */
  filePages: number
}

/**
 * What the addon exports. Arguments are validated before they come here; the addon only asserts.
 */
export interface NativeBinding extends NativeSurveyBinding {
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
  /** Durable when `callback` runs. */
  setCheckpoint(
    handle: number,
    lsn: number,
    callback: (error: NativeError | undefined) => void,
  ): void
  /** Opens the pages that belong to this log; once. Torn pages are repaired. */
  pagesOpen(
    handle: number,
    options: NativePageOptions,
    callback: (error: NativeError | undefined, pages: NativePages) => void,
  ): void
  /** `reads`: page id and frame in turn. One row each in a `pagesRead` event. */
  pagesRead(handle: number, reads: Uint32Array, count: number): void
  /**
   * Copies the pages in `frames` before it returns; ascending page ids. They are durable in their
   * places when `callback` runs. Waits for the log (WAL rule), whose records must be published.
   */
  pagesWrite(
    handle: number,
    frames: Uint32Array,
    count: number,
    callback: (error: NativeError | undefined) => void,
  ): void
  pagesGrow(handle: number, pages: number, callback: (error: NativeError | undefined) => void): void
  /** Page writes after the callback are not protected against being torn. */
  pagesStopDoublewrite(handle: number, callback: (error: NativeError | undefined) => void): void
  pagesStats(handle: number): NativePageStats
  /** The handle number is invalid once `callback` runs. */
  close(handle: number, callback: (error: NativeError | undefined) => void): void
}
