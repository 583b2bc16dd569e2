// What each transfer is to do follows from the seed and its number alone, so that the observer
// knows it without being told.
import { mix } from '../chunks.ts'

export const initialBalance = 1000
const amountMax = 100

// One pick in so many is a popular account; there are few of these, so that clients get in each
// other's way.
const popularOneIn = 4
const popularAccounts = 12

const rollsBackOneIn = 10
const savepointOneIn = 8
const outOfOrderOneIn = 3
const pausesOneIn = 3

/** One transfer. Accounts are numbered from 0. */
export interface TransferPlan {
  readonly number: number
  readonly from: number
  readonly to: number
  readonly amount: number
  /** The client changes its mind at the very end. */
  readonly rollsBack: boolean
  /** The money is first put into this account, and that is rolled back to a savepoint. */
  readonly wrongAccount: number | undefined
  /** Locks pages as it comes to them and not in their order: deadlocks happen. */
  readonly locksOutOfOrder: boolean
  /** Lets others run between the withdrawal and the deposit. */
  readonly pauses: boolean
}

// Questions that are answered at random for each transfer.
const questions = [
  'from',
  'to',
  'wrong',
  'amount',
  'rollsBack',
  'savepoint',
  'order',
  'pause',
] as const

function answer(seed: number, number: number, question: (typeof questions)[number]): number {
  return mix(seed, number * questions.length + questions.indexOf(question))
}

function pickAccount(hash: number, accounts: number): number {
  const pick = Math.floor(hash / popularOneIn)
  if (hash % popularOneIn !== 0) return pick % accounts
  return Math.floor(((pick % popularAccounts) * accounts) / popularAccounts)
}

/** REQUIRES: at least 3 accounts. */
export function planTransfer(seed: number, number: number, accounts: number): TransferPlan {
  const from = pickAccount(answer(seed, number, 'from'), accounts)
  let to = pickAccount(answer(seed, number, 'to'), accounts)
  if (to === from) to = (to + 1) % accounts
  let wrong = pickAccount(answer(seed, number, 'wrong'), accounts)
  while (wrong === from || wrong === to) wrong = (wrong + 1) % accounts
  return {
    number,
    from,
    to,
    amount: 1 + (answer(seed, number, 'amount') % amountMax),
    rollsBack: answer(seed, number, 'rollsBack') % rollsBackOneIn === 0,
    wrongAccount: answer(seed, number, 'savepoint') % savepointOneIn === 0 ? wrong : undefined,
    locksOutOfOrder: answer(seed, number, 'order') % outOfOrderOneIn === 0,
    pauses: answer(seed, number, 'pause') % pausesOneIn === 0,
  }
}
