import type { Engine } from '../../lib/index.ts'
import { accountBytes, accountsPerPage, encodeAccount } from './account-pages.ts'
import { writeCatalog } from './catalog.ts'
import { allocateJournalPage } from './journal.ts'
import { initialBalance } from './transfer-plan.ts'

const pagesPerTransaction = 64

/** Page bodies full of new accounts, the last one perhaps not. */
function newAccounts(count: number): Uint8Array {
  const one = encodeAccount({ balance: initialBalance, transfers: 0 })
  const bytes = new Uint8Array(count * accountBytes)
  for (let at = 0; at < bytes.length; at += accountBytes) bytes.set(one, at)
  return bytes
}

/** Makes the bank: journals, accounts, and last the catalog, whose first page is returned. */
export async function fillBank(
  engine: Engine,
  accounts: number,
  clients: number,
  onProgress: (accountsMade: number) => void,
): Promise<number> {
  const journals = await engine.transaction(async (transaction) => {
    const made: number[] = []
    for (let i = 0; i < clients; i++) made.push((await allocateJournalPage(transaction)).id)
    return made
  })
  const perPage = accountsPerPage(engine.pageBodyBytes)
  const accountPages: number[] = []
  let made = 0
  while (made < accounts) {
    await engine.transaction(async (transaction) => {
      for (let i = 0; i < pagesPerTransaction && made < accounts; i++) {
        const page = await transaction.allocatePage()
        const count = Math.min(perPage, accounts - made)
        transaction.write(page, 0, newAccounts(count))
        // It stays in memory as long as it pleases the pool, and is locked to the end all the same.
        page.release()
        accountPages.push(page.id)
        made += count
      }
    })
    onProgress(made)
  }
  return writeCatalog(engine, { journals, accountPages })
}
