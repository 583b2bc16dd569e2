import type { EngineShape } from '../protocol/messages.ts'
import { fillNoise, mix, SeededRandom } from './random.ts'

/** Pages are cut into cells; a transaction writes whole cells. */
export const cellBytes = 64
const writesMax = 8
const pagesPerTransactionMax = 3

export interface CellWrite {
  /** 0 to `pagesPerLane` - 1. */
  readonly page: number
  readonly cell: number
}

/** Transaction `number`. Its lane is `number` modulo the number of lanes. */
export interface PlannedTransaction {
  readonly number: number
  readonly lane: number
  /** `savepoint`: commits, after it has rolled back to a savepoint behind its first writes. */
  readonly outcome: 'commit' | 'rollback' | 'savepoint'
  /** What it leaves when it commits. The first is the lane's counter. */
  readonly writes: readonly CellWrite[]
  /** What it writes and takes back, if its outcome is `savepoint`. */
  readonly undone: readonly CellWrite[]
}

export function outcomeOf(seed: number, number: number): PlannedTransaction['outcome'] {
  const drawn = mix(seed, number, 5) & 15
  return drawn === 0 ? 'rollback' : drawn === 1 ? 'savepoint' : 'commit'
}

/** What transaction `number` does: a pure function of the seed. */
export function planTransaction(
  seed: number,
  shape: EngineShape,
  number: number,
): PlannedTransaction {
  const random = new SeededRandom(mix(seed, number, 6))
  const cells = Math.floor(shape.bodyBytes / cellBytes)
  // The first page holds the counter, which every transaction writes.
  const pages = [0]
  for (let i = 1; i < pagesPerTransactionMax; i++) pages.push(random.below(shape.pagesPerLane))
  const cellWrite = (): CellWrite => ({
    page: pages[random.below(pages.length)] as number,
    cell: 1 + random.below(cells - 1),
  })
  const outcome = outcomeOf(seed, number)
  const writes: CellWrite[] = [{ page: 0, cell: 0 }]
  for (let left = 1 + random.below(writesMax); left > 0; left--) writes.push(cellWrite())
  const undone = outcome === 'savepoint' ? [cellWrite(), cellWrite(), cellWrite()] : []
  return { number, lane: number % shape.lanes, outcome, writes, undone }
}

/** The content of a cell after transaction `number` wrote it. */
export function writeCell(
  bytes: Buffer,
  at: number,
  seed: number,
  number: number,
  write: CellWrite,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, cellBytes)
  view.setFloat64(0, number, true)
  fillNoise(view, 8, cellBytes, mix(seed, number, 7 + write.page * 65_536 + write.cell))
}

/** The transaction that wrote the cell at `at`, if it says the truth; 0 for one never written. */
export function cellWriter(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at)
}

/** The first number of a lane that is not below `number`. */
export function firstInLane(lanes: number, lane: number, number: number): number {
  return number + ((lane - (number % lanes) + lanes) % lanes)
}
