import type { RecoveryReport } from '../lib/index.ts'
import type { DemoArguments } from './arguments.ts'
import type { Comparison } from './compare.ts'
import type { ChildRun } from './run-child.ts'

/** One life of the child, for programs. Bytes are of the file. */
export interface RunReport {
  readonly outcome: ChildRun['outcome']
  readonly fromBytes: number
  readonly acknowledgedBytes: number
  readonly commits: number
  readonly seconds: number
  readonly p50Us: number
  readonly p99Us: number
  /** What it found when it opened the log; null: it was ended before. */
  readonly recovery: RecoveryReport | null
}

/** What the demo found, for programs: what `--json` prints. */
export class DemoReport {
  readonly #arguments: DemoArguments
  readonly #startedMs = performance.now()
  readonly #runs: RunReport[] = []
  #comparison: Comparison | undefined

  constructor(demoArguments: DemoArguments) {
    this.#arguments = demoArguments
  }

  run({ from, acknowledged, p50, p99, ...run }: ChildRun, recovery: RecoveryReport | null): void {
    const { outcome, commits, seconds } = run
    const bytes = { fromBytes: from, acknowledgedBytes: acknowledged }
    this.#runs.push({ outcome, ...bytes, commits, seconds, p50Us: p50, p99Us: p99, recovery })
  }

  compared(comparison: Comparison): void {
    this.#comparison = comparison
  }

  /** `problem`: what was not as it must be; undefined: all is well. */
  value(problem: string | undefined): unknown {
    const { file, fileBytes, directory, seed, segmentBytes } = this.#arguments
    return {
      outcome: problem === undefined ? 'identical' : 'failed',
      problem: problem ?? null,
      ...{ file, fileBytes, directory, seed, segmentBytes },
      kills: this.#runs.filter(({ outcome }) => outcome === 'killed').length,
      runs: this.#runs,
      comparison: this.#comparison ?? null,
      seconds: (performance.now() - this.#startedMs) / 1000,
    }
  }
}
