import { Random } from '../../../test/support/random.ts'

/** Stands for the page that all clients change, each a cell of its own. */
export const sharedPage = -1
export const pagesPerClient = 7
export const cellBytes = 64
export const cellsPerPage = 56

export interface CellWrite {
  /** One of the client's own pages, or `sharedPage`. */
  readonly page: number
  readonly cell: number
  readonly cells: number
}

export interface TransactionPlan {
  readonly writes: readonly CellWrite[]
  /** Written behind a savepoint, and rolled back to it. */
  readonly undone: readonly CellWrite[]
  readonly ends: 'commit' | 'rollback'
  readonly durability: 'flush' | 'async'
}

/** A random generator for one thing of a run; another for every other thing. */
export function randomFor(seed: number, ...numbers: readonly number[]): Random {
  let state = seed >>> 0
  for (const number of numbers) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ Math.imul(number + 1, 0x297a2d39)
  }
  return new Random(state)
}

/**
 * What a client does in its transaction number `attempt`, from 1 on. Each writes the first cell of
 * the client's first page, which so tells which was the last.
 */
export function transactionPlan(seed: number, client: number, attempt: number): TransactionPlan {
  const random = randomFor(seed, client, attempt)
  const writes: CellWrite[] = [{ page: 0, cell: 0, cells: 1 }]
  const others = random.below(4)
  for (let i = 0; i < others; i++) writes.push(randomWrite(random))
  if (random.chance(0.3)) writes.push({ page: sharedPage, cell: client, cells: 1 })
  const undone: CellWrite[] = []
  if (random.chance(0.15)) undone.push(randomWrite(random), randomWrite(random))
  const ends = random.chance(0.15) ? 'rollback' : 'commit'
  return { writes, undone, ends, durability: random.chance(0.15) ? 'async' : 'flush' }
}

function randomWrite(random: Random): CellWrite {
  const page = random.below(pagesPerClient)
  const cells = 1 + random.below(random.pick([1, 4, 24]))
  const firstCell = page === 0 ? 1 : 0
  return { page, cell: firstCell + random.below(cellsPerPage - cells), cells }
}

/** What a write of that transaction puts there. It begins with the transaction's number. */
export function writtenBytes(
  seed: number,
  client: number,
  attempt: number,
  { page, cell, cells }: CellWrite,
): Buffer {
  const random = randomFor(seed, client, attempt, page + 2, cell)
  const bytes = Buffer.alloc(cells * cellBytes)
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(random.below(2 ** 32), at)
  bytes.writeUInt32LE(attempt, 0)
  return bytes
}
