import type { LSN } from '../../format/lsn.ts'
import { decodeCheckpointEnd } from '../../format/engine-record.ts'
import { recordCommit, recordEnd, recordEndCheckpoint } from '../../format/layout.ts'
import { absent, EngineColumns } from '../records/engine-columns.ts'
import { type Incarnation, incarnationOf } from '../survey/incarnations.ts'
import { LongestSpans } from './longest-spans.ts'
import { LogWalk } from '../walk/log-walk.ts'
import { typeNameOf } from '../records/record-kinds.ts'
import type { SettledLog } from '../survey/settled-log.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

const bucketsMax = 1024
const listedMax = 1000
const typesMax = 32
const runningMax = 200_000
// More than the end record of any checkpoint that is worth a line in a list.
const bodyBytesMax = 4 * 1024 * 1024
/** Types beyond the first ones that were met. */
const otherTypes = 'other'

/** A stretch of the log, in numbers. */
export interface LogBucket {
  readonly lsn: LSN
  /** Records that begin here, and bytes that lie here, by type name. */
  readonly records: Record<string, number>
  readonly bytes: Record<string, number>
  problems: number
}

export interface IndexedCheckpoint {
  readonly beginLSN: LSN
  /** Its end record. */
  readonly lsn: LSN
  readonly transactions: number
  readonly pages: number
}

export interface IndexedProblem {
  readonly lsn: LSN
  readonly endLSN: LSN
  readonly reason: string
}

/** Counts a record where it begins, and its bytes wherever they lie. REQUIRES: buckets in a row. */
export function noteInBuckets(
  buckets: readonly LogBucket[],
  bucketBytes: number,
  { lsn, nextLSN }: ScannedRecord,
  typeName: string,
): void {
  const from = buckets[0]?.lsn ?? 0
  for (let at: number = lsn, i = Math.floor((lsn - from) / bucketBytes); at < nextLSN; i++) {
    const bucket = buckets[i]
    if (bucket === undefined) return
    if (at === lsn) bucket.records[typeName] = (bucket.records[typeName] ?? 0) + 1
    const end = Math.min(nextLSN, bucket.lsn + bucketBytes)
    bucket.bytes[typeName] = (bucket.bytes[typeName] ?? 0) + end - at
    at = end
  }
}

/**
 * A log at a glance, gathered in one scan in memory that does not grow with it: what stands where,
 * checkpoints, opens, damage, and the transactions that span most. Good for showing while the scan
 * goes on.
 */
export class LogIndex {
  readonly fromLSN: LSN
  readonly toLSN: LSN
  readonly bucketBytes: number
  readonly buckets: readonly LogBucket[]
  readonly checkpoints: IndexedCheckpoint[] = []
  readonly incarnations: Incarnation[] = []
  readonly problems: IndexedProblem[] = []
  problemCount = 0
  incarnationCount = 0
  checkpointCount = 0
  records = 0
  committed = 0
  rolledBack = 0
  /** The scan has come to here. */
  atLSN: LSN
  /** The owner of the log let it go up to here before it could be read. */
  truncatedToLSN: LSN | undefined
  isComplete = false
  readonly longest = new LongestSpans()
  readonly #log: SettledLog
  readonly #isStore: boolean
  readonly #typeNames = new Set<string>()
  readonly #columns = new EngineColumns()
  /** Where transactions that run were first and last seen, by first LSN. */
  readonly #running = new Map<number, LSN>()

  /** A damaged log is looked at to the end of its files. `isStore`: its records are an Engine's. */
  constructor(log: SettledLog, isStore: boolean) {
    const { tail } = log
    const { oldestLSN, filesEndLSN } = log.survey.layout
    this.#log = log
    this.fromLSN = oldestLSN
    this.toLSN = tail.verdict === 'damaged' ? filesEndLSN : tail.endLSN
    this.atLSN = oldestLSN
    this.#isStore = isStore
    const bytes = Math.max(0, this.toLSN - this.fromLSN)
    this.bucketBytes = Math.max(64, Math.ceil(bytes / bucketsMax / 8) * 8)
    this.buckets = Array.from({ length: Math.ceil(bytes / this.bucketBytes) }, (_, i) => ({
      lsn: (this.fromLSN + i * this.bucketBytes) as LSN,
      records: {},
      bytes: {},
      problems: 0,
    }))
  }

  /** The names of the types that were met, in the order of meeting. */
  get typeNames(): string[] {
    return [...this.#typeNames]
  }

  /** Transactions whose end has not been seen. */
  get running(): number {
    return this.#running.size
  }

  /**
   * Scans the log; stops when `signal` is aborted. Once.
   *
   * @throws what LogSurvey.scan throws
   */
  async build(signal: AbortSignal): Promise<void> {
    const range = { from: this.fromLSN, to: this.toLSN }
    for await (const stretch of new LogWalk(this.#log, { ...range, bodyBytesMax }).stretches()) {
      if (signal.aborted) return
      if (stretch.what === 'records') for (const record of stretch.records) this.#take(record)
      if (stretch.what === 'damage') this.#problem(stretch.gap)
      if (stretch.what === 'truncated') this.truncatedToLSN = stretch.endLSN
    }
    for (const [transactionLSN, lastLSN] of this.#running) {
      this.longest.note({ transactionLSN: transactionLSN as LSN, lastLSN, outcome: 'running' })
    }
    this.atLSN = this.toLSN
    this.isComplete = true
  }

  #take(record: ScannedRecord): void {
    const { lsn, nextLSN, problem } = record
    this.atLSN = lsn
    if (problem !== undefined) this.#problem({ lsn, endLSN: nextLSN, reason: problem })
    this.records += 1
    const name = this.#nameOf(record)
    noteInBuckets(this.buckets, this.bucketBytes, record, name)
    // What a record that is not good says of transactions nobody should believe.
    if (problem !== undefined) return
    const incarnation = incarnationOf(record)
    if (incarnation !== undefined) this.#incarnation(incarnation)
    if (this.#isStore) this.#takeEngineRecord(record)
  }

  #bucketOf(lsn: LSN): LogBucket | undefined {
    return this.buckets[Math.floor((lsn - this.fromLSN) / this.bucketBytes)]
  }

  #nameOf(record: ScannedRecord): string {
    const name = typeNameOf(record, this.#isStore)
    if (this.#typeNames.has(name)) return name
    if (this.#typeNames.size >= typesMax) return otherTypes
    this.#typeNames.add(name)
    return name
  }

  #takeEngineRecord(record: ScannedRecord): void {
    if (record.sort === 'record' && record.type === recordEndCheckpoint) this.#checkpoint(record)
    if (!this.#columns.read(record)) return
    const { transactionLSN } = this.#columns
    if (transactionLSN === absent || transactionLSN === 0) return
    const isCommit = record.type === recordCommit
    if (!isCommit && record.type !== recordEnd) {
      const isKnown = this.#running.has(transactionLSN)
      if (isKnown || this.#running.size < runningMax) this.#running.set(transactionLSN, record.lsn)
      return
    }
    this.#running.delete(transactionLSN)
    if (isCommit) this.committed += 1
    else this.rolledBack += 1
    const outcome = isCommit ? 'committed' : 'rolled back'
    this.longest.note({ transactionLSN: transactionLSN as LSN, lastLSN: record.lsn, outcome })
  }

  #checkpoint(record: ScannedRecord): void {
    const checkpoint = decodeCheckpointEnd(record.body)
    if (checkpoint === undefined) return
    this.checkpointCount += 1
    // The last ones count: those that tables are looked up from.
    if (this.checkpoints.length >= listedMax) this.checkpoints.shift()
    const { beginLSN, transactions, pages } = checkpoint
    const counts = { transactions: transactions.length, pages: pages.length }
    this.checkpoints.push({ beginLSN, lsn: record.lsn, ...counts })
  }

  // The last ones: those of today.
  #incarnation(incarnation: Incarnation): void {
    this.incarnationCount += 1
    if (this.incarnations.length >= listedMax) this.incarnations.shift()
    this.incarnations.push(incarnation)
  }

  #problem({ lsn, endLSN, reason }: IndexedProblem): void {
    this.problemCount += 1
    const bucket = this.#bucketOf(lsn)
    if (bucket !== undefined) bucket.problems += 1
    if (this.problems.length < listedMax) this.problems.push({ lsn, endLSN, reason })
  }
}
