import type { Engine, Page, Transaction } from '../../lib/index.ts'

/**
 * What the pages of a store should hold, kept by the test from what it asked for and what was
 * acknowledged; never read from the store. Pages with an even id hold cells, pages with an odd id
 * are slotted.
 */
export type PageModel = ReadonlyMap<number, string>
export type Contents = Map<number, string>

export const cellBytes = 8
export const cellCount = 24
const pagesMin = 300

export function isSlotted(pageId: number): boolean {
  return pageId % 2 === 1
}

/** What a page that was just allocated holds. */
export function emptyContent(pageId: number): string {
  return isSlotted(pageId) ? '' : Buffer.alloc(cellBytes * cellCount).toString('latin1')
}

/** The content of a page, in the form of the model. */
export function contentOf(tx: Transaction, page: Page): string {
  if (!isSlotted(page.id)) {
    const bytes = page.body.subarray(0, cellBytes * cellCount)
    return Buffer.from(bytes).toString('latin1')
  }
  const records: string[] = []
  for (const slot of tx.records.slots(page)) {
    records.push(`${slot}=${Buffer.from(tx.records.read(page, slot)).toString('latin1')}`)
  }
  return records.join('\n')
}

/** Everything that the store holds, page by page. */
export async function readContents(engine: Engine): Promise<Contents> {
  const contents: Contents = new Map()
  // The file may be shorter than the pages in memory that are still to be written to it.
  const pages = Math.max(engine.stats().pages.filePages, pagesMin)
  await engine.transaction(
    async (tx) => {
      for (let pageId = 2; pageId < pages; pageId++) {
        try {
          const page = await tx.page(pageId)
          contents.set(pageId, contentOf(tx, page))
          page.release()
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_SEAWALL_UNKNOWN_PAGE') throw error
        }
      }
    },
    { readOnly: true },
  )
  return contents
}

/** What differs, in words; undefined when nothing does. */
export function difference(actual: PageModel, expected: PageModel): string | undefined {
  for (const [pageId, content] of expected) {
    const found = actual.get(pageId)
    if (found === undefined) return `page ${pageId} is missing`
    if (found !== content) return `page ${pageId} is ${show(found)}, expected ${show(content)}`
  }
  for (const pageId of actual.keys()) {
    if (!expected.has(pageId)) return `page ${pageId} should not be there`
  }
  return undefined
}

function show(content: string): string {
  return JSON.stringify(content.replace(/\0+/g, '.'))
}
