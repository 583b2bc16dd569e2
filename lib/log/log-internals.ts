import type { LSN } from '../format/lsn.ts'
import type { NativeBinding, NativeError } from '../native/binding.ts'
import { toSeawallError } from '../native/map-error.ts'
import type { Log } from './log.ts'
import type { LogRecord } from './record-batch.ts'

/** What the layers above need of a log beyond its public methods. */
export interface LogInternals {
  readonly binding: NativeBinding
  readonly handle: number
  /** Hands everything appended to the writer now, so that it becomes durable without a waiter. */
  publish(): void
  /** Called with the table of a `pagesRead` event. */
  onPagesRead: (table: Float64Array) => void
}

const internals = new WeakMap<Log, LogInternals>()

export function exposeInternals(
  log: Log,
  binding: NativeBinding,
  handle: number,
  publish: () => void,
): void {
  internals.set(log, { binding, handle, publish, onPagesRead: () => {} })
}

export function internalsOf(log: Log): LogInternals {
  return internals.get(log) as LogInternals
}

/** A native call whose callback has no result, as a promise. */
export function completed(
  start: (callback: (error: NativeError | undefined) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined) resolve()
      else reject(toSeawallError(error))
    })
  })
}

/** The durable record at `lsn`. */
export function readRecord(binding: NativeBinding, handle: number, lsn: LSN): Promise<LogRecord> {
  return new Promise((resolve, reject) => {
    binding.readRecord(handle, lsn, (error, { type, body, nextLSN }) => {
      if (error === undefined) resolve({ lsn, type, body, nextLSN: nextLSN as LSN })
      else reject(toSeawallError(error))
    })
  })
}

/**
 * Notes in the master record that a restart begins at `lsn`, the start of a durable record.
 *
 * @durability survives a power cut when this resolves
 */
export function setCheckpoint(log: Log, lsn: LSN): Promise<void> {
  const { binding, handle } = internalsOf(log)
  return completed((callback) => binding.setCheckpoint(handle, lsn, callback))
}
