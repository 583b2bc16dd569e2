// Every client has a journal of its own: a chain of slotted pages with one record for each
// transfer, inserted by the transaction that makes it. Slot 0 of a page holds the number of the
// next page.
import { type Page, SeawallError, type Transaction } from '../../lib/index.ts'
import type { TransferPlan } from './transfer-plan.ts'

/** What the journal has of a transfer: four numbers of 32 bits. */
export const entryNumbers = 4
const entryBytes = 4 * entryNumbers
const noPage = 0

function encodeNext(pageId: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, pageId, true)
  return bytes
}

function encodeEntry({ number, from, to, amount }: TransferPlan): Uint8Array {
  const bytes = new Uint8Array(entryBytes)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of [number, from, to, amount].entries()) view.setUint32(4 * i, value, true)
  return bytes
}

/** Makes an empty journal page. */
export async function allocateJournalPage(transaction: Transaction): Promise<Page> {
  const page = await transaction.allocatePage()
  transaction.records.insert(page, encodeNext(noPage))
  return page
}

/** The page after this one; undefined when it is the last. */
export function nextJournalPage(transaction: Transaction, page: Page): number | undefined {
  const record = transaction.records.read(page, 0)
  const next = new DataView(record.buffer, record.byteOffset).getUint32(0, true)
  return next === noPage ? undefined : next
}

/** Adds the entries of a page to `entries`, `entryNumbers` numbers each. */
export function readJournalPage(transaction: Transaction, page: Page, entries: number[]): void {
  for (const slot of transaction.records.slots(page)) {
    if (slot === 0) continue
    const record = transaction.records.read(page, slot)
    const view = new DataView(record.buffer, record.byteOffset, entryBytes)
    for (let at = 0; at < entryBytes; at += 4) entries.push(view.getUint32(at, true))
  }
}

/** Writes a transfer into the journal that ends with `lastPageId`. Returns its new last page. */
export async function appendToJournal(
  transaction: Transaction,
  lastPageId: number,
  plan: TransferPlan,
): Promise<number> {
  const last = await transaction.page(lastPageId)
  const entry = encodeEntry(plan)
  try {
    transaction.records.insert(last, entry)
    return lastPageId
  } catch (error) {
    if (!(error instanceof SeawallError) || error.code !== 'ERR_SEAWALL_PAGE_FULL') throw error
  }
  const next = await allocateJournalPage(transaction)
  transaction.records.update(last, 0, encodeNext(next.id))
  transaction.records.insert(next, entry)
  return next.id
}
