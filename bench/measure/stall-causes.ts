/** From one moment to another, in milliseconds of performance.now(). */
export interface TimeSpan {
  readonly beganMs: number
  readonly endedMs: number
}

/** What a process did while nothing was completed. */
export interface StallCauses {
  readonly totalMs: number
  /** V8 collected garbage. */
  readonly collectionMs: number
  /** The event loop turned and had nothing to do: something outside was waited for. */
  readonly waitMs: number
  /** The rest: JavaScript ran, or the thread did not get a processor. */
  readonly busyMs: number
}

export function lengthOf({ beganMs, endedMs }: TimeSpan): number {
  return endedMs - beganMs
}

/** How much of `span` the others cover, which do not overlap each other. */
export function overlapMs(span: TimeSpan, others: readonly TimeSpan[]): number {
  return others
    .map((other) => Math.min(span.endedMs, other.endedMs) - Math.max(span.beganMs, other.beganMs))
    .reduce((sum, ms) => sum + Math.max(0, ms), 0)
}

/**
 * Tells why nothing was completed during `stall`. `ticksMs`: when a timer of `tickMs` fired; two that
 * follow each other at about that distance show that the event loop was free in between.
 */
export function causesOf(
  stall: TimeSpan,
  collections: readonly TimeSpan[],
  ticksMs: readonly number[],
  tickMs: number,
): StallCauses {
  const totalMs = lengthOf(stall)
  const collectionMs = overlapMs(stall, collections)
  const free = ticksMs
    .slice(1)
    .map((endedMs, i) => ({ beganMs: ticksMs[i] as number, endedMs }))
    .filter((span) => lengthOf(span) < 2 * tickMs)
  const waitMs = Math.min(totalMs - collectionMs, overlapMs(stall, free))
  return { totalMs, collectionMs, waitMs, busyMs: totalMs - collectionMs - waitMs }
}
