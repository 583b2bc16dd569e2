import type { EngineColumns } from './engine-columns.ts'
import type { AskedType } from './record-kinds.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

/** What is wanted; what is left out does not matter. A record must match every part. */
export interface RecordQuery {
  readonly types?: ReadonlySet<AskedType>
  /** First LSNs of transactions. */
  readonly transactions?: ReadonlySet<number>
  readonly pages?: ReadonlySet<number>
  readonly operations?: ReadonlySet<number>
  /** Padding too, which says nothing; incarnations are always shown where nothing is asked for. */
  readonly isInternalShown?: boolean
}

/** Decides which records are shown. */
export class RecordFilter {
  readonly #query: RecordQuery
  /** The fields within the bodies matter: the log must be a store's. */
  readonly needsColumns: boolean
  readonly #passesAll: boolean

  constructor(query: RecordQuery) {
    this.#query = query
    this.needsColumns = [query.transactions, query.pages, query.operations].some(
      (part) => part !== undefined,
    )
    this.#passesAll = !this.needsColumns && query.types === undefined
  }

  /** `columns` are those of `record`; they are looked at only if `needsColumns`. */
  matches(record: ScannedRecord, columns: EngineColumns): boolean {
    const { types, transactions, pages, operations, isInternalShown } = this.#query
    if (this.#passesAll) return record.sort !== 'pad' || isInternalShown === true
    if (types !== undefined) {
      if (!types.has(record.sort === 'record' ? record.type : record.sort)) return false
    } else if (record.sort !== 'record') {
      return false
    }
    if (transactions !== undefined && !transactions.has(columns.transactionLSN)) return false
    if (pages !== undefined && !pages.has(columns.pageId)) return false
    return operations === undefined || operations.has(columns.operation)
  }
}
