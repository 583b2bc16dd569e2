/** A way of looking for lost or invented data: L1 to L6 of docs/CRASH-TESTING.md. */
export interface Layer {
  /** What `--layer` takes: L1-log, L1-engine, L2, ... */
  readonly name: string
  /** One line for the summary: what is crashed, and how. */
  readonly title: string
  /** Why this machine cannot run it; undefined when it can. */
  unavailable(): Promise<string | undefined>
  run(context: LayerContext): Promise<LayerResult>
  /**
   * The same against a device that must fail the test (a flush that does nothing). The result must
   * have violations: a layer whose canary sings no more proves nothing.
   */
  canary(context: LayerContext): Promise<LayerResult>
  /** Does again what a failure file says: the violation it meets, undefined when there is none. */
  replay(failure: Failure): Promise<Failure | undefined>
}

export interface LayerContext {
  /** Decides everything random. It is printed. */
  readonly seed: number
  /** CPU time (user and system, with child processes) that may be used. */
  readonly budgetCpuSeconds: number
  /** A folder that is removed afterwards. */
  readonly workDirectory: string
  /** To be called now and then, at least once a second. */
  progress(counts: Counts): void
}

/** Numbers by name: states, covered, pruned, crashes, images, kills, ... */
export type Counts = Record<string, number>

/** For one fault: how often it was survived, detected with a typed error, or went unnoticed. */
export interface FaultOutcomes {
  readonly fault: string
  readonly survived: number
  readonly detected: number
  readonly missed: number
}

export interface LayerResult {
  readonly counts: Counts
  readonly faults: FaultOutcomes[]
  readonly violations: Failure[]
  /** Sentences for the summary: what was not reached, what was sampled. */
  readonly notes: string[]
  /** CPU time used. */
  readonly cpuSeconds: number
}

/** Everything that it takes to see a violation again. JSON; the content of a corpus file. */
export interface Failure {
  readonly version: 1
  readonly layer: string
  /** Which promise was broken: I1 to I18. */
  readonly oracle: string
  readonly message: string
  readonly seed: number
  /** The device, the workload's options, the mutant: what the layer needs beside the choices. */
  readonly parameters: Record<string, unknown>
  /** What was chosen at each point where there was a choice, in order. Shrinking deletes here. */
  readonly choices: readonly number[]
}
