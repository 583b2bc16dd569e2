import type { Spread } from './spread.ts'

export type Unit = '/s' | 'MB/s' | 'MiB' | 'per commit' | 'us' | 'ms'

/** One line of the report. */
export interface Row {
  readonly label: string
  readonly measured: Spread
  readonly unit: Unit
  /** What it is compared with, measured in the same rounds. */
  readonly reference?: { readonly label: string; readonly measured: Spread }
  readonly ratio?: Spread
  readonly target?: { readonly text: string; readonly met: boolean }
  readonly note?: string
}

/** What a case found: rows, or why it could not run. */
export interface CaseResult {
  readonly rows: readonly Row[]
  readonly skipped?: readonly string[]
}
