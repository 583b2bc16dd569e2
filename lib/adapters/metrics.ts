import type { DurationStats, EngineStats, LogStats } from '../index.ts'

export type MetricUnit = 'seconds' | 'bytes' | undefined

/** One number of `stats()`, and how monitoring systems call it. */
export interface Metric {
  /** Where it stands in `stats()`. */
  readonly field: string
  /** Without prefix and unit. */
  readonly name: string
  /** `counter`: only rises until the source is closed. `gauge`: what it is now. */
  readonly kind: 'counter' | 'gauge'
  /** A field that ends in `Ms` is told in seconds. */
  readonly unit: MetricUnit
  readonly help: string
}

/** One DurationStats of `stats()`. */
export interface DurationMetric {
  readonly field: string
  readonly name: string
  readonly help: string
}

/** Paths to the fields of `Stats` that are numbers or true and false. */
type NumberField<Stats> = {
  [Key in keyof Stats & string]: Stats[Key] extends DurationStats
    ? never
    : NonNullable<Stats[Key]> extends number | boolean
      ? Key
      : Stats[Key] extends object
        ? `${Key}.${NumberField<Stats[Key]>}`
        : never
}[keyof Stats & string]

/** What a table must have: every number, but whether the source is open: a closed one has none. */
export type LogField = Exclude<NumberField<LogStats>, 'open'>
export type EngineField = Exclude<NumberField<Omit<EngineStats, 'log'>>, 'open'>

type Row<Field> = readonly [field: Field, name: string, help: string]

function rows<Field extends string>(
  kind: 'counter' | 'gauge',
  unit: MetricUnit,
  table: readonly Row<Field>[],
): Metric[] {
  return table.map(([field, name, help]) => ({ field, name, kind, unit, help }))
}

export const logMetrics: readonly Metric[] = [
  ...rows<LogField>('counter', undefined, [
    ['appends', 'log.appends', 'Records appended.'],
    ['publishes', 'log.publishes', 'Times that JavaScript told the writer about records.'],
    ['flushes', 'log.flushes', 'Group commits.'],
    ['recordsFlushed', 'log.flushed_records', 'Records made durable.'],
    ['deviceWrites', 'log.device_writes', 'Writes of the log handed to the drive.'],
    ['deviceSyncs', 'log.device_syncs', 'Syncs of the log handed to the drive.'],
    ['masterWrites', 'log.master_writes', 'Writes of the master record.'],
    ['appendWaits', 'log.append_waits', 'Appends that waited for room.'],
    ['segmentsCreated', 'log.segments_created', 'Segment files made.'],
    ['segmentsRecycled', 'log.segments_recycled', 'Segment files used again.'],
  ]),
  ...rows<LogField>('counter', 'bytes', [
    ['appendBytes', 'log.append', 'Bodies of the records appended.'],
    ['deviceWriteBytes', 'log.device_write', 'Blocks of the log handed to the drive.'],
  ]),
  ...rows<LogField>('counter', 'seconds', [
    ['appendWaitMs', 'log.append_wait', 'Time that appends waited for room.'],
    ['flushDriveMs', 'log.flush_drive', 'Time of flushes at the drive.'],
  ]),
  ...rows<LogField>('gauge', undefined, [
    ['endLSN', 'log.end_lsn', 'Where the next record will start.'],
    ['flushedLSN', 'log.flushed_lsn', 'Exclusive end of the durable log.'],
    ['oldestLSN', 'log.oldest_lsn', 'First record that nobody has released.'],
    ['limitLSN', 'log.limit_lsn', 'Records may go up to here until something is released.'],
    ['incarnation', 'log.incarnation', 'Opens for writing so far.'],
    ['segments', 'log.segments', 'Segment files.'],
    ['waiters', 'log.waiters', 'Commits and flushes that wait.'],
    ['poisoned', 'log.poisoned', '1: a write failed and nothing is promised any more.'],
    ['directIO', 'log.direct_io', '1: the log goes past the page cache.'],
  ]),
  ...rows<LogField>('gauge', 'seconds', [
    ['flushDriveMaxMs', 'log.flush_drive_max', 'The longest flush at the drive so far.'],
  ]),
  ...rows<LogField>('gauge', 'bytes', [
    ['logBytes', 'log.size', 'All segment files.'],
    ['heldBytes', 'log.held', 'Log that nobody has released.'],
    ['maxLogBytes', 'log.size_limit', 'The option maxLogBytes, when there is a limit.'],
    ['segmentBytes', 'log.segment_size', 'A segment file.'],
    ['blockBytes', 'log.block_size', 'A block of the log.'],
    ['bufferBytes', 'log.buffer_size', 'Memory for records that are not durable yet.'],
    ['ioAlignmentBytes', 'log.io_alignment', 'What reads and writes are aligned to.'],
  ]),
]

export const logDurations: readonly DurationMetric[] = [
  {
    field: 'flushWait',
    name: 'log.flush_wait',
    help: 'From telling the writer until it is known to be durable.',
  },
]

export const engineMetrics: readonly Metric[] = [
  ...rows<EngineField>('counter', undefined, [
    ['transactions.committed', 'transactions.committed', 'Committed, with changes.'],
    ['transactions.rolledBack', 'transactions.rolled_back', 'Rolled back, with changes.'],
    ['transactions.withoutWrites', 'transactions.without_writes', 'Ended without changes.'],
    ['transactions.timeouts', 'transactions.timeouts', 'Ran longer than timeoutMs.'],
    [
      'transactions.endedForLogSpace',
      'transactions.ended_for_log_space',
      'Rolled back because they held a log that was full.',
    ],
    ['checkpoints.count', 'checkpoints', 'Checkpoints completed.'],
    ['checkpoints.byTime', 'checkpoints.by_time', 'Begun when checkpointTimeoutMs had passed.'],
    ['checkpoints.byLogBytes', 'checkpoints.by_log_bytes', 'Begun for maxWalBytes.'],
    ['bufferPool.hits', 'buffer_pool.hits', 'Pages asked for that were in memory.'],
    ['bufferPool.misses', 'buffer_pool.misses', 'Pages asked for that had to be read.'],
    ['bufferPool.evictions', 'buffer_pool.evictions', 'Pages given up for others.'],
    ['pages.pagesRead', 'pages.read', 'Pages read from the data file.'],
    ['pages.pagesWritten', 'pages.written', 'Pages written to their places.'],
    ['pages.pageBatches', 'pages.batches', 'Batches in which pages were written.'],
    ['pages.logWaits', 'pages.log_waits', 'Batches of pages that waited for the log.'],
    ['locks.waits', 'locks.waits', 'Requests that had to wait.'],
    ['locks.deadlocks', 'locks.deadlocks', 'Requests that were chosen to give way.'],
    ['locks.timeouts', 'locks.timeouts', 'Requests that waited longer than lockTimeoutMs.'],
  ]),
  ...rows<EngineField>('gauge', undefined, [
    ['failed', 'engine.failed', '1: something failed and nothing is promised any more.'],
    ['transactions.active', 'transactions.active', 'Begun and not ended.'],
    ['transactions.oldestLSN', 'transactions.oldest_lsn', 'First record of the oldest one.'],
    ['checkpoints.running', 'checkpoints.running', '1: a checkpoint is under way.'],
    ['checkpoints.redoLSN', 'checkpoints.redo_lsn', 'Where the redo of a restart would begin.'],
    ['bufferPool.frames', 'buffer_pool.frames', 'Pages that memory has room for.'],
    ['bufferPool.cachedPages', 'buffer_pool.cached_pages', 'Pages in memory.'],
    ['bufferPool.pinnedPages', 'buffer_pool.pinned_pages', 'Pages that somebody holds.'],
    ['bufferPool.dirtyPages', 'buffer_pool.dirty_pages', 'Pages that are newer than on disk.'],
    ['bufferPool.damagedPages', 'buffer_pool.damaged_pages', 'Pages that lack changes.'],
    ['pages.filePages', 'pages.in_file', 'Pages that the data file has room for.'],
    ['locks.locks', 'locks.held', 'Keys that are locked.'],
    ['locks.waiters', 'locks.waiters', 'Requests that wait.'],
  ]),
  ...rows<EngineField>('gauge', 'seconds', [
    ['transactions.oldestAgeMs', 'transactions.oldest_age', 'Since the oldest one began.'],
    ['checkpoints.sinceLastMs', 'checkpoints.age', 'Since the last checkpoint was complete.'],
  ]),
  ...rows<EngineField>('gauge', 'bytes', [
    ['pageBytes', 'pages.size', 'A page.'],
    ['checkpoints.walBytes', 'checkpoints.restart_log', 'Log that a restart would read.'],
    ['reservedLogBytes', 'log.reserved', 'Log kept free for rolling back.'],
  ]),
]

export const engineDurations: readonly DurationMetric[] = [
  {
    field: 'transactions.duration',
    name: 'transactions.duration',
    help: 'From begin until the locks are free; every eighth transaction.',
  },
  {
    field: 'checkpoints.duration',
    name: 'checkpoints.duration',
    help: 'A checkpoint, with its pauses.',
  },
  { field: 'locks.wait', name: 'locks.wait', help: 'How long requests for locks waited.' },
]

/** Words of `stats()`: a gauge that is 1 for the word that holds and 0 for the others. */
export const engineHolder = {
  field: 'checkpoints.holder',
  name: 'log.holder',
  help: '1 for what keeps the log from being recycled further.',
  label: 'holder',
  words: ['checkpoint', 'dirty pages', 'damaged pages', 'transaction', 'hold'],
} as const

/** A gauge that is always 1, for its label. */
export const logBackend = {
  field: 'backend',
  name: 'log.backend',
  help: 'Always 1; the label names the backend.',
  label: 'backend',
} as const

/** The field at `path`. */
export function fieldOf(stats: object, path: string): unknown {
  let value: unknown = stats
  for (const key of path.split('.')) value = (value as Record<string, unknown>)[key]
  return value
}

/** The number of a metric in base units; undefined when there is nothing to tell now. */
export function valueOf(stats: object, { field }: Metric): number | undefined {
  const value = fieldOf(stats, field)
  if (value === undefined) return undefined
  return field.endsWith('Ms') ? Number(value) / 1000 : Number(value)
}
