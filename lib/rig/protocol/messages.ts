/** The kinds of probe: A, B and C of docs/POWER-LOSS-RIG.md. */
export type ProbeKind = 'device' | 'engine' | 'file'

/** How writes are made durable: by flushes, by FUA (O_DSYNC), or some by each. */
export type WriteMode = 'flush' | 'fua' | 'mixed'

/** Blocks under test, and how they are written. */
export interface BlockShape {
  readonly blockBytes: number
  readonly blocks: number
  /** A write of up to this many bytes, aligned to as many, survives whole or not at all. */
  readonly atomicBytes: number
  readonly maxWriteBytes: number
  readonly mode: WriteMode
  readonly depth: number
}

/** Pages of the engine under test: `lanes` sequences of transactions that run side by side. */
export interface EngineShape {
  readonly lanes: number
  readonly pagesPerLane: number
  readonly bodyBytes: number
}

/** SMART counters that tell a power cut from everything that looks like one. */
export interface PowerCounters {
  readonly powerCycles: number
  readonly unsafeShutdowns: number
}

/** What is known about what lies under a probe: names and values as the system gives them. */
export type Fingerprint = Record<string, string | number | boolean>

export interface ProbeHello {
  readonly kind: ProbeKind
  /** Path of the device, file or directory. */
  readonly target: string
  readonly block?: BlockShape
  readonly engine?: EngineShape
  readonly fingerprint: Fingerprint
  readonly counters?: PowerCounters
  /** Why the target cannot be used; it was there before if the run is not new. */
  readonly error?: string
}

/** Agent to observer, first of all. */
export interface Hello {
  readonly tool: string
  readonly bootId: string
  /** A new one for every process. */
  readonly agentId: string
  readonly machine: Fingerprint
  readonly probes: readonly ProbeHello[]
}

export interface ProbeWelcome {
  /** Stream what is there: it is to be judged. */
  readonly resume: boolean
  /** The engine's directory within the target, and its pages, lane by lane. */
  readonly store?: string
  readonly pages?: readonly number[]
}

/** Observer to agent. */
export interface Welcome {
  /** The run's UUID; every block carries it. */
  readonly run: string
  /** What is written follows from this and from the number of the write. */
  readonly seed: number
  readonly session: number
  /** How far the agent may announce ahead. */
  readonly window: number
  readonly probes: readonly ProbeWelcome[]
}

/** Observer to agent: work may begin with these numbers. */
export interface Start {
  readonly first: readonly number[]
}

/** Agent to observer: where it is, so that the observer can aim. */
export interface Phase {
  readonly phase:
    'engine-ready' | 'checkpoint-begins' | 'checkpoint-ends' | 'recovery' | 'idle' | 'stopped'
  readonly step?: string
  readonly store?: string
  readonly pages?: readonly number[]
  readonly reason?: string
}

/** Agent to observer: a part of the target could not be read. */
export interface ResumeError {
  readonly first: number
  readonly count: number
  readonly code: string
}

/** Agent to observer: everything was streamed, or why nothing could be. */
export interface ResumeEnd {
  readonly error?: string
  readonly durationMs: number
  /** What the engine's recovery reported. */
  readonly recovery?: Fingerprint
}

/** Observer to agent: the run is over. */
export interface Bye {
  readonly reason: string
  /** The agent must not come again like this. */
  readonly isRefused: boolean
}
