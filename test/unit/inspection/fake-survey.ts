// A survey of a log that is a list: for what is decided about records without reading any.
import type { LSN } from '../../../lib/format/lsn.ts'
import type { SettledLog, SurveySource } from '../../../lib/inspection/survey/settled-log.ts'
import type {
  LogLayout,
  LogTail,
  MasterRecord,
  ScannedGap,
  ScannedItem,
  ScannedRecord,
} from '../../../lib/inspection/survey/survey-types.ts'

export function record(
  lsn: number,
  nextLSN: number,
  more: Partial<ScannedRecord> = {},
): ScannedRecord {
  return {
    what: 'record',
    lsn: lsn as LSN,
    nextLSN: nextLSN as LSN,
    sort: 'record',
    type: 0,
    incarnation: 1,
    promiseLSN: 0 as LSN,
    pieces: 1,
    bodyBytes: nextLSN - lsn - 24,
    body: new Uint8Array(Math.max(0, nextLSN - lsn - 24)),
    ...more,
  }
}

export function gap(lsn: number, endLSN: number, isZeros = false): ScannedGap {
  const reason = isZeros ? 'zeros' : 'garbage'
  return { what: 'gap', lsn: lsn as LSN, endLSN: endLSN as LSN, reason, isZeros, isAtStart: false }
}

export interface FakeLog {
  readonly items: readonly ScannedItem[]
  readonly oldestLSN?: number
  readonly filesEndLSN: number
  readonly logId?: string
  /** Of the master record that the survey was opened with. */
  readonly incarnation?: number
  readonly tail: Partial<LogTail> & { readonly endLSN: LSN }
}

/** Scans as a survey does: whatever overlaps the range, in batches of two. */
export class FakeSurvey implements SurveySource {
  readonly directory = '/fake'
  readonly layout: LogLayout
  readonly #log: FakeLog
  isOpen = true

  constructor(log: FakeLog) {
    this.#log = log
    const oldestLSN = (log.oldestLSN ?? 0) as LSN
    const { filesEndLSN, logId = 'a' } = log
    this.layout = {
      logId,
      oldestLSN,
      filesEndLSN: filesEndLSN as LSN,
      segmentBytes: 65536,
      blockBytes: 4096,
      slots: [{}, {}],
      master: log.incarnation === undefined ? undefined : masterOf(log.incarnation),
      segments: [],
      missingSegments: [],
      isStore: false,
    }
  }

  tail(): Promise<LogTail> {
    return Promise.resolve(tailOf(this.#log.tail))
  }

  async *scan({ from = 0, to = Number.MAX_SAFE_INTEGER } = {}): AsyncGenerator<
    ScannedItem[],
    void
  > {
    const items = this.#log.items.filter((item) => {
      const end = item.what === 'gap' ? item.endLSN : item.nextLSN
      return item.lsn < to && (item.what === 'gap' ? end > from : item.lsn >= from)
    })
    for (let i = 0; i < items.length; i += 2) yield items.slice(i, i + 2)
    await Promise.resolve()
  }

  close(): Promise<void> {
    this.isOpen = false
    return Promise.resolve()
  }
}

function masterOf(incarnation: number): MasterRecord {
  const zero = 0 as LSN
  return {
    logId: 'a',
    sequence: 1,
    incarnation,
    closedCleanly: false,
    segmentBytes: 65536,
    blockBytes: 4096,
    incarnationStartLSN: zero,
    promiseLSN: zero,
    oldestLSN: zero,
    lastSegment: 0,
    inFlightMaxBytes: 65536,
    checkpointLSN: zero,
    createdAtMs: 0,
  }
}

export function tailOf(tail: Partial<LogTail> & { readonly endLSN: LSN }): LogTail {
  return {
    verdict: 'clean',
    reason: 'zeros',
    closedCleanly: true,
    incarnation: 1,
    promiseLSN: tail.endLSN,
    cutBytes: 0,
    scannedFromLSN: 0 as LSN,
    scannedRecords: 0,
    ...tail,
  }
}

export function settled(log: FakeLog): SettledLog & { readonly survey: FakeSurvey } {
  return { survey: new FakeSurvey(log), tail: tailOf(log.tail) }
}
