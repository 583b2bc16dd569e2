import type { Engine, Transaction } from '../../lib/index.ts'
import { branches, tellers, type Transfer } from '../transfers.ts'
import { allocatePages } from './page-set.ts'

const rowBytes = 100
const historyRowBytes = 50
const balanceBytes = 8

/** Rows of equal length in a row of pages; keys begin at 1. */
interface Table {
  readonly pages: readonly number[]
  readonly rowsPerPage: number
}

/**
 * The tables of TPC-B in pages: rows of 100 bytes whose first eight are the balance. Every page that
 * a transfer touches is locked X, in the order account, teller, branch, history.
 */
export class Bank {
  readonly #engine: Engine
  readonly #accounts: Table
  readonly #tellers: Table
  readonly #branches: Table
  readonly #balance = new Float64Array(1)
  readonly #balanceBytes = new Uint8Array(this.#balance.buffer)
  readonly #historyRow = new Uint8Array(historyRowBytes)
  readonly #historyNumbers = new Float64Array(5)
  readonly #historyBytes = new Uint8Array(this.#historyNumbers.buffer)
  #historyPage: number

  private constructor(
    engine: Engine,
    accountTable: Table,
    tellerTable: Table,
    branchTable: Table,
    historyPage: number,
  ) {
    this.#engine = engine
    this.#accounts = accountTable
    this.#tellers = tellerTable
    this.#branches = branchTable
    this.#historyPage = historyPage
  }

  /** Every balance is 0; all pages are on disk and clean when it resolves. */
  static async create(engine: Engine, accounts: number): Promise<Bank> {
    const rowsPerPage = Math.floor(engine.pageBodyBytes / rowBytes)
    const table = async (rows: number): Promise<Table> => {
      return { pages: await allocatePages(engine, Math.ceil(rows / rowsPerPage)), rowsPerPage }
    }
    const [historyPage] = (await allocatePages(engine, 1)) as [number]
    const branchTable = await table(branches)
    const tellerTable = await table(tellers)
    const accountTable = await table(accounts)
    // The second one writes what was dirty when the first one began.
    await engine.checkpoint()
    await engine.checkpoint()
    return new Bank(engine, accountTable, tellerTable, branchTable, historyPage)
  }

  /** Resolves when the transfer is durable. */
  async transfer({ account, teller, branch, delta }: Transfer): Promise<void> {
    const transaction = await this.#engine.begin()
    try {
      await this.#add(transaction, this.#accounts, account, delta)
      await this.#add(transaction, this.#tellers, teller, delta)
      await this.#add(transaction, this.#branches, branch, delta)
      await this.#note(transaction, teller, branch, account, delta)
      await transaction.commit()
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  /** Throws unless accounts, tellers and branches each add up to the same. */
  async check(): Promise<void> {
    const sums = [
      await this.#sum(this.#accounts),
      await this.#sum(this.#tellers),
      await this.#sum(this.#branches),
    ]
    if (sums.some((sum) => sum !== sums[0])) {
      throw new Error(`accounts, tellers and branches differ: ${sums.join(', ')}`)
    }
  }

  async #sum({ pages, rowsPerPage }: Table): Promise<number> {
    const transaction = await this.#engine.begin({ readOnly: true })
    let sum = 0
    for (const id of pages) {
      const page = await transaction.page(id)
      const { buffer, byteOffset } = page.body
      const view = new DataView(buffer, byteOffset)
      for (let row = 0; row < rowsPerPage; row++) sum += view.getFloat64(row * rowBytes, true)
      page.release()
    }
    await transaction.rollback()
    return sum
  }

  async #add(transaction: Transaction, table: Table, key: number, delta: number): Promise<void> {
    const { pages, rowsPerPage } = table
    const page = await transaction.page(pages[Math.floor((key - 1) / rowsPerPage)] as number)
    const at = ((key - 1) % rowsPerPage) * rowBytes
    const { body } = page
    for (let i = 0; i < balanceBytes; i++) this.#balanceBytes[i] = body[at + i] as number
    this.#balance[0] = (this.#balance[0] as number) + delta
    transaction.write(page, at, this.#balanceBytes)
  }

  async #note(
    transaction: Transaction,
    teller: number,
    branch: number,
    account: number,
    delta: number,
  ): Promise<void> {
    let page = await transaction.page(this.#historyPage)
    // Others may have gone on to a new page while this one was waited for.
    while (page.id !== this.#historyPage) page = await transaction.page(this.#historyPage)
    const numbers = this.#historyNumbers
    numbers[0] = teller
    numbers[1] = branch
    numbers[2] = account
    numbers[3] = delta
    numbers[4] = Date.now()
    this.#historyRow.set(this.#historyBytes)
    try {
      transaction.records.insert(page, this.#historyRow)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SEAWALL_PAGE_FULL') throw error
    }
    const row = this.#historyRow.slice()
    const next = await transaction.allocatePage()
    this.#historyPage = next.id
    transaction.records.insert(next, row)
  }
}
