import type { LSN } from '../../format/lsn.ts'
import type { Findings } from './finding.ts'
import type {
  LogTail,
  MasterRecord,
  ScannedGap,
  ScannedItem,
  ScannedRecord,
} from '../survey/survey-types.ts'
import { decodeIncarnation, type IncarnationBody } from '../survey/incarnations.ts'

/**
 * Checks the log as a row of records, whatever they mean: no gap below the end, every checksum,
 * the order of incarnations, and promises that do not go back. Takes the items of a scan in order.
 */
export class LogOrder {
  readonly #findings: Findings
  readonly #tail: LogTail
  readonly #master: MasterRecord | undefined
  /** What stands behind the end and may be nothing but leftovers. */
  #pending: (() => void)[] = []
  /** Record starts that the master record names, and what it says of them. */
  readonly #named: Map<number, string>
  #incarnation = 0
  #promiseLSN = 0
  #isFirst = true
  records = 0
  bytes = 0

  constructor(findings: Findings, tail: LogTail, master: MasterRecord | undefined) {
    this.#findings = findings
    this.#tail = tail
    this.#master = master
    this.#named = namedStarts(master, tail.endLSN)
  }

  /** True: a good record of the log, below its end. */
  take(item: ScannedItem): boolean {
    const isBehindEnd = item.lsn >= this.#tail.endLSN
    if (item.what === 'gap') {
      this.#note(isBehindEnd, () => this.#gap(item))
      return false
    }
    if (item.problem !== undefined) {
      this.#note(isBehindEnd, () => this.#damaged(item))
      return false
    }
    if (isBehindEnd) {
      // Behind damage a good record shows that what lies between was part of the log.
      if (this.#tail.verdict === 'damaged') for (const add of this.#pending) add()
      this.#pending = []
      return false
    }
    this.#record(item)
    return true
  }

  /** The scan is through. */
  end(): void {
    for (const [lsn, name] of this.#named) {
      const sentence = `no record begins at LSN ${lsn}, which the master record names as ${name}`
      this.#findings.add('master-contradiction', sentence, { lsn: lsn as LSN })
    }
  }

  #note(isBehindEnd: boolean, add: () => void): void {
    if (!isBehindEnd) add()
    else if (this.#tail.verdict === 'damaged' && this.#pending.length < pendingMax) {
      this.#pending.push(add)
    }
  }

  #gap({ lsn, endLSN, reason, isZeros }: ScannedGap): void {
    const what = isZeros ? 'zeros' : reason
    const sentence = `no record can be read from LSN ${lsn} to ${endLSN}: ${what}`
    this.#forgetNamed(lsn, endLSN)
    this.#findings.add('log-gap', sentence, { lsn })
  }

  #damaged({ lsn, nextLSN, problem = '' }: ScannedRecord): void {
    const sentence = `the record at LSN ${lsn} (${nextLSN - lsn} bytes) is not good: ${problem}`
    this.#forgetNamed(lsn, nextLSN)
    this.#findings.add('record-damaged', sentence, { lsn })
  }

  // What is damaged is said once.
  #forgetNamed(from: LSN, to: LSN): void {
    for (const lsn of this.#named.keys()) if (lsn >= from && lsn < to) this.#named.delete(lsn)
  }

  #record(record: ScannedRecord): void {
    this.records += 1
    this.bytes += record.nextLSN - record.lsn
    this.#named.delete(record.lsn)
    if (record.sort === 'incarnation') this.#incarnationBegins(record)
    this.#compareWithMaster(record)
    const { lsn, promiseLSN } = record
    if (promiseLSN > lsn || promiseLSN < this.#promiseLSN) {
      const sentence =
        `the record at LSN ${lsn} promises that all below ${promiseLSN} is durable; ` +
        `one before it promised ${this.#promiseLSN}`
      this.#findings.add('promise-broken', sentence, { lsn })
    }
    this.#promiseLSN = promiseLSN
    this.#incarnation = record.incarnation
    this.#isFirst = false
  }

  #incarnationBegins({ lsn, incarnation, body }: ScannedRecord): void {
    const decoded = decodeIncarnation(body)
    const problem = this.#incarnationProblem(decoded, incarnation)
    if (problem !== undefined) {
      const sentence = `incarnation ${incarnation} begins at LSN ${lsn}, ${problem}`
      this.#findings.add('record-order', sentence, { lsn })
    }
  }

  #compareWithMaster({ lsn, sort, incarnation }: ScannedRecord): void {
    if (this.#master === undefined || lsn !== this.#master.incarnationStartLSN) return
    if (sort === 'incarnation' && incarnation === this.#master.incarnation) return
    const sentence =
      `incarnation ${this.#master.incarnation} should begin at LSN ${lsn} as the master record ` +
      `says, and a record of incarnation ${incarnation} stands there`
    this.#findings.add('master-contradiction', sentence, { lsn })
  }

  #incarnationProblem(
    decoded: IncarnationBody | undefined,
    incarnation: number,
  ): string | undefined {
    if (decoded === undefined) return 'and its record is too short'
    if (decoded.previousIncarnation >= incarnation) {
      return `and says that ${decoded.previousIncarnation} was before it`
    }
    const isUnseen = this.#isFirst || decoded.previousIncarnation >= this.#incarnation
    return isUnseen
      ? undefined
      : `and says that ${decoded.previousIncarnation} was before it, but it was ${this.#incarnation}`
  }
}

const pendingMax = 1000

/** At each of these a record begins, unless it is the end of the log. */
function namedStarts(master: MasterRecord | undefined, endLSN: LSN): Map<number, string> {
  if (master === undefined) return new Map()
  const { oldestLSN, promiseLSN, incarnationStartLSN, checkpointLSN } = master
  const named: [number, string][] = [
    [oldestLSN, 'its beginning'],
    [promiseLSN, 'the end of what was durable'],
    [incarnationStartLSN, 'the start of the newest incarnation'],
    [checkpointLSN, 'the checkpoint'],
  ]
  const isInLog = (lsn: number): boolean => lsn >= oldestLSN && lsn < endLSN
  return new Map(named.filter(([lsn]) => isInLog(lsn)))
}
