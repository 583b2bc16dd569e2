import { absent, type EngineColumns } from './engine-columns.ts'
import { operationNameOf, typeNameOf } from './record-kinds.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

/** Records of one sort, counted. */
export interface RecordTally {
  readonly name: string
  /** The number of the type or operation; the log's own records have none. */
  readonly number: number | undefined
  count: number
  /** Space in the log: headers and the gaps between records included. */
  logBytes: number
  bodyBytes: number
  largestBodyBytes: number
  largestLSN: number
}

/** Counts what is in a log, by type and by operation. Its size does not depend on the log's. */
export class RecordStatistics {
  readonly #isStore: boolean
  readonly #types = new Map<number | string, RecordTally>()
  readonly #operations = new Map<number, RecordTally>()
  readonly total: RecordTally = newTally('total', undefined)
  #firstLSN: number | undefined
  #endLSN = 0

  constructor(isStore: boolean) {
    this.#isStore = isStore
  }

  /** `columns` are those of `record`; they are looked at only in a store. */
  add(record: ScannedRecord, columns: EngineColumns): void {
    this.#firstLSN ??= record.lsn
    this.#endLSN = record.nextLSN
    count(this.total, record)
    count(this.#ofType(record), record)
    if (this.#isStore && columns.operation !== absent) {
      count(this.#ofOperation(columns.operation), record)
    }
  }

  /** Start of the first record that was counted and end of the last one. */
  get range(): { firstLSN: number; endLSN: number } | undefined {
    if (this.#firstLSN === undefined) return undefined
    return { firstLSN: this.#firstLSN, endLSN: this.#endLSN }
  }

  /** Most space first. */
  types(): readonly RecordTally[] {
    return byBytes(this.#types.values())
  }

  /** Of the store's updates and compensations; most space first. */
  operations(): readonly RecordTally[] {
    return byBytes(this.#operations.values())
  }

  #ofType(record: ScannedRecord): RecordTally {
    const key = record.sort === 'record' ? record.type : record.sort
    let tally = this.#types.get(key)
    if (tally === undefined) {
      const number = record.sort === 'record' ? record.type : undefined
      tally = newTally(typeNameOf(record, this.#isStore), number)
      this.#types.set(key, tally)
    }
    return tally
  }

  #ofOperation(operation: number): RecordTally {
    let tally = this.#operations.get(operation)
    if (tally === undefined) {
      tally = newTally(operationNameOf(operation), operation)
      this.#operations.set(operation, tally)
    }
    return tally
  }
}

function newTally(name: string, number: number | undefined): RecordTally {
  return {
    name,
    number,
    count: 0,
    logBytes: 0,
    bodyBytes: 0,
    largestBodyBytes: 0,
    largestLSN: 0,
  }
}

function count(tally: RecordTally, record: ScannedRecord): void {
  if (tally.count === 0 || record.bodyBytes > tally.largestBodyBytes) {
    tally.largestBodyBytes = record.bodyBytes
    tally.largestLSN = record.lsn
  }
  tally.count += 1
  tally.logBytes += record.nextLSN - record.lsn
  tally.bodyBytes += record.bodyBytes
}

function byBytes(tallies: Iterable<RecordTally>): RecordTally[] {
  return [...tallies].sort((a, b) => b.logBytes - a.logBytes || a.name.localeCompare(b.name))
}
