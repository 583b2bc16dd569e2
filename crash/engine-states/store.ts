// The store that small workloads run on: a few pages of a few cells, each cell a number.
import {
  Engine,
  type EngineOptions,
  type Page,
  type PageActions,
  SeawallError,
  type Transaction,
} from '../../lib/index.ts'
import { SteppedWorld, steppedBinding } from '../../simulation/stepped-world.ts'
import { add, addOperation, addPayload } from './add-operation.ts'
import { type Cells } from './ledger.ts'
import { cellName } from './operations.ts'

const cellBytes = 8
// Far enough apart for two cells to lie in different sectors.
const cellDistanceBytes = 1024
const firstPage = 2
const segmentBytes = 64 * 1024
// A segment begins with a block that says what it is.
const recordBytesPerSegment = segmentBytes - 4096
// What closing and opening add to the log, with room for a commit.
const leftInSegmentBytes = 700

export interface StoreParameters {
  readonly tornPages: 'doublewrite' | 'fullPageImages'
  readonly consistencyChecks: boolean
  /** The log ends just below the end of a segment, so that what follows goes to two files. */
  readonly fillsSegment?: boolean
}

export function storeOptions(
  world: SteppedWorld,
  { tornPages, consistencyChecks }: StoreParameters,
): EngineOptions {
  return {
    nativeBinding: steppedBinding,
    operations: { [addOperation]: add },
    clock: world.clock,
    pageSize: 4096,
    bufferPoolBytes: 16 * 4096,
    segmentBytes,
    bufferBytes: 64 * 1024,
    maxWalBytes: 256 * 1024,
    maxLogBytes: 1024 * 1024,
    writerDelayMs: 10,
    idleMarkMs: 100,
    checkpointTimeoutMs: 1_000_000,
    tornPages,
    consistencyChecks,
  }
}

/** The id of the `index`-th page. The one behind the last is the one to spare. */
export function pageOf(index: number): number {
  return firstPage + index
}

/** The name of the only cell of a page that transactions allocate and free. */
export function spareName(pageId: number): string {
  return `spare ${pageId}`
}

export function writeNumber(
  tx: Transaction,
  page: Page,
  cell: number,
  value: number,
  key?: string,
): void {
  const bytes = Buffer.alloc(cellBytes)
  bytes.writeDoubleLE(value)
  tx.write(page, cell * cellDistanceBytes, bytes, key === undefined ? undefined : { key })
}

/** Adds to the number in a cell. */
export async function addNumber(
  actions: PageActions,
  pageId: number,
  cell: number,
  delta: number,
): Promise<void> {
  const page = await actions.page(pageId)
  actions.apply(page, addOperation, addPayload(cell * cellDistanceBytes, delta))
}

function readNumber(page: Page, cell: number): number {
  const { body } = page
  return new DataView(body.buffer, body.byteOffset + cell * cellDistanceBytes).getFloat64(0, true)
}

/** Makes the store: `pages` pages and the one to spare. Returns what it holds. */
export async function createStore(
  world: SteppedWorld,
  directory: string,
  parameters: StoreParameters,
  pages: number,
): Promise<Cells> {
  const engine = await world.run(Engine.open(directory, storeOptions(world, parameters)))
  const spare = pageOf(pages)
  const filling = engine.transaction(async (tx) => {
    for (let index = 0; index <= pages; index++) {
      const page = await tx.allocatePage()
      if (page.id !== pageOf(index)) throw new Error(`page ${page.id} is not the next one`)
      if (page.id === spare) writeNumber(tx, page, 0, spare)
    }
  })
  await world.run(filling)
  if (parameters.fillsSegment === true) await world.run(fillSegment(engine, spare))
  await world.run(engine.close())
  return new Map([[spareName(spare), spare]])
}

// Bytes of the page to spare that nobody looks at.
async function fillSegment(engine: Engine, pageId: number): Promise<void> {
  const until = recordBytesPerSegment - leftInSegmentBytes
  const bytesWritten = 200
  let endLSN: number = engine.stats().log.endLSN
  for (let fill = 1, grownBy = 0; endLSN + grownBy < until; fill++) {
    await engine.transaction(async (tx) => {
      const page = await tx.page(pageId)
      tx.write(page, 2 * cellDistanceBytes, Buffer.alloc(bytesWritten, 1 + (fill % 250)))
    })
    grownBy = engine.stats().log.endLSN - endLSN
    endLSN += grownBy
  }
}

/** Everything that the store holds, looked for in all pages that there may be. */
export async function readStore(
  engine: Engine,
  pages: number,
  cellsPerPage: number,
): Promise<Cells> {
  const cells = new Map<string, number>()
  await engine.transaction(
    async (tx) => {
      for (let index = 0; index < pages; index++) {
        const page = await tx.page(pageOf(index))
        // The one behind them is that of nested top actions.
        for (let cell = 0; cell <= cellsPerPage; cell++) {
          const value = readNumber(page, cell)
          if (value !== 0) cells.set(cellName(index, cell), value)
        }
      }
      for (let pageId = pageOf(pages); pageId < pageOf(pages) + 3; pageId++) {
        const page = await pageIfAny(tx, pageId)
        if (page !== undefined) cells.set(spareName(pageId), readNumber(page, 0))
      }
    },
    { readOnly: true },
  )
  return cells
}

async function pageIfAny(tx: Transaction, pageId: number): Promise<Page | undefined> {
  try {
    return await tx.page(pageId)
  } catch (error) {
    if (error instanceof SeawallError && error.code === 'ERR_SEAWALL_UNKNOWN_PAGE') return undefined
    throw error
  }
}
