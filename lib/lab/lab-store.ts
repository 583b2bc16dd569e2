import type { Durability, RecoveryReport } from '../index.ts'
import type { CutSurvival, VolatileRange } from './lab-types.ts'

/** What a store tells about commits. */
export interface CommitObserver {
  appended(number: number, lsn: number): void
  acknowledged(number: number): void
  failed(error: unknown): void
}

/** Where a record is while the power is on. */
export type LivePlace = 'buffer' | 'cache' | 'media'

export interface StoreState {
  readonly timeMs: number
  readonly flushedLSN: number
  readonly endLSN: number
  readonly flushes: number
  readonly deviceWrites: number
  readonly deviceSyncs: number
  readonly inDrive?: VolatileRange
}

export interface FoundRecord {
  readonly number: number
  readonly lsn: number
}

/** A scratch log, and what it lies on. */
export interface LabStore {
  readonly kind: 'simulated' | 'directory'
  readonly bufferBytes: number
  /** Opens the log; recovers it first when the power was cut. Throws what `Log.open` throws. */
  open(observer: CommitObserver): Promise<RecoveryReport>
  commit(number: number, bytes: number, durability: Durability): void
  /** Lets one thing happen that can be seen, or a millisecond pass. */
  tick(): Promise<void>
  placeOf(number: number, bytes: number, lsn: number): LivePlace
  state(): StoreState
  lie(lies: boolean): void
  /** The log is over; what it left is decided with the next `open`. */
  cutPower(survival: CutSurvival, random: () => number): Promise<void>
  /** Every record of the log that was opened, in order. */
  readAll(): Promise<FoundRecord[]>
  /** Leaves nothing behind. */
  close(): Promise<void>
}

/** Options of every scratch log: small, so that its parts can be seen. */
export const scratchLog = {
  segmentBytes: 64 * 1024,
  bufferBytes: 64 * 1024,
  maxRecordBytes: 4096,
} as const
