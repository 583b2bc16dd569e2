import type { RecoveryReport } from '../index.ts'

/** How the lab's committers commit. */
export type CommitMode = 'sync' | 'group' | 'async'

export const commitModes: readonly CommitMode[] = ['sync', 'group', 'async']

/** What survives a power cut of that which is only in the drive's cache. */
export type CutSurvival = 'nothing' | 'everything' | 'torn' | 'random'

export const cutSurvivals: readonly CutSurvival[] = ['nothing', 'everything', 'torn', 'random']

export type Speed = 'slow' | 'normal'

export const speeds: readonly Speed[] = ['slow', 'normal']

export interface LabSettings {
  mode: CommitMode
  committers: number
  recordBytes: number
  /** The drive says that it flushed and does not. */
  isLying: boolean
  survival: CutSurvival
}

/** What the page asks for. Every answer is the LabState after it. */
export type LabRequest =
  | { do: 'state' }
  | { do: 'configure'; settings: Partial<LabSettings> }
  | { do: 'run'; speed: Speed }
  | { do: 'pause' }
  | { do: 'step' }
  /** Ends everything that runs and cuts the power, at the moment that is shown. */
  | { do: 'cut' }
  /** Power on: opens the log, whose recovery is then shown step by step. */
  | { do: 'recover' }
  /** Goes on with the log that was recovered. */
  | { do: 'resume' }
  /** A new scratch log. */
  | { do: 'restart'; seed?: number }

/**
 * Where the bytes of a record are. `buffer`: in memory only. `cache`: the drive has them and may
 * forget them. `media`: every power cut leaves them. `gone`: recovery did not find them. `unknown`:
 * the power is off and nobody has looked.
 */
export type Place = 'buffer' | 'cache' | 'media' | 'gone' | 'unknown'

export interface RecordView {
  readonly number: number
  readonly committer: number
  readonly lsn: number
  readonly place: Place
  /** Where it was when its commit was acknowledged; undefined while it was not. */
  readonly acknowledgedIn?: Place
  /** A recovery has found it: it must be there from then on. */
  readonly isRecovered: boolean
}

export interface CommitterView {
  readonly id: number
  /** `queued`: waits for its turn (sync mode). `waiting`: for its acknowledgement. */
  readonly state: 'idle' | 'queued' | 'waiting'
  readonly acknowledged: number
}

export interface LabCounts {
  readonly appended: number
  readonly acknowledged: number
  readonly inBuffer: number
  readonly inCache: number
  readonly onMedia: number
  readonly flushes: number
  readonly deviceWrites: number
  readonly deviceSyncs: number
  readonly commitsPerFlush: number
  /** Acknowledged commits per second of the log's clock. */
  readonly commitsPerSecond: number
}

/** What the drive has and may forget. */
export interface VolatileRange {
  readonly fromLSN: number
  readonly toLSN: number
  readonly blocks: number
}

export interface Happening {
  readonly tick: number
  readonly kind: 'append' | 'device' | 'acknowledge' | 'cut' | 'recovery' | 'note'
  readonly text: string
}

/** What became of the records of one power cut. */
export interface Verdict {
  readonly outcome: 'kept' | 'allowed' | 'lied' | 'broken'
  readonly sentence: string
  /** Found by a recovery before. */
  readonly recovered: number
  readonly recoveredSurvived: number
  /** Acknowledged since then. */
  readonly acknowledged: number
  readonly acknowledgedSurvived: number
  readonly unanswered: number
  readonly unansweredSurvived: number
  /** The records that are lost are the last ones. */
  readonly lostOnlySuffix: boolean
}

export interface RecoveryStep {
  readonly title: string
  readonly text: string
  /** Here it turns out which records are there. */
  readonly isWhereFound?: boolean
}

/** A power cut and the recovery from it. */
export interface CutView {
  readonly number: number
  readonly survival: CutSurvival
  readonly wasLying: boolean
  /** When the power went: records by the place they were in. */
  readonly before: { readonly buffer: number; readonly cache: number; readonly media: number }
  readonly recovered: number
  readonly acknowledged: number
  readonly unanswered: number
  /** As far as they are shown. */
  readonly steps: readonly RecoveryStep[]
  readonly stepsLeft: number
  readonly report?: RecoveryReport
  /** Why the log could not be opened. */
  readonly refusal?: { readonly code: string; readonly message: string }
  readonly verdict?: Verdict
}

export type Phase = 'running' | 'off' | 'recovering' | 'recovered' | 'refused' | 'full' | 'failed'

/** Everything that the page shows. */
export interface LabState {
  /** A higher one is newer. */
  readonly version: number
  readonly device: 'simulated' | 'directory'
  readonly deviceNote: string
  readonly seed: number
  readonly phase: Phase
  readonly speed: Speed | 'paused'
  readonly tick: number
  readonly timeMs: number
  readonly settings: LabSettings
  readonly committers: readonly CommitterView[]
  /** The last ones in each place; the counts say how many there are. */
  readonly records: readonly RecordView[]
  readonly flushedLSN: number
  readonly endLSN: number
  readonly bufferBytes: number
  readonly inDrive?: VolatileRange
  readonly counts: LabCounts
  readonly happenings: readonly Happening[]
  readonly cut?: CutView
  /** In phase `failed`: what went wrong. */
  readonly failure?: string
}
