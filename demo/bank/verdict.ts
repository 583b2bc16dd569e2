// Holds what is in the bank against what the observer knows.
import { entryNumbers } from './journal.ts'
import { type Ledger, transferStates } from './ledger.ts'
import type { BankContent } from './read-bank.ts'
import { initialBalance, planTransfer } from './transfer-plan.ts'

export interface Verdict {
  readonly sum: number
  /** Transfers in the journals. */
  readonly present: number
  /** What is wrong, in words; empty when everything is as it must be. */
  readonly violations: readonly string[]
}

/** Collects what is wrong: the first few of each kind, and how many there are. */
class Violations {
  readonly #examples = new Map<string, { count: number; first: string[] }>()

  add(kind: string, example: string): void {
    const found = this.#examples.get(kind) ?? { count: 0, first: [] }
    found.count += 1
    if (found.first.length < 5) found.first.push(example)
    this.#examples.set(kind, found)
  }

  inWords(): string[] {
    return [...this.#examples].map(
      ([kind, { count, first }]) =>
        `${count} ${kind}: ${first.join('; ')}${count > 5 ? '; …' : ''}`,
    )
  }
}

/** What the journals say, and whether each entry may be there. */
class JournalCheck {
  readonly #ledger: Ledger
  readonly #violations: Violations
  readonly #seen: Uint8Array
  readonly balances: Float64Array
  readonly transfers: Uint32Array
  present = 0

  constructor(ledger: Ledger, violations: Violations) {
    this.#ledger = ledger
    this.#violations = violations
    this.#seen = new Uint8Array(ledger.issuedTo)
    this.balances = new Float64Array(ledger.accounts).fill(initialBalance)
    this.transfers = new Uint32Array(ledger.accounts)
  }

  hasSeen(number: number): boolean {
    return this.#seen[number] === 1
  }

  take(number: number, from: number, to: number, amount: number): void {
    const { seed, accounts, issuedTo } = this.#ledger
    const state = this.#ledger.stateOf(number)
    if (state === transferStates.neverIssued || number >= issuedTo) {
      this.#violations.add('transfers that were never issued are there', `${number}`)
      return
    }
    if (state === transferStates.absent) {
      this.#violations.add('transfers that were rolled back are there', `${number}`)
    }
    if (this.hasSeen(number)) this.#violations.add('transfers are there twice', `${number}`)
    const plan = planTransfer(seed, number, accounts)
    if (plan.from !== from || plan.to !== to || plan.amount !== amount) {
      const found = `${number} is ${amount} from ${from} to ${to}`
      this.#violations.add('transfers are not what was asked for', found)
      return
    }
    this.#seen[number] = 1
    this.present += 1
    this.#move(from, -amount)
    this.#move(to, amount)
  }

  #move(account: number, difference: number): void {
    this.balances[account] = (this.balances[account] as number) + difference
    this.transfers[account] = (this.transfers[account] as number) + 1
  }
}

/** Judges `content`, and settles in the ledger what had no answer. */
export function judge(ledger: Ledger, content: BankContent): Verdict {
  const violations = new Violations()
  const check = new JournalCheck(ledger, violations)
  const { journal, balances, transfers } = content
  for (let at = 0; at < journal.length; at += entryNumbers) {
    const [number, from, to, amount] = journal.subarray(at, at + entryNumbers)
    check.take(number as number, from as number, to as number, amount as number)
  }
  for (let number = 0; number < ledger.issuedTo; number++) {
    if (ledger.stateOf(number) !== transferStates.present || check.hasSeen(number)) continue
    violations.add('acknowledged transfers are missing', `${number}`)
  }
  let sum = 0
  for (let account = 0; account < ledger.accounts; account++) {
    const balance = balances[account] as number
    sum += balance
    if (balance !== check.balances[account] || transfers[account] !== check.transfers[account]) {
      violations.add(
        'accounts differ from the journals',
        `${account} has ${balance} after ${transfers[account]} transfers, ` +
          `not ${check.balances[account]} after ${check.transfers[account]}`,
      )
    }
  }
  const expectedSum = ledger.accounts * initialBalance
  if (sum !== expectedSum) violations.add('wrong sum of all balances', `${sum}, not ${expectedSum}`)
  ledger.settle((number) => check.hasSeen(number))
  return { sum, present: check.present, violations: violations.inWords() }
}
