import type { LSN } from '../../format/lsn.ts'
import type { SurveySource } from './settled-log.ts'
import type { ScannedRecord } from './survey-types.ts'

const firstWindowBytes = 1024 * 1024

/**
 * Where the last `count` records that `matches` accepts begin, below `endLSN`: reads backwards in
 * windows that double, so a long log is not read for a few records at its end.
 *
 * @returns `fromLSN` when there are fewer
 */
export async function startOfLast(
  survey: SurveySource,
  count: number,
  fromLSN: LSN,
  endLSN: LSN,
  bodyBytesMax: number,
  matches: (record: ScannedRecord) => boolean,
): Promise<LSN> {
  if (count === 0) return endLSN
  for (let windowBytes = firstWindowBytes; ; windowBytes *= 2) {
    const from = Math.max(fromLSN, endLSN - windowBytes) as LSN
    const last = new LastLSNs(count)
    // The window may begin within a record: its other pieces are none.
    let isBegun = from === fromLSN
    for await (const batch of survey.scan({ from, to: endLSN, bodyBytesMax })) {
      for (const item of batch) {
        if (item.what !== 'record') continue
        isBegun ||= item.problem === undefined
        if (isBegun && matches(item)) last.add(item.lsn)
      }
    }
    const start = last.oldest()
    if (start !== undefined) return start
    if (from === fromLSN) return fromLSN
  }
}

/** The last `count` numbers that were added: a ring. */
class LastLSNs {
  readonly #count: number
  readonly #ring: LSN[] = []
  #next = 0

  constructor(count: number) {
    this.#count = count
  }

  add(lsn: LSN): void {
    if (this.#ring.length < this.#count) this.#ring.push(lsn)
    else this.#ring[this.#next] = lsn
    this.#next = (this.#next + 1) % this.#count
  }

  /** Undefined: fewer than `count` were added. */
  oldest(): LSN | undefined {
    return this.#ring.length < this.#count ? undefined : this.#ring[this.#next]
  }
}
