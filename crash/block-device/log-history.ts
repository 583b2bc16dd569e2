import type { Log, LSN } from '../../lib/index.ts'
import type { Random } from '../../test/support/random.ts'
import type { AllowedLog, FoundLog, RecordMark } from './log-oracle.ts'
import { BrokenPromise } from './subject.ts'

interface Issued {
  readonly mark: RecordMark
  readonly issuedAt: number
  acknowledgedAt: number
}

interface Truncation {
  readonly lsn: number
  readonly issuedAt: number
  acknowledgedAt: number
}

/**
 * What was asked of a log and when it was answered, in events of the device. An acknowledged record
 * vouches for all before it.
 */
export class LogHistory {
  readonly #events: () => number
  readonly #issued: Issued[]
  readonly #truncations: Truncation[]
  #endLSN: number
  #truncating: Promise<unknown> = Promise.resolve()
  acknowledged = 0

  constructor(found: FoundLog, events: () => number) {
    this.#events = events
    this.#issued = found.records.map((mark) => ({ mark, issuedAt: -1, acknowledgedAt: 0 }))
    this.#truncations = [{ lsn: found.oldestLSN, issuedAt: -1, acknowledgedAt: 0 }]
    this.#endLSN = found.endLSN
  }

  append(log: Log, body: Buffer, digest: string): void {
    const issuedAt = this.#events()
    this.#add(log.append(body), digest, issuedAt)
  }

  async commit(log: Log, body: Buffer, digest: string): Promise<void> {
    const issuedAt = this.#events()
    // As `commit`, but the LSN is known before the wait.
    const lsn = log.append(body)
    const issued = this.#add(lsn, digest, issuedAt)
    await log.flush(lsn)
    issued.acknowledgedAt = this.#events()
    this.acknowledged += 1
  }

  /** One at a time: two at once may come in any order. */
  async truncate(log: Log, lsn: LSN): Promise<void> {
    const before = this.#truncating
    const mine = before.catch(() => {}).then(() => this.#truncate(log, lsn))
    this.#truncating = mine
    await mine
  }

  someDurableLSN(oldestLSN: number, flushedLSN: number, random: Random): number | undefined {
    const kept = this.#issued.filter(({ mark }) => mark[0] >= oldestLSN && mark[0] < flushedLSN)
    return kept.length === 0 ? undefined : random.pick(kept).mark[0]
  }

  allowedAt(events: number): AllowedLog {
    const acknowledged = this.#truncations.findLastIndex((t) => t.acknowledgedAt <= events)
    const truncations = this.#truncations.slice(acknowledged)
    const beginnings = truncations.filter((t) => t.issuedAt < events).map(({ lsn }) => lsn)
    const first = this.#issued.findIndex(({ mark }) => mark[0] >= (beginnings[0] as number))
    const left = first < 0 ? [] : this.#issued.slice(first)
    const issued = left.filter(({ issuedAt }) => issuedAt < events).map(({ mark }) => mark)
    const durable = 1 + left.findLastIndex(({ acknowledgedAt }) => acknowledgedAt <= events)
    return { issued, durable, beginnings }
  }

  async #truncate(log: Log, lsn: LSN): Promise<void> {
    if (lsn <= log.oldestLSN) return
    const truncation = { lsn, issuedAt: this.#events(), acknowledgedAt: Infinity }
    this.#truncations.push(truncation)
    await log.truncateBefore(lsn)
    truncation.acknowledgedAt = this.#events()
  }

  #add(lsn: number, digest: string, issuedAt: number): Issued {
    if (lsn < this.#endLSN) {
      throw new BrokenPromise('I6', `LSN ${lsn} was given, the log had ended at ${this.#endLSN}`)
    }
    this.#endLSN = lsn + 1
    const issued = { mark: [lsn, digest] as RecordMark, issuedAt, acknowledgedAt: Infinity }
    this.#issued.push(issued)
    return issued
  }
}
