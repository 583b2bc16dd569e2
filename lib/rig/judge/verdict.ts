/** What can be wrong with a block (probes A and C). docs/POWER-LOSS-RIG.md explains each. */
export const blockVerdicts = [
  'FLUSH_LOST',
  'FUA_LOST',
  'TORN',
  'SHORN_BLOCK',
  'OLD_VERSION',
  'MISDIRECTED',
  'CORRUPT',
  'COLLATERAL',
  'UNREADABLE',
  'DEVICE_GONE',
] as const

/** What can be wrong with the engine's content (probe B). */
export const engineVerdicts = [
  'ACK_LOST',
  'NOT_ATOMIC',
  'GHOST',
  'WRONG_BYTES',
  'OPEN_FAILED',
] as const

export type Verdict = (typeof blockVerdicts)[number] | (typeof engineVerdicts)[number]

/** One thing that is wrong, in words that can be checked by hand. */
export interface Loss {
  readonly verdict: Verdict
  /** Block of probes A and C, lane of probe B; -1: all of it. */
  readonly place: number
  readonly detail: string
  /** Milliseconds from its acknowledgement to the cut, where it was acknowledged. */
  readonly msBeforeCut?: number
}

/** What one probe was found to hold after a restart. */
export interface Judgement {
  readonly losses: readonly Loss[]
  /** Acknowledged as durable since the judgement before. */
  readonly ackedRecords: number
  readonly ackedBytes: number
  /** Blocks or pages that were looked at. */
  readonly checked: number
  /** Not wrong, but worth knowing: unflushed writes that survived out of order, and the like. */
  readonly information: Readonly<Record<string, number>>
}

/** How often each verdict occurs. */
export function countVerdicts(losses: readonly Loss[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {}
  for (const { verdict } of losses) counts[verdict] = (counts[verdict] ?? 0) + 1
  return counts
}
