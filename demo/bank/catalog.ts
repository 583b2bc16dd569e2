// Where everything is: a chain of pages with the numbers of the first page of each journal, then
// those of all account pages. A page: next u32, count u32, count numbers u32.
import type { Engine } from '../../lib/index.ts'

const headerBytes = 8
const noPage = 0

export interface Catalog {
  /** First page of each client's journal. */
  readonly journals: readonly number[]
  readonly accountPages: readonly number[]
}

function encodePart(nextPageId: number, part: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(headerBytes + 4 * part.length)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of [nextPageId, part.length, ...part].entries()) {
    view.setUint32(4 * i, value, true)
  }
  return bytes
}

/** Writes the catalog in one transaction. Returns its first page. */
export async function writeCatalog(engine: Engine, catalog: Catalog): Promise<number> {
  const pageIds = [...catalog.journals, ...catalog.accountPages]
  const perPage = Math.floor((engine.pageBodyBytes - headerBytes) / 4)
  return engine.transaction(async (transaction) => {
    let next = noPage
    const parts = Math.ceil(pageIds.length / perPage)
    // From the last part to the first, so that each knows where the next one is.
    for (let part = parts - 1; part >= 0; part--) {
      const page = await transaction.allocatePage()
      const ids = pageIds.slice(part * perPage, (part + 1) * perPage)
      transaction.write(page, 0, encodePart(next, ids))
      next = page.id
    }
    return next
  })
}

export async function readCatalog(
  engine: Engine,
  firstPageId: number,
  clients: number,
): Promise<Catalog> {
  const pageIds: number[] = []
  await engine.transaction(
    async (transaction) => {
      for (let id = firstPageId; id !== noPage;) {
        const { body } = await transaction.page(id)
        const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
        const count = view.getUint32(4, true)
        for (let i = 0; i < count; i++) pageIds.push(view.getUint32(headerBytes + 4 * i, true))
        id = view.getUint32(0, true)
      }
    },
    { readOnly: true },
  )
  return { journals: pageIds.slice(0, clients), accountPages: pageIds.slice(clients) }
}
