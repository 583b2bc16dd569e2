import type { Engine, Page, Transaction } from '../../../lib/index.ts'
import type { Random } from '../../../test/support/random.ts'
import type { PageChange } from '../protocol.ts'

/**
 * What one page should hold, kept from what was asked for. Pages with an even number hold cells,
 * pages with an odd number records.
 */
export interface PageModel {
  /** The same change to the model and to the page. `mark` is in it, and in no other change. */
  change(tx: Transaction, page: Page, random: Random, mark: number): void
  copy(): PageModel
  toString(): string
}

const cellBytes = 8
const cellCount = 24
// They lie all over the page, and each change is one of both its halves: a page of which one half
// was written is damaged.
const cellStrideBytes = 160
const recordsMax = 12
const recordBytesMax = 200
const slottedPattern = /(\d+)=([^\n]*)\n/g
// Pages that a store may have at most, and ones that it must have to be read to its end.
const pagesMin = 300

export function newPageModel(pageId: number): PageModel {
  return pageId % 2 === 0
    ? new CellsModel(new Uint8Array(cellBytes * cellCount))
    : new RecordsModel(new Map())
}

/** From its text. */
export function pageModelOf(pageId: number, content: string): PageModel {
  if (pageId % 2 === 0) return new CellsModel(Uint8Array.from(Buffer.from(content, 'hex')))
  const records = new Map<number, string>()
  for (const [, slot, record] of content.matchAll(slottedPattern)) {
    records.set(Number(slot), record ?? '')
  }
  return new RecordsModel(records)
}

class CellsModel implements PageModel {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  change(tx: Transaction, page: Page, random: Random, mark: number): void {
    const cell = Buffer.alloc(cellBytes)
    cell.writeDoubleLE(mark)
    const first = random.below(cellCount / 2)
    for (const place of [first, first + cellCount / 2]) {
      tx.write(page, cellStrideBytes * place, cell)
      this.#bytes.set(cell, cellBytes * place)
    }
  }

  copy(): PageModel {
    return new CellsModel(this.#bytes.slice())
  }

  toString(): string {
    return Buffer.from(this.#bytes).toString('hex')
  }
}

class RecordsModel implements PageModel {
  readonly #records: Map<number, string>

  constructor(records: Map<number, string>) {
    this.#records = records
  }

  change(tx: Transaction, page: Page, random: Random, mark: number): void {
    const slots = [...this.#records.keys()]
    const letter = String.fromCharCode(0x61 + random.below(26))
    const text = `${mark}${letter.repeat(random.below(recordBytesMax))}`
    const what = random.next()
    if (slots.length === 0 || (slots.length < recordsMax && what < 0.5)) {
      this.#records.set(tx.records.insert(page, Buffer.from(text)), text)
    } else if (what < 0.8) {
      const slot = random.pick(slots)
      tx.records.update(page, slot, Buffer.from(text))
      this.#records.set(slot, text)
    } else {
      const slot = random.pick(slots)
      tx.records.delete(page, slot)
      this.#records.delete(slot)
    }
  }

  copy(): PageModel {
    return new RecordsModel(new Map(this.#records))
  }

  toString(): string {
    const slots = [...this.#records.keys()].sort((a, b) => a - b)
    return slots.map((slot) => `${slot}=${this.#records.get(slot)}\n`).join('')
  }
}

/** What a page of the store holds, in the form of the model. */
export function contentOf(tx: Transaction, page: Page): string {
  let content = ''
  if (page.id % 2 === 0) {
    for (let place = 0; place < cellCount; place++) {
      const at = cellStrideBytes * place
      content += Buffer.from(page.body.subarray(at, at + cellBytes)).toString('hex')
    }
    return content
  }
  for (const slot of tx.records.slots(page)) {
    content += `${slot}=${Buffer.from(tx.records.read(page, slot)).toString()}\n`
  }
  return content
}

/** Everything that the store holds, page by page. */
export async function contentsOf(engine: Engine): Promise<PageChange[]> {
  const found: PageChange[] = []
  // The file may be shorter than the pages in memory that are still to be written to it.
  const pages = Math.max(engine.stats().pages.filePages, pagesMin)
  await engine.transaction(
    async (tx) => {
      for (let pageId = 2; pageId < pages; pageId++) {
        try {
          const page = await tx.page(pageId)
          found.push([pageId, contentOf(tx, page)])
          page.release()
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_SEAWALL_UNKNOWN_PAGE') throw error
        }
      }
    },
    { readOnly: true },
  )
  return found
}
