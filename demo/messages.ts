import type { RecoveryReport } from '../lib/index.ts'

/** What the parent asks of the child. */
export interface IngestRequest {
  directory: string
  file: string
  seed: number
  segmentBytes: number
}

/** What the child tells. Offsets are file offsets; latencies are in microseconds. */
export type ChildMessage =
  /** It looks for the end of the log; so far it is here. */
  | { kind: 'resuming'; offset: number }
  | OpenedMessage
  | {
      kind: 'progress'
      /** Everything below was committed. */
      acknowledged: number
      commits: number
      p50: number
      p99: number
    }
  | { kind: 'done' }
  | { kind: 'failed'; message: string }

/** The log is open. */
export interface OpenedMessage {
  kind: 'opened'
  recovery: RecoveryReport
  /** The file goes on here: the end of the last record in the log. */
  offset: number
  backend: string
  directIO: boolean
}

/** What the parent tells: the `acknowledged` that it has seen. */
export interface SeenMessage {
  kind: 'seen'
  offset: number
}

/** First the request, then what was seen. */
export type ParentMessage = (IngestRequest & { kind: 'ingest' }) | SeenMessage

/**
 * How far the child may run ahead of what the parent has seen, as a share of the file. Without it a
 * fast machine would be done with a small file before the parent could kill anyone.
 */
export const leadShare = 1 / 16
