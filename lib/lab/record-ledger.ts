import type { LivePlace } from './lab-store.ts'
import type { Place, RecordView } from './lab-types.ts'
import type { Acknowledgement, JudgedRecord } from './verdict.ts'

interface LedgerRecord {
  readonly number: number
  readonly committer: number
  readonly bytes: number
  /** What its acknowledgement will mean. */
  readonly mode: 'durable' | 'early'
  lsn: number
  place: Place
  acknowledgement: Acknowledgement
  acknowledgedIn?: Place
}

/** What happened to the records since they were last looked at. */
export interface PlaceChanges {
  toCache: number
  toMedia: number
}

/**
 * Every record that the lab's committers appended, what they were told about it, and where it is.
 * Kept outside the log, which is judged by it.
 */
export class RecordLedger {
  readonly #records: LedgerRecord[] = []
  // Those that may still move.
  #unsettled: LedgerRecord[] = []
  #next = 1
  appended = 0
  acknowledgedCount = 0

  /** A new record, about to be appended: its number. */
  begin(committer: number, bytes: number, mode: 'durable' | 'early'): number {
    const number = this.#next++
    const where = { lsn: -1, place: 'buffer', acknowledgement: 'none' } as const
    this.#records.push({ number, committer, bytes, mode, ...where })
    return number
  }

  setAppended(number: number, lsn: number): void {
    const record = this.#find(number)
    if (record === undefined) return
    record.lsn = lsn
    this.appended += 1
    this.#unsettled.push(record)
  }

  /** Returns the committer. */
  setAcknowledged(number: number): number | undefined {
    const record = this.#find(number)
    if (record === undefined) return undefined
    record.acknowledgement = record.mode
    record.acknowledgedIn = record.place
    this.acknowledgedCount += 1
    return record.committer
  }

  /** Asks for every record that is not on the media where it is now. */
  look(placeOf: (number: number, bytes: number, lsn: number) => LivePlace): PlaceChanges {
    const changes = { toCache: 0, toMedia: 0 }
    for (const record of this.#unsettled) {
      const place = placeOf(record.number, record.bytes, record.lsn)
      if (place === record.place) continue
      record.place = place
      if (place === 'cache') changes.toCache += 1
      if (place === 'media') changes.toMedia += 1
    }
    this.#unsettled = this.#unsettled.filter((record) => record.place !== 'media')
    return changes
  }

  /**
   * The power is gone. What was in the cache is uncertain, what was in the buffer is gone, unless
   * nobody can say what was where (`isBufferKnown`).
   */
  cutPower(isBufferKnown: boolean): { buffer: number; cache: number; media: number } {
    const before = { buffer: 0, cache: 0, media: 0 }
    this.#drop((record) => record.lsn >= 0)
    for (const { place } of this.#records)
      if (place === 'buffer' || place === 'cache' || place === 'media') before[place] += 1
    for (const record of this.#records) {
      if (record.place === 'buffer') record.place = isBufferKnown ? 'gone' : 'unknown'
      else if (record.place === 'cache') record.place = 'unknown'
    }
    this.#unsettled = []
    return before
  }

  /** Those that can still be there, with what was found. Afterwards each is on the media or gone. */
  settle(found: ReadonlySet<number>): JudgedRecord[] {
    const judged = this.#records.map(({ number, acknowledgement }) => {
      return { number, acknowledgement, hasSurvived: found.has(number) }
    })
    for (const record of this.#records) record.place = found.has(record.number) ? 'media' : 'gone'
    return judged
  }

  /** Recovery is over: what it has not found is forgotten, what it has found must stay. */
  goOn(): void {
    this.#drop((record) => record.place !== 'gone')
    for (const record of this.#records) record.acknowledgement = 'recovered'
  }

  countIn(place: Place): number {
    return this.#records.filter((record) => record.place === place).length
  }

  get count(): number {
    return this.#records.length
  }

  /** How many somebody was told of, and how. */
  answered(): { recovered: number; acknowledged: number; unanswered: number } {
    const count = (...kinds: Acknowledgement[]) =>
      this.#records.filter((record) => kinds.includes(record.acknowledgement)).length
    return {
      ...{ recovered: count('recovered'), acknowledged: count('durable', 'early') },
      unanswered: count('none'),
    }
  }

  /** The last `max` in each place, in order. */
  views(max: number): RecordView[] {
    const left = new Map<Place, number>()
    const views: RecordView[] = []
    for (let i = this.#records.length - 1; i >= 0; i--) {
      const record = this.#records[i] as LedgerRecord
      const viewed = left.get(record.place) ?? 0
      if (record.lsn < 0 || viewed === max) continue
      left.set(record.place, viewed + 1)
      views.push(viewOf(record))
    }
    return views.reverse()
  }

  #find(number: number): LedgerRecord | undefined {
    // Numbers ascend; the record is one of the last.
    for (let i = this.#records.length - 1; i >= 0; i--) {
      const record = this.#records[i] as LedgerRecord
      if (record.number === number) return record
      if (record.number < number) return undefined
    }
    return undefined
  }

  #drop(keeps: (record: LedgerRecord) => boolean): void {
    const kept = this.#records.filter(keeps)
    this.#records.splice(0, this.#records.length, ...kept)
  }
}

function viewOf(record: LedgerRecord): RecordView {
  const { number, committer, lsn, place, acknowledgedIn, acknowledgement } = record
  return {
    ...{ number, committer: committer + 1, lsn, place },
    ...(acknowledgedIn === undefined ? {} : { acknowledgedIn }),
    isRecovered: acknowledgement === 'recovered',
  }
}
