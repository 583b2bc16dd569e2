import type { RecordedEntry, RecordedWrite, WriteRecord } from './write-record.ts'
import { Random } from '../../test/support/random.ts'

/** What becomes of writes that no flush covered. */
export interface Coins {
  readonly seed: number
  /** 0 to 256: how many of 256 atoms survive. */
  readonly keptOf256: number
  /** Bytes that are kept or lost together; 0: each write as a whole. */
  readonly atomBytes: number
}

/** A piece of a recorded write. */
export interface Piece {
  readonly offset: number
  readonly bytes: number
  readonly dataAt: number
}

/** The last flush among the first `point` entries; -1: there was none. */
export function lastFlushBefore(entries: readonly RecordedEntry[], point: number): number {
  let at = point - 1
  while (at >= 0 && entries[at]?.kind !== 'flush') at -= 1
  return at
}

/** The writes that are durable when the machine stops behind `point` entries, from `from` on. */
export function durableWrites({ entries }: WriteRecord, point: number, from = 0): RecordedWrite[] {
  const durable = entries.slice(from, Math.max(from, lastFlushBefore(entries, point)))
  return durable.filter((entry) => entry.kind === 'write')
}

/**
 * Which pieces of the other writes survive. A later write of a place may survive without an earlier
 * one, and the other way round: an atom shows the last that survived.
 */
export function survivingPieces(record: WriteRecord, point: number, coins: Coins): Piece[] {
  const { entries } = record
  const random = new Random(coins.seed)
  const pieces: Piece[] = []
  for (const entry of entries.slice(lastFlushBefore(entries, point) + 1, point)) {
    if (entry.kind !== 'write') continue
    const atom = coins.atomBytes === 0 ? entry.bytes : coins.atomBytes
    for (let done = 0; done < entry.bytes; done += atom) {
      if (random.below(256) >= coins.keptOf256) continue
      const bytes = Math.min(atom, entry.bytes - done)
      pieces.push({ offset: entry.offset + done, bytes, dataAt: entry.dataAt + done })
    }
  }
  return pieces
}

/**
 * Where to crash, ascending: around flushes mostly, where a missing one would show, and anywhere.
 */
export function crashPoints(
  { entries }: WriteRecord,
  from: number,
  count: number,
  random: Random,
): number[] {
  const boundaries: number[] = []
  for (let at = from; at < entries.length; at++) {
    if (entries[at]?.kind === 'flush') boundaries.push(at, at + 1)
  }
  const points: number[] = []
  const span = entries.length + 1 - from
  for (let i = 0; i < count; i++) {
    const isBoundary = boundaries.length > 0 && random.chance(0.7)
    points.push(isBoundary ? random.pick(boundaries) : from + random.below(span))
  }
  return points.sort((a, b) => a - b)
}
