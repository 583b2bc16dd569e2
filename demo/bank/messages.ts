import type { RestartPhase, RestartReport } from '../../lib/index.ts'
import type { BankContent } from './read-bank.ts'

/** What the observer asks of a teller. */
export interface TellerRequest {
  readonly directory: string
  readonly seed: number
  readonly accounts: number
  readonly clients: number
  /** undefined: there is no bank yet, make one. */
  readonly catalogPageId: number | undefined
}

/** Where a teller is before its store is open. `log`: the log itself is being recovered. */
export type OpeningPhase = 'start' | 'log' | RestartPhase

/** What a teller tells. */
export type TellerMessage =
  | { kind: 'phase'; phase: OpeningPhase }
  | { kind: 'opened'; recovery: RestartReport; backend: string; directIO: boolean }
  | { kind: 'filling'; accounts: number }
  | { kind: 'reading'; accounts: number }
  /** The store as it was found, before anything is done with it. */
  | { kind: 'observed'; catalogPageId: number; content: BankContent; readMs: number }
  /** It needs more numbers for its transfers soon. */
  | { kind: 'more' }
  | OutcomesMessage
  | { kind: 'closed' }
  | { kind: 'failed'; message: string }

/** Ends of transfers since the last message of this kind. */
export interface OutcomesMessage {
  kind: 'outcomes'
  /** Acknowledged: these survive everything. */
  committed: number[]
  rolledBack: number[]
  /** Since the teller began. */
  deadlocks: number
  checkpoints: number
}

/** What the observer tells. Transfers may take numbers below `numbersTo`. */
export type ObserverMessage =
  | { kind: 'open'; request: TellerRequest }
  | { kind: 'start'; numbersFrom: number; numbersTo: number }
  | { kind: 'numbers'; numbersTo: number }
  | { kind: 'stop' }
