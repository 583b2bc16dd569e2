import type { FoundRecord } from './protocol.ts'
import { hashOf, type RecordContents } from './record-content.ts'
import { type Violation, violation } from './violation.ts'

interface Issued {
  readonly index: number
  lsn: number | undefined
}

/**
 * What the log must hold after a kill, from what its clients reported before each call and after
 * it. D <= R <= I: what was acknowledged is there, in its order and byte by byte; what was asked for
 * and not acknowledged may be, up to some point; nothing else is.
 */
export class LogLedger {
  readonly #contents: RecordContents
  /** In the order of the log. The first ones are released when the log is truncated. */
  #records: Issued[] = []
  /** How many of them were acknowledged, or seen after a restart. */
  #durable = 0
  #oldestAsked = 0
  #oldestAnswered = 0
  #keptTo = 0
  acknowledged = 0

  constructor(contents: RecordContents) {
    this.#contents = contents
  }

  issue(index: number): void {
    this.#records.push({ index, lsn: undefined })
  }

  placed(index: number, lsn: number): void {
    const at = this.#findLast(index)
    const record = this.#records[at]
    if (record !== undefined) record.lsn = lsn
  }

  /** The log has refused it: it must never show. */
  rejected(index: number): void {
    const at = this.#findLast(index)
    if (at >= 0) this.#records.splice(at, 1)
  }

  /** The record and everything before it. */
  durable(index: number): void {
    this.acknowledged += 1
    this.#durable = Math.max(this.#durable, this.#findLast(index) + 1)
  }

  truncate(lsn: number): void {
    this.#oldestAsked = Math.max(this.#oldestAsked, lsn)
  }

  truncated(oldestLSN: number): void {
    this.#oldestAnswered = Math.max(this.#oldestAnswered, oldestLSN)
  }

  /** What a restart found is what all later ones must find (I5). */
  recovered(
    keptFrom: number,
    keptTo: number,
    found: readonly FoundRecord[],
  ): Violation | undefined {
    const wrong = this.#judgeRange(keptFrom, keptTo) ?? this.#judgeRecords(keptFrom, found)
    if (wrong !== undefined) return wrong
    this.#records.length = found.length
    for (const [i, [lsn]] of found.entries()) (this.#records[i] as Issued).lsn = lsn
    this.#durable = found.length
    this.#oldestAnswered = keptFrom
    this.#keptTo = keptTo
    return undefined
  }

  #findLast(index: number): number {
    return this.#records.findLastIndex((record) => record.index === index)
  }

  #judgeRange(keptFrom: number, keptTo: number): Violation | undefined {
    if (keptFrom < this.#oldestAnswered) {
      return violation(
        'I9',
        `the log begins at ${keptFrom} again; it was truncated before ${this.#oldestAnswered}`,
      )
    }
    if (keptFrom > Math.max(this.#oldestAsked, this.#oldestAnswered)) {
      return violation('I1', `the log begins at ${keptFrom}; nobody truncated it that far`)
    }
    if (keptTo < this.#keptTo) {
      return violation(
        'I5',
        `the log ends at ${keptTo}; an earlier restart kept it to ${this.#keptTo}`,
      )
    }
    return undefined
  }

  #judgeRecords(keptFrom: number, found: readonly FoundRecord[]): Violation | undefined {
    const released = this.#records.findIndex(({ lsn }) => lsn === undefined || lsn >= keptFrom)
    const first = released < 0 ? this.#records.length : released
    this.#records.splice(0, first)
    this.#durable = Math.max(0, this.#durable - first)
    let previous = keptFrom - 1
    for (const [i, record] of found.entries()) {
      const wrong = this.#judgeRecord(i, record, previous)
      if (wrong !== undefined) return wrong
      previous = record[0]
    }
    if (found.length < this.#durable) {
      const { index, lsn } = this.#records[found.length] as Issued
      const lost = this.#durable - found.length
      return violation(
        'I1',
        `${lost} acknowledged records are lost, from number ${index} at LSN ${lsn} on`,
      )
    }
    return undefined
  }

  #judgeRecord(i: number, found: FoundRecord, previous: number): Violation | undefined {
    const [lsn, type, bytes, hash] = found
    const expected = this.#records[i]
    const what = `the record at LSN ${lsn} (type ${type}, ${bytes} bytes)`
    if (lsn <= previous) return violation('I6', `${what} comes after LSN ${previous}`)
    if (expected === undefined) return violation('I3', `${what} was never asked for`)
    const { index } = expected
    if (expected.lsn !== undefined && expected.lsn !== lsn) {
      const oracle = i < this.#durable ? 'I1' : 'I4'
      return violation(oracle, `${what} is not number ${index}, which was put at ${expected.lsn}`)
    }
    const { type: expectedType, body } = this.#contents.of(index)
    if (type !== expectedType || bytes !== body.length || hash !== hashOf(body)) {
      return violation('I4', `${what} is not number ${index}, which comes here`)
    }
    return undefined
  }
}
