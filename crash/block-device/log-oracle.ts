import { BrokenPromise } from './subject.ts'

/** [LSN, digest of the body] */
export type RecordMark = [number, string]

/** What a log showed. */
export interface FoundLog {
  readonly oldestLSN: number
  readonly endLSN: number
  readonly records: readonly RecordMark[]
}

/** What a log may show. */
export interface AllowedLog {
  /** Every record that was issued and that no acknowledged truncation released, in order. */
  readonly issued: readonly RecordMark[]
  /** So many of them must be there, if they were not released. */
  readonly durable: number
  /** Where the log may begin. */
  readonly beginnings: readonly number[]
}

/** The log is a prefix of what was issued, from an allowed beginning (I1, I3, I4). */
export function logViolation(found: FoundLog, allowed: AllowedLog): BrokenPromise | undefined {
  const { oldestLSN, records } = found
  const { issued, durable, beginnings } = allowed
  if (!beginnings.includes(oldestLSN)) {
    const message = `the log begins at ${oldestLSN}, not at one of ${beginnings.join(', ')}`
    return new BrokenPromise('I4', message)
  }
  const released = issued.findIndex(([lsn]) => lsn >= oldestLSN)
  const skipped = released < 0 ? issued.length : released
  for (const [at, [lsn, digest]] of records.entries()) {
    const expected = issued[skipped + at]
    if (expected === undefined) {
      return new BrokenPromise('I3', `a record at ${lsn} that nobody has written`)
    }
    if (expected[0] === lsn && expected[1] === digest) continue
    const where = expected[0] === lsn ? 'another body' : `one at ${expected[0]} expected`
    return new BrokenPromise('I3', `the record at ${lsn} is another: ${where}`)
  }
  const kept = skipped + records.length
  if (kept >= durable) return undefined
  const lost = String(issued[kept]?.[0])
  return new BrokenPromise('I1', `${durable - kept} acknowledged records are lost, from ${lost}`)
}

export function allowedExactly({ oldestLSN, records }: FoundLog): AllowedLog {
  return { issued: records, durable: records.length, beginnings: [oldestLSN] }
}
