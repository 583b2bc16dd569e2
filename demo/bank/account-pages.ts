// An account: 16 bytes of a page, its balance and how many transfers have touched it.
import type { Page, Transaction } from '../../lib/index.ts'

export const accountBytes = 16

export interface Account {
  readonly balance: number
  readonly transfers: number
}

/** How many accounts a page has. */
export function accountsPerPage(pageBodyBytes: number): number {
  return Math.floor(pageBodyBytes / accountBytes)
}

export function readAccount(body: Uint8Array, slot: number): Account {
  const view = new DataView(body.buffer, body.byteOffset + slot * accountBytes, accountBytes)
  return { balance: view.getFloat64(0, true), transfers: view.getFloat64(8, true) }
}

export function encodeAccount({ balance, transfers }: Account): Uint8Array {
  const bytes = new Uint8Array(accountBytes)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, balance, true)
  view.setFloat64(8, transfers, true)
  return bytes
}

/** Changes the balance. False when there is not enough money; nothing is changed then. */
export function changeBalance(
  transaction: Transaction,
  page: Page,
  slot: number,
  amount: number,
): boolean {
  const { balance, transfers } = readAccount(page.body, slot)
  if (balance + amount < 0) return false
  const changed = encodeAccount({ balance: balance + amount, transfers: transfers + 1 })
  transaction.write(page, slot * accountBytes, changed)
  return true
}
