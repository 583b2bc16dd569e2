export type { BufferPoolStats } from './buffer/buffer-pool.ts'
export type { CheckpointCause, CheckpointReport } from './checkpoint/checkpointer.ts'
export { Engine } from './engine/engine.ts'
export type { EngineOptions, TornPageProtection } from './engine/engine-options.ts'
export type { EngineStats } from './engine/engine-stats.ts'
export { type ErrorCode, SeawallError } from './errors.ts'
export type { LSN } from './format/lsn.ts'
export { Log } from './log/log.ts'
export type { AppendOptions, Body, CommitOptions, LogEvents } from './log/log-types.ts'
export type { ChannelMessages } from './log/channels.ts'
export type { LogScan, ReadOptions } from './log/log-scan.ts'
export type { LogStats } from './log/log-stats.ts'
export type { TraceMessages, TransactionOutcome } from './log/trace-channels.ts'
export type { LogRecord, RecordBatch } from './log/record-batch.ts'
export type { RecoveryReport } from './log/recovery-report.ts'
export type { Durability, LogOptions, OpenProgress } from './options.ts'
export type { Compensation, Operation } from './operation/operation.ts'
export type { PageActions, PinnedPage, UndoActions } from './operation/page-actions.ts'
export type {
  DamagedPage,
  RestartPhase,
  RestartProgress,
  RestartReport,
} from './recovery/restart-report.ts'
export type { LockMode } from './txn/lock-mode.ts'
export type { Page } from './txn/page.ts'
export type { SlottedRecords } from './txn/slotted-records.ts'
export type { Transaction } from './txn/transaction.ts'
export type {
  ChangeCoverage,
  PageOptions,
  Savepoint,
  TransactionOptions,
} from './txn/transaction-types.ts'
export { type Clock, systemClock, type Timer } from './util/clock.ts'
export type { DurationStats } from './util/duration-histogram.ts'
