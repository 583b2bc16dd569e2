import { type Engine, SeawallError } from '../../lib/index.ts'
import { accountsPerPage } from './account-pages.ts'
import type { Catalog } from './catalog.ts'
import type { OutcomesMessage } from './messages.ts'
import type { Numbers } from './numbers.ts'
import { type FindAccount, makeTransfer, TransferRefused } from './transfer.ts'
import { planTransfer, type TransferPlan } from './transfer-plan.ts'

/** What clients need to know of the bank. */
export interface ClientsRequest {
  readonly seed: number
  readonly accounts: number
  readonly catalog: Catalog
  readonly lastJournalPages: readonly number[]
}

function mayTryAgain(error: unknown): boolean {
  if (!(error instanceof SeawallError)) return false
  return error.code === 'ERR_SEAWALL_DEADLOCK' || error.code === 'ERR_SEAWALL_LOCK_TIMEOUT'
}

/** The clients of a teller: each makes one transfer after the other until there are no numbers. */
export class Clients {
  readonly #engine: Engine
  readonly #request: ClientsRequest
  readonly #numbers: Numbers
  readonly #tell: (message: OutcomesMessage) => void
  readonly #findAccount: FindAccount
  #committed: number[] = []
  #rolledBack: number[] = []
  #deadlocks = 0
  #willTell = false

  constructor(
    engine: Engine,
    request: ClientsRequest,
    numbers: Numbers,
    tell: (message: OutcomesMessage) => void,
  ) {
    this.#engine = engine
    this.#request = request
    this.#numbers = numbers
    this.#tell = tell
    const perPage = accountsPerPage(engine.pageBodyBytes)
    const { accountPages } = request.catalog
    this.#findAccount = (account) => ({
      pageId: accountPages[Math.floor(account / perPage)] as number,
      slot: account % perPage,
    })
  }

  async run(): Promise<void> {
    await Promise.all(this.#request.lastJournalPages.map((pageId) => this.#runClient(pageId)))
    this.#tellOutcomes()
  }

  async #runClient(journalPageId: number): Promise<void> {
    const { seed, accounts } = this.#request
    let lastPageId = journalPageId
    let number = await this.#numbers.next()
    while (number !== undefined) {
      lastPageId = await this.#transfer(planTransfer(seed, number, accounts), lastPageId)
      number = await this.#numbers.next()
    }
  }

  // Tries until it is either done or refused.
  async #transfer(plan: TransferPlan, lastPageId: number): Promise<number> {
    for (;;) {
      try {
        const newLastPageId = await this.#engine.transaction((transaction) =>
          makeTransfer(transaction, plan, this.#findAccount, lastPageId),
        )
        this.#noteOutcome(this.#committed, plan.number)
        return newLastPageId
      } catch (error) {
        if (error instanceof TransferRefused) {
          this.#noteOutcome(this.#rolledBack, plan.number)
          return lastPageId
        }
        if (!mayTryAgain(error)) throw error
        this.#deadlocks += 1
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  // A commit of many transfers wakes many clients at once: one message for all of them.
  #noteOutcome(outcomes: number[], number: number): void {
    outcomes.push(number)
    if (this.#willTell) return
    this.#willTell = true
    setImmediate(() => this.#tellOutcomes())
  }

  #tellOutcomes(): void {
    this.#willTell = false
    this.#tell({
      kind: 'outcomes',
      committed: this.#committed,
      rolledBack: this.#rolledBack,
      deadlocks: this.#deadlocks,
      checkpoints: this.#engine.stats().checkpoints.count,
    })
    this.#committed = []
    this.#rolledBack = []
  }
}
