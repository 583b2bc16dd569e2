// The store that small workloads run on: a few pages of a few cells, each cell a number.
import {
  Engine,
  type EngineOptions,
  type Page,
  SeawallError,
  type Transaction,
} from '../../lib/index.ts'
import { SteppedWorld, steppedBinding } from '../../simulation/stepped-world.ts'
import { type Cells } from './ledger.ts'
import { cellName } from './operations.ts'

const cellBytes = 8
// Far enough apart for two cells to lie in different sectors.
const cellDistanceBytes = 1024
const firstPage = 2

export interface StoreParameters {
  readonly tornPages: 'doublewrite' | 'fullPageImages'
  readonly consistencyChecks: boolean
}

export function storeOptions(world: SteppedWorld, parameters: StoreParameters): EngineOptions {
  return {
    nativeBinding: steppedBinding,
    clock: world.clock,
    pageSize: 4096,
    bufferPoolBytes: 16 * 4096,
    segmentBytes: 64 * 1024,
    bufferBytes: 64 * 1024,
    maxWalBytes: 256 * 1024,
    maxLogBytes: 1024 * 1024,
    writerDelayMs: 10,
    idleMarkMs: 100,
    checkpointTimeoutMs: 1_000_000,
    ...parameters,
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
  await world.run(engine.close())
  return new Map([[spareName(spare), spare]])
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
        for (let cell = 0; cell < cellsPerPage; cell++) {
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
