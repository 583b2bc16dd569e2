import type { Page, Transaction } from '../../lib/index.ts'
import { changeBalance } from './account-pages.ts'
import { appendToJournal } from './journal.ts'
import type { TransferPlan } from './transfer-plan.ts'

/** Why a transfer is rolled back on purpose. */
export class TransferRefused extends Error {}

/** Where account `number` is. */
export type FindAccount = (account: number) => { pageId: number; slot: number }

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * What a transfer does within its transaction: takes the money from one account, may put it into a
 * wrong one and take that back by a savepoint, puts it into the right one, and writes itself into
 * the journal. Returns the journal's last page; throws TransferRefused to be rolled back.
 */
export async function makeTransfer(
  transaction: Transaction,
  plan: TransferPlan,
  findAccount: FindAccount,
  lastJournalPageId: number,
): Promise<number> {
  const { from, to, wrongAccount, amount } = plan
  if (!plan.locksOutOfOrder) {
    const accounts = wrongAccount === undefined ? [from, to] : [from, to, wrongAccount]
    const pageIds = accounts.map((account) => findAccount(account).pageId)
    for (const id of pageIds.sort((a, b) => a - b)) await transaction.page(id)
  }
  const change = async (account: number, difference: number): Promise<void> => {
    const { pageId, slot } = findAccount(account)
    const page: Page = await transaction.page(pageId)
    if (!changeBalance(transaction, page, slot, difference)) {
      throw new TransferRefused(`account ${account} has too little`)
    }
  }
  await change(from, -amount)
  if (plan.pauses) await pause()
  if (wrongAccount !== undefined) {
    const savepoint = transaction.savepoint()
    await change(wrongAccount, amount)
    await transaction.rollbackTo(savepoint)
  }
  await change(to, amount)
  const lastPageId = await appendToJournal(transaction, lastJournalPageId, plan)
  if (plan.pauses) await pause()
  if (plan.rollsBack) throw new TransferRefused('changed its mind')
  return lastPageId
}
