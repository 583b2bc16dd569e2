import type { LSN } from '../../format/lsn.ts'
import {
  type OpenSurvey,
  openSurvey,
  type SettledLog,
  type SurveySource,
} from '../survey/settled-log.ts'
import type { LogTail, ScannedGap, ScannedItem, ScannedRecord } from '../survey/survey-types.ts'

/**
 * Where something stands: in the log, before it (it was truncated, but its segment is still there),
 * or behind its end (an open would cut it off).
 */
export type Place = 'in the log' | 'before the log' | 'behind the end'

/** A part of a log: its records, or why there are none. */
export type Stretch =
  | {
      readonly what: 'records'
      readonly records: readonly ScannedRecord[]
      readonly place: Place
    }
  /** Bytes in which there should be records. */
  | { readonly what: 'damage'; readonly gap: ScannedGap }
  /** Bytes outside of the log that are no records: zeros, leftovers, half a record. */
  | { readonly what: 'rest'; readonly gap: ScannedGap }
  /** The log ends here; on damage, this is where its files do. */
  | { readonly what: 'end'; readonly lsn: LSN; readonly tail: LogTail }
  /** What was there was removed by truncateBefore before it could be read. */
  | { readonly what: 'truncated'; readonly lsn: LSN; readonly endLSN: LSN }

export interface WalkOptions {
  /** REQUIRES: a record starts there, or could. May lie before the log. */
  readonly from: LSN
  /** Records that start at or behind it are not walked over. */
  readonly to: LSN
  readonly bodyBytesMax: number
  /** Walk over what lies behind the end of the log, too. */
  readonly pastEnd?: boolean
  readonly open?: OpenSurvey
}

/**
 * Walks over the records of a log up to where it ends; over a damaged one to the end of its files.
 * Tells damage from the end of the log, and from what its owner truncates while it is read.
 *
 * The survey that it is given stays the caller's to close.
 */
export class LogWalk {
  readonly #log: SettledLog
  readonly #options: WalkOptions
  readonly #open: OpenSurvey
  #survey: SurveySource
  #position: LSN
  #lastRecordLSN: LSN | undefined

  constructor(log: SettledLog, options: WalkOptions) {
    this.#log = log
    this.#options = options
    this.#open = options.open ?? openSurvey
    this.#survey = log.survey
    this.#position = options.from
  }

  /** Everything before it was walked over. */
  get position(): LSN {
    return this.#position
  }

  async *stretches(): AsyncGenerator<Stretch, void, undefined> {
    const { to, pastEnd } = this.#options
    const { tail, survey } = this.#log
    const { oldestLSN, filesEndLSN } = survey.layout
    const isDamaged = tail.verdict === 'damaged'
    const endLSN = isDamaged ? filesEndLSN : lower(tail.endLSN, filesEndLSN)
    try {
      yield* this.#outside('before the log', this.#position, lower(to, oldestLSN))
      while (yield* this.#inLog(lower(to, endLSN)));
      if (to > endLSN) yield { what: 'end', lsn: endLSN, tail }
      if (pastEnd !== true || isDamaged) return
      // A scan begins at a record: one before the end makes it tell what stands right behind the
      // end.
      const from = this.#lastRecordLSN ?? this.#position
      yield* this.#outside('behind the end', from, lower(to, filesEndLSN))
    } finally {
      if (this.#survey !== survey) await this.#survey.close()
    }
  }

  // True: the log was truncated beyond the position; go on from there.
  async *#inLog(to: LSN): AsyncGenerator<Stretch, boolean, undefined> {
    let gaps: ScannedGap[] = []
    try {
      for await (const batch of this.#scan(this.#position, to)) {
        let looked = false
        for (const part of partsOf(batch, this.#position, to)) {
          if (isRun(part)) {
            yield* gaps.map((gap) => ({ what: 'damage' as const, gap }))
            gaps = []
            yield this.#passed(part, 'in the log')
            continue
          }
          // One look for all gaps of a batch: they were read before it.
          const truncated = looked ? undefined : await this.#truncatedSince(part.lsn)
          looked = true
          if (truncated !== undefined) {
            yield truncated
            return true
          }
          gaps.push(part)
          this.#position = part.endLSN
        }
      }
    } catch (error) {
      const truncated = await this.#truncatedSince(this.#position)
      if (truncated === undefined) throw error
      yield truncated
      return true
    }
    yield* gaps.flatMap((gap) => this.#atEnd(gap))
    return false
  }

  // Gaps that no record follows: below the promise there were records, behind it nobody knows of
  // any.
  #atEnd(gap: ScannedGap): Stretch[] {
    const { tail, survey } = this.#log
    const isDamaged = tail.verdict === 'damaged'
    // A writer was faster than the look at its files.
    if (!isDamaged && tail.endLSN > survey.layout.filesEndLSN) return [{ what: 'rest', gap }]
    const damageEnd = isDamaged ? tail.promiseLSN : tail.endLSN
    if (gap.endLSN <= damageEnd) return [{ what: 'damage', gap }]
    if (gap.lsn >= damageEnd) return [{ what: 'rest', gap }]
    return [
      { what: 'damage', gap: { ...gap, endLSN: damageEnd } },
      { what: 'rest', gap: { ...gap, lsn: damageEnd } },
    ]
  }

  async *#outside(place: Place, from: LSN, to: LSN): AsyncGenerator<Stretch, void, undefined> {
    if (this.#position >= to) return
    for await (const batch of this.#scan(from, to)) {
      for (const part of partsOf(batch, this.#position, to)) {
        if (isRun(part)) {
          yield this.#passed(part, place)
        } else {
          yield { what: 'rest', gap: part }
          this.#position = part.endLSN
        }
      }
    }
  }

  #scan(from: LSN, to: LSN): AsyncIterable<readonly ScannedItem[]> {
    return this.#survey.scan({ from, to, bodyBytesMax: this.#options.bodyBytesMax })
  }

  #passed(records: readonly ScannedRecord[], place: Place): Stretch {
    const last = records[records.length - 1] as ScannedRecord
    this.#lastRecordLSN = last.lsn
    this.#position = last.nextLSN
    return { what: 'records', records, place }
  }

  // A gap may be there because the owner of the log has just truncated it, and its segments are
  // gone or hold newer records.
  async #truncatedSince(lsn: LSN): Promise<Extract<Stretch, { what: 'truncated' }> | undefined> {
    const now = await this.#open(this.#survey.directory)
    const { oldestLSN } = now.layout
    if (oldestLSN <= lsn) {
      await now.close()
      return undefined
    }
    if (this.#survey !== this.#log.survey) await this.#survey.close()
    this.#survey = now
    this.#position = oldestLSN
    return { what: 'truncated', lsn, endLSN: oldestLSN }
  }
}

type Part = readonly ScannedRecord[] | ScannedGap

function isRun(part: Part): part is readonly ScannedRecord[] {
  return Array.isArray(part)
}

/**
 * Runs of records and the gaps between them. What lies before `position` and behind `to` is left
 * out.
 */
function* partsOf(
  items: readonly ScannedItem[],
  position: LSN,
  to: LSN,
): Generator<Part, void, undefined> {
  if (isRunFrom(items, position)) {
    if (items.length > 0) yield items
    return
  }
  let run: ScannedRecord[] = []
  for (const item of items) {
    if (item.what === 'record') {
      if (item.lsn >= position) run.push(item)
      continue
    }
    if (run.length > 0) yield run
    run = []
    const lsn = item.lsn < position ? position : item.lsn
    const endLSN = lower(item.endLSN, to)
    if (lsn < endLSN) yield { ...item, lsn, endLSN }
  }
  if (run.length > 0) yield run
}

// The common case: nothing has to be copied.
function isRunFrom(items: readonly ScannedItem[], position: LSN): items is ScannedRecord[] {
  if (items.length > 0 && (items[0] as ScannedItem).lsn < position) return false
  return items.every(({ what }) => what === 'record')
}

function lower(a: LSN, b: LSN): LSN {
  return a < b ? a : b
}
