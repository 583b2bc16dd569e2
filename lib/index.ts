export { type ErrorCode, SeawallError } from './errors.ts'
export type { LSN } from './format/lsn.ts'
export {
  type AppendOptions,
  type Body,
  type CommitOptions,
  Log,
  type LogEvents,
} from './log/log.ts'
export type { LogScan, ReadOptions } from './log/log-scan.ts'
export type { LogStats } from './log/log-stats.ts'
export type { LogRecord, RecordBatch } from './log/record-batch.ts'
export type { RecoveryReport } from './log/recovery-report.ts'
export type { Durability, LogOptions, OpenProgress } from './options.ts'
