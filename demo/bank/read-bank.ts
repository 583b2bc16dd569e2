import type { Engine, Page, Transaction } from '../../lib/index.ts'
import { accountsPerPage, readAccount } from './account-pages.ts'
import type { Catalog } from './catalog.ts'
import { nextJournalPage, readJournalPage } from './journal.ts'

/** Everything that is in the bank. */
export interface BankContent {
  /** By account. */
  readonly balances: Float64Array
  /** By account: how many transfers have touched it. */
  readonly transfers: Uint32Array
  /** Four numbers for each entry of all journals: number, from, to, amount. */
  readonly journal: Uint32Array
}

const readsInFlight = 32
const progressPages = 512

async function forEachAtOnce<T>(
  items: readonly T[],
  action: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries()
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) await action(item, index)
  }
  await Promise.all(Array.from({ length: readsInFlight }, work))
}

async function withPage<T>(
  transaction: Transaction,
  pageId: number,
  read: (page: Page) => T,
): Promise<T> {
  const page = await transaction.page(pageId)
  try {
    return read(page)
  } finally {
    page.release()
  }
}

/**
 * Reads every account and every journal; also tells where each journal ends. `onProgress` hears of
 * accounts now and then.
 */
export async function readBank(
  engine: Engine,
  catalog: Catalog,
  accounts: number,
  onProgress: (accountsRead: number) => void = () => {},
): Promise<{ content: BankContent; lastJournalPages: number[] }> {
  const perPage = accountsPerPage(engine.pageBodyBytes)
  const balances = new Float64Array(accounts)
  const transfers = new Uint32Array(accounts)
  const entries: number[] = []
  const lastJournalPages: number[] = []
  await engine.transaction(
    async (transaction) => {
      await forEachAtOnce(catalog.accountPages, (pageId, index) => {
        if (index % progressPages === 0) onProgress(index * perPage)
        return withPage(transaction, pageId, ({ body }) => {
          const first = index * perPage
          for (let slot = 0; slot < perPage && first + slot < accounts; slot++) {
            const account = readAccount(body, slot)
            balances[first + slot] = account.balance
            transfers[first + slot] = account.transfers
          }
        })
      })
      await forEachAtOnce(catalog.journals, async (firstPageId, client) => {
        for (let id: number | undefined = firstPageId; id !== undefined;) {
          lastJournalPages[client] = id
          id = await withPage(transaction, id, (page): number | undefined => {
            readJournalPage(transaction, page, entries)
            return nextJournalPage(transaction, page)
          })
        }
      })
    },
    { readOnly: true },
  )
  return { content: { balances, transfers, journal: Uint32Array.from(entries) }, lastJournalPages }
}
