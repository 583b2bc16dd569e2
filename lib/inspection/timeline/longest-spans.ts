import type { LSN } from '../../format/lsn.ts'

export type Outcome = 'committed' | 'rolled back' | 'running'

/** A transaction on the time line. */
export interface TransactionSpan {
  /** Its first record. */
  readonly transactionLSN: LSN
  /** Its last one so far. */
  readonly lastLSN: LSN
  readonly outcome: Outcome
}

const keptMax = 200

/** The transactions that reach over most of the log: those that can be seen from afar. */
export class LongestSpans {
  #spans: TransactionSpan[] = []
  /** Shorter ones are not kept. */
  #bytesMin = 0

  note(span: TransactionSpan): void {
    if (bytesOf(span) < this.#bytesMin) return
    this.#spans.push(span)
    if (this.#spans.length >= 2 * keptMax) this.#shorten()
  }

  /** By first LSN. */
  values(): TransactionSpan[] {
    this.#shorten()
    return [...this.#spans].sort((a, b) => a.transactionLSN - b.transactionLSN)
  }

  #shorten(): void {
    if (this.#spans.length <= keptMax) return
    this.#spans.sort((a, b) => bytesOf(b) - bytesOf(a))
    this.#spans = this.#spans.slice(0, keptMax)
    this.#bytesMin = bytesOf(this.#spans[keptMax - 1] as TransactionSpan)
  }
}

function bytesOf({ transactionLSN, lastLSN }: TransactionSpan): number {
  return lastLSN - transactionLSN
}
