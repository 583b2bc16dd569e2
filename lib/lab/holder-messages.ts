import type { Durability, RecoveryReport } from '../index.ts'
import type { FoundRecord, StoreState } from './lab-store.ts'

/** To the process that holds a log for the lab. */
export type ToHolder =
  | { do: 'open' }
  | { do: 'commit'; number: number; bytes: number; durability: Durability }
  | { do: 'tick' }
  | { do: 'read' }

/** From it; `ended` is what its end counts as. */
export type FromHolder =
  | { kind: 'opened'; report: RecoveryReport }
  | { kind: 'refused' | 'failed'; code: string; detail: string }
  | { kind: 'appended'; number: number; lsn: number }
  | { kind: 'acknowledged'; number: number; flushedLSN: number }
  | { kind: 'state'; state: Omit<StoreState, 'timeMs'> }
  | { kind: 'records'; records: FoundRecord[] }
  | { kind: 'ended' }
