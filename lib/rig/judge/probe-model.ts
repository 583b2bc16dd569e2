import type {
  Phase,
  ProbeHello,
  ProbeWelcome,
  ResumeEnd,
  ResumeError,
} from '../protocol/messages.ts'
import type { Judgement } from './verdict.ts'

/**
 * What the observer knows of one probe: what was announced, what was acknowledged, and when. Fed by
 * the ledger's entries alone, so that a restarted observer knows the same.
 */
export interface ProbeModel {
  readonly hello: ProbeHello
  /** Highest number that the agent may have issued. */
  readonly intent: number
  /** What would be lost if the run stopped here: acknowledged since the last judgement. */
  readonly ackedRecords: number
  readonly ackedBytes: number
  /** There is something to be judged. */
  readonly mustResume: boolean
  welcome(): ProbeWelcome
  announced(upTo: number): void
  event(kind: number, number: number, other: number, atMs: number): void
  phase(phase: Phase): void
  /** The first number of the work that begins now. */
  nextFirst(): number
  started(first: number): void
  judge(cutAtMs: number): ProbeJudge
  /** What was found becomes what is expected: the entry that `judged` wrote to the ledger. */
  adopt(baseline: Buffer): void
}

/** Takes what the agent streams after a restart. */
export interface ProbeJudge {
  data(first: number, bytes: Buffer): void
  error(error: ResumeError): void
  end(end: ResumeEnd): { judgement: Judgement; baseline: Buffer }
}
