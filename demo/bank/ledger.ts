// What the observer knows of every transfer, from what it gave out and what it was told, and from
// nothing else.
import { planTransfer } from './transfer-plan.ts'

/** What must hold of a transfer. */
export const transferStates = {
  neverIssued: 0,
  /** Given out; no answer yet. It may be there or not. */
  open: 1,
  /** Acknowledged, or seen after a recovery: it must be there from now on. */
  present: 2,
  /** Rolled back, or not there after a recovery: it must never be there. */
  absent: 3,
} as const

const numbersAtOnce = 4096
const firstCapacity = 64 * 1024

export class Ledger {
  readonly seed: number
  readonly accounts: number
  #states = new Uint8Array(firstCapacity)
  #issuedTo = 0
  #acknowledged = 0
  #rolledBack = 0

  constructor(seed: number, accounts: number) {
    this.seed = seed
    this.accounts = accounts
  }

  /** Numbers below were given out. */
  get issuedTo(): number {
    return this.#issuedTo
  }

  /** Transfers that were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Transfers that were reported as rolled back. */
  get rolledBack(): number {
    return this.#rolledBack
  }

  /** Gives out more numbers. A transfer that rolls back by itself must never be there. */
  issue(): number {
    const to = this.#issuedTo + numbersAtOnce
    if (to > this.#states.length) {
      const larger = new Uint8Array(2 * this.#states.length)
      larger.set(this.#states)
      this.#states = larger
    }
    for (let number = this.#issuedTo; number < to; number++) {
      const { rollsBack } = planTransfer(this.seed, number, this.accounts)
      this.#states[number] = rollsBack ? transferStates.absent : transferStates.open
    }
    this.#issuedTo = to
    return to
  }

  stateOf(number: number): number {
    return this.#states[number] ?? transferStates.neverIssued
  }

  /** @throws Error when it cannot be so */
  acknowledge(number: number): void {
    if (this.stateOf(number) !== transferStates.open) {
      throw new Error(`transfer ${number} was acknowledged: it was over, or to be rolled back`)
    }
    this.#states[number] = transferStates.present
    this.#acknowledged += 1
  }

  /** @throws Error when it was acknowledged before */
  noteRolledBack(number: number): void {
    const state = this.stateOf(number)
    if (state !== transferStates.open && state !== transferStates.absent) {
      throw new Error(`transfer ${number} was rolled back after it was acknowledged`)
    }
    this.#states[number] = transferStates.absent
    this.#rolledBack += 1
  }

  /** What had no answer is what a recovery has made of it, for good. */
  settle(isPresent: (number: number) => boolean): void {
    for (let number = 0; number < this.#issuedTo; number++) {
      if (this.#states[number] !== transferStates.open) continue
      this.#states[number] = isPresent(number) ? transferStates.present : transferStates.absent
    }
  }
}
