// What a run found out, part by part: the content of crash-report.json.
import type { LayerResult } from './layer.ts'

export interface WrittenFailure {
  readonly oracle: string
  readonly message: string
  /** The failure file, relative to the project. */
  readonly file: string
  /** False: it did not fail again when it was replayed, so it is as it was met. */
  readonly reproduced: boolean
}

export interface CanaryOutcome {
  readonly sang: boolean
  readonly oracles: readonly string[]
  readonly cpuSeconds: number
  /** Why it could not run. */
  readonly why?: string
}

export interface LayerOutcome {
  readonly name: string
  readonly title: string
  /** 'skipped': this machine cannot run it. 'broken': it came to no end. */
  readonly status: 'passed' | 'failed' | 'broken' | 'skipped'
  readonly why?: string
  readonly seed: number
  readonly budgetCpuSeconds: number
  readonly result?: LayerResult
  readonly canary?: CanaryOutcome
  readonly failures: readonly WrittenFailure[]
}

export interface CorpusOutcome {
  readonly name: string
  readonly layer: string
  readonly oracle: string
  readonly message: string
  readonly fixed: string
  readonly verdict: 'passes' | 'fails again' | 'could not run'
  readonly why?: string
}

export interface MutantRun {
  readonly layer: string
  /** 'undecided': the layer hung or broke, which is no proof that it would have seen the bug. */
  readonly verdict: 'killed' | 'survived' | 'undecided' | 'not run'
  /** The layer is one of those that must find the bug. */
  readonly isRequired: boolean
  readonly oracle?: string
  readonly units?: string
  readonly count?: number
  readonly seconds: number
  readonly why?: string
}

export interface MutantOutcome {
  readonly name: string
  readonly bug: string
  readonly files: readonly string[]
  readonly runs: readonly MutantRun[]
}

/** A layer of the build with all mutants in it and none switched on. It must find nothing. */
export interface ControlOutcome {
  readonly layer: string
  readonly clean: boolean
  readonly why?: string
}

export interface FigureOutcome {
  readonly layer: string
  readonly text: string
  readonly measured: number
  readonly target: number
  readonly met: boolean
}

/** Where the numbers come from. */
export interface Origin {
  readonly at: string
  readonly commit: string
  readonly kernel: string
  readonly cpu: string
  readonly cpus: number
  readonly memoryGiB: number
  readonly node: string
  readonly seconds: number
}

export interface RunReport {
  readonly seed: number
  readonly options: string
  readonly origin: Origin
  readonly corpus: readonly CorpusOutcome[]
  readonly layers: readonly LayerOutcome[]
  readonly controls: readonly ControlOutcome[]
  readonly mutants: readonly MutantOutcome[]
  readonly figures: readonly FigureOutcome[]
  /** Why the run is red; none: it is green. */
  readonly problems: readonly string[]
}
