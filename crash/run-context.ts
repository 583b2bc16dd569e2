import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { TaskOutcome } from './child/run-task.ts'
import type { Mutant } from './mutants/mutant.ts'
import type { Progress } from './progress.ts'
import type { LayerSource } from './registry.ts'

/** What all parts of a run share. */
export interface RunContext {
  readonly seed: number
  readonly sources: readonly LayerSource[]
  readonly mutants: readonly Mutant[]
  readonly corpusDirectory: string
  /** Failure files and the report go there. */
  readonly output: string
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** Runs `work` with a folder of its own, of which nothing is left. */
export async function inWorkDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'seawall-crash-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Why a task has no result of the kind that was asked for. */
export function whyNot(outcome: TaskOutcome): string {
  switch (outcome.kind) {
    case 'died':
    case 'broken':
    case 'unavailable':
      return outcome.reason
    case 'about':
    case 'result':
    case 'replayed':
    case 'shrunk':
      return `it answered with ${outcome.kind}`
  }
}
