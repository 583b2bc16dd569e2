import type { RecoveryReport } from '../lib/index.ts'

/** What the parent asks of the child. */
export interface IngestRequest {
  directory: string
  file: string
  seed: number
  segmentBytes: number
}

/**
 * What the child tells. `acknowledged` is a file offset: everything below it was committed.
 * Latencies in microseconds.
 */
export type ChildMessage =
  | { kind: 'opened'; recovery: RecoveryReport; offset: number; backend: string }
  | { kind: 'progress'; acknowledged: number; commits: number; p50: number; p99: number }
  | { kind: 'done' }
  | { kind: 'failed'; message: string }
