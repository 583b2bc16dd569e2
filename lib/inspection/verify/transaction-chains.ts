import { noLSN } from '../../format/engine-record.ts'
import { recordCompensation, recordEnd, recordUpdate } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { absent, type EngineColumns } from '../records/engine-columns.ts'

interface Chain {
  lastLSN: LSN
  /** As the last record says; undo may have stepped over compensations from there. */
  undoNextLSN: LSN
}

/** The fields of a record that tie it to its transaction; `absent` where it has none. */
export type ChainFields = Pick<
  EngineColumns,
  'transactionLSN' | 'prevLSN' | 'undoNextLSN' | 'pageId'
>

/** What a transaction that runs looks like in a checkpoint. */
export interface RunningTransaction extends Chain {
  readonly transactionLSN: LSN
}

/**
 * Follows every transaction from record to record, as undo would do it backwards: each record names
 * the one before it, undo only ever goes back, and nothing follows the end. The state is that of
 * the transactions that run, so it stays small however long the log is.
 *
 * A log begins in the middle of transactions that ended later. Those whose first record lies below
 * `#knownFrom` are taken as they come; of all others every record must have been seen.
 */
export class TransactionChains {
  #knownFrom: LSN
  readonly #running = new Map<LSN, Chain>()
  /** Of those that began before `#knownFrom`: few, as they all ran at one moment. */
  readonly #ended = new Set<LSN>()

  constructor(from: LSN) {
    this.#knownFrom = from
  }

  get running(): number {
    return this.#running.size
  }

  /** Records up to `endLSN` cannot be read: what ran may have gone on or ended in there. */
  hole(endLSN: LSN): void {
    this.#knownFrom = endLSN
    this.#running.clear()
    this.#ended.clear()
  }

  /**
   * An update, a compensation, a commit or an end.
   *
   * @returns what is wrong with it, in words
   */
  take(lsn: LSN, type: number, fields: ChainFields): string | undefined {
    const transactionLSN = fields.transactionLSN as LSN
    if (transactionLSN === noLSN) return systemProblem(type, fields)
    if (transactionLSN > lsn) return `it belongs to transaction ${transactionLSN}, behind it`
    const chain = this.#running.get(transactionLSN)
    if (chain === undefined && transactionLSN === lsn) return this.#begin(lsn, type, fields)
    if (chain === undefined && !this.#mayBeUnseen(transactionLSN)) {
      return `transaction ${transactionLSN} had ended, or its first record is not there`
    }
    const problem = linkProblem(lsn, type, fields, chain)
    if (type === recordUpdate) this.#goOn(chain, transactionLSN, lsn, lsn)
    else if (type === recordCompensation) {
      this.#goOn(chain, transactionLSN, lsn, fields.undoNextLSN as LSN)
    } else this.#end(transactionLSN)
    return problem
  }

  /** @returns how the tables of a checkpoint differ from what the log says */
  compare(transactions: readonly RunningTransaction[]): string | undefined {
    const known = transactions.filter(({ transactionLSN }) => !this.#mayBeUnseen(transactionLSN))
    for (const { transactionLSN, lastLSN, undoNextLSN } of known) {
      const chain = this.#running.get(transactionLSN)
      if (chain === undefined) return `transaction ${transactionLSN} does not run at that point`
      if (chain.lastLSN !== lastLSN || chain.undoNextLSN < undoNextLSN) {
        return (
          `transaction ${transactionLSN} stands at ${lastLSN}, undo next ${undoNextLSN}, ` +
          `in the log at ${chain.lastLSN}, undo next ${chain.undoNextLSN}`
        )
      }
    }
    const named = new Set(known.map(({ transactionLSN }) => transactionLSN))
    for (const transactionLSN of this.#running.keys()) {
      if (this.#mayBeUnseen(transactionLSN) || named.has(transactionLSN)) continue
      return `transaction ${transactionLSN} runs at that point, and is not in it`
    }
    return undefined
  }

  #mayBeUnseen(transactionLSN: LSN): boolean {
    return transactionLSN < this.#knownFrom && !this.#ended.has(transactionLSN)
  }

  #begin(lsn: LSN, type: number, { prevLSN }: ChainFields): string | undefined {
    if (type !== recordUpdate) return 'the first record of a transaction is an update'
    this.#running.set(lsn, { lastLSN: lsn, undoNextLSN: lsn })
    return prevLSN === noLSN ? undefined : 'it is the first of its transaction and has a prevLSN'
  }

  #goOn(chain: Chain | undefined, transactionLSN: LSN, lsn: LSN, undoNextLSN: LSN): void {
    if (chain === undefined) {
      this.#running.set(transactionLSN, { lastLSN: lsn, undoNextLSN })
    } else {
      chain.lastLSN = lsn
      chain.undoNextLSN = undoNextLSN
    }
  }

  #end(transactionLSN: LSN): void {
    this.#running.delete(transactionLSN)
    if (transactionLSN < this.#knownFrom) this.#ended.add(transactionLSN)
  }
}

function linkProblem(
  lsn: LSN,
  type: number,
  { transactionLSN, prevLSN, undoNextLSN }: ChainFields,
  chain: Chain | undefined,
): string | undefined {
  if (chain !== undefined && prevLSN !== chain.lastLSN) {
    return `its prevLSN is ${prevLSN}, the record before it in transaction ${transactionLSN} is ${chain.lastLSN}`
  }
  if (prevLSN < transactionLSN || prevLSN >= lsn) {
    return `its prevLSN ${prevLSN} lies outside of transaction ${transactionLSN}`
  }
  if (type === recordCompensation) {
    const isInside = undoNextLSN === noLSN || undoNextLSN >= transactionLSN
    const leadsBack = undoNextLSN <= (chain?.undoNextLSN ?? prevLSN)
    if (!isInside || !leadsBack) return `its undoNextLSN ${undoNextLSN} does not lead back`
  }
  // Undo steps over compensations without a word, but never over an update.
  if (type === recordEnd && chain !== undefined && chain.undoNextLSN === chain.lastLSN) {
    return `transaction ${transactionLSN} ends with the update at LSN ${chain.lastLSN} not undone`
  }
  return undefined
}

function systemProblem(
  type: number,
  { prevLSN, undoNextLSN, pageId }: ChainFields,
): string | undefined {
  if (type !== recordCompensation) return 'it is of no transaction'
  if (prevLSN !== noLSN || undoNextLSN !== noLSN) return 'it is of no transaction and has a chain'
  return pageId === absent ? 'it is of no transaction and changes nothing' : undefined
}
