import type { Settings } from '../settings.ts'
import type { Cell } from './engine.ts'
import type { CellPlan } from './measure-cells.ts'

const kib = 1024
const mib = kib * kib
const sizes = [128, kib, 4 * kib, 64 * kib, mib] as const
const committerCounts = [1, 4, 16, 64, 256, 1024] as const
const quickCells: readonly (readonly [number, number[]])[] = [
  [128, [1, 64, 1024]],
  [4 * kib, [1, 64]],
  [64 * kib, [1, 4]],
  [mib, [1]],
]
/** More under way at once is a test of memory: a single group takes longer than a measurement. */
const bytesUnderWayMax = 64 * mib
// Enough for a stable bandwidth, and little enough for the bucket of a virtual disk.
const largeSecondsMax = 1
const laterWarmUpSeconds = 0.1

/** Held against fio, where a few percent decide. */
function isLarge({ bodyBytes }: Cell): boolean {
  return bodyBytes >= 64 * kib
}

function isSmall({ bodyBytes }: Cell): boolean {
  return bodyBytes === 128
}

function allCells(): Cell[] {
  return sizes.flatMap((bodyBytes) =>
    committerCounts
      .map((committers) => ({ bodyBytes, committers }))
      .filter(({ committers }) => bodyBytes * committers <= bytesUnderWayMax),
  )
}

export const leftOut =
  'commits, 1 MiB by 256 and 1,024 committers: more than 64 MiB under way at once'

/** What is measured, smallest records and fewest committers first. */
export function cellPlans({ full, rounds, seconds }: Settings): CellPlan[] {
  const cells = full
    ? allCells()
    : quickCells.flatMap(([bodyBytes, counts]) =>
        counts.map((committers) => ({ bodyBytes, committers })),
      )
  const atMost = (limit: number): number => Math.min(rounds, limit)
  const peerRounds = (cell: Cell): number => atMost((isSmall(cell) ? 2 : 1) + (full ? 1 : 0))
  return cells.map((cell) => ({
    ...cell,
    rounds: isLarge(cell) ? atMost(3) : peerRounds(cell),
    peerRounds: peerRounds(cell),
    seconds: isLarge(cell) ? Math.min(seconds, largeSecondsMax) : seconds,
    warmUpSeconds: full ? 2 * laterWarmUpSeconds : laterWarmUpSeconds,
  }))
}

/** fio has no more under way than 64 writes: with more committers it is measured in full runs only. */
export function isLimitCell(full: boolean, { committers }: Cell): boolean {
  return full || committers <= 64
}

/** Programs that take seconds for a single measurement. */
export function isServerCell(full: boolean, { bodyBytes, committers }: Cell): boolean {
  return full || (bodyBytes === 128 && committers <= 64)
}
