import type { Spread } from '../measure/spread.ts'
import type { Plot } from './plot.ts'

export type Unit =
  '/s' | 'MB/s' | 'MiB' | 'per commit' | 'bytes/byte' | 's per million' | 'us' | 'ms' | 's' | '%'

export interface Target {
  readonly text: string
  readonly met: boolean
  /** What is known of the distance, in plain words; shown when the target is missed. */
  readonly because?: string
}

/** One line of the report. */
export interface Row {
  readonly label: string
  readonly measured: Spread
  readonly unit: Unit
  /** What it is compared with, measured in the same rounds. */
  readonly reference?: { readonly label: string; readonly measured: Spread }
  readonly ratio?: Spread
  readonly target?: Target
  readonly note?: string
  /** One of many: for the report, not for the terminal. */
  readonly isDetail?: boolean
}

/** What a case found: rows, something to look at, or why it could not run. */
export interface CaseResult {
  readonly rows: readonly Row[]
  readonly plots?: readonly Plot[]
  readonly skipped?: readonly string[]
  /** What one must know to read the numbers: sentences. */
  readonly notes?: readonly string[]
  /** It came to an end before it had found what it was to find; `skipped` says why. */
  readonly failed?: boolean
}
