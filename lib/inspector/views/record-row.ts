import { absent, EngineColumns } from '../../inspection/records/engine-columns.ts'
import type { Place } from '../../inspection/walk/log-walk.ts'
import { operationNameOf, typeNameOf } from '../../inspection/records/record-kinds.ts'
import { recordDetails } from '../../inspection/records/record-words.ts'
import type { ScannedRecord } from '../../inspection/survey/survey-types.ts'

const wordsMax = 300

/** A record in a list. */
export interface RecordRow {
  readonly what: 'record'
  readonly lsn: number
  readonly nextLSN: number
  readonly typeName: string
  readonly bodyBytes: number
  readonly place: Place
  readonly words: string
  readonly problem?: string
  readonly transactionLSN?: number
  readonly pageId?: number
  readonly operation?: string
}

/** Bytes in which there should be records. */
export interface DamageRow {
  readonly what: 'damage'
  readonly lsn: number
  readonly nextLSN: number
  readonly words: string
}

/** Makes rows of records, one after the other. */
export class RecordRows {
  readonly #isStore: boolean
  readonly #columns = new EngineColumns()

  constructor(isStore: boolean) {
    this.#isStore = isStore
  }

  row(record: ScannedRecord, place: Place): RecordRow {
    const { lsn, nextLSN, bodyBytes, problem } = record
    const columns = this.#columns
    if (this.#isStore) columns.read(record)
    const { transactionLSN, pageId, operation } = columns
    return {
      what: 'record',
      ...{ lsn, nextLSN, bodyBytes, place },
      typeName: typeNameOf(record, this.#isStore),
      words: recordDetails(record, columns, this.#isStore).slice(0, wordsMax),
      ...(problem === undefined ? {} : { problem }),
      ...(transactionLSN === absent || transactionLSN === 0 ? {} : { transactionLSN }),
      ...(pageId === absent ? {} : { pageId }),
      ...(operation === absent ? {} : { operation: operationNameOf(operation) }),
    }
  }
}
