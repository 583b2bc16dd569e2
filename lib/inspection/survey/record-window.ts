import type { LSN } from '../../format/lsn.ts'
import type { LogSurvey } from './log-survey.ts'
import type { ScannedRecord } from './survey-types.ts'

const windowBytes = 1024 * 1024

/**
 * Records by their LSN, for those who go backwards: what stands before the one that is asked for is
 * read with it.
 */
export class RecordWindow {
  readonly #survey: LogSurvey
  readonly #records = new Map<number, ScannedRecord>()

  constructor(survey: LogSurvey) {
    this.#survey = survey
  }

  /** The whole record at `lsn`; undefined when none begins there, or it is not good. */
  async at(lsn: LSN): Promise<ScannedRecord | undefined> {
    const known = this.#records.get(lsn)
    if (known !== undefined) return known
    this.#records.clear()
    const from = Math.max(this.#survey.layout.oldestLSN, lsn - windowBytes) as LSN
    for await (const items of this.#survey.scan({ from, to: (lsn + 1) as LSN })) {
      for (const item of items) {
        if (item.what !== 'record' || item.problem !== undefined) continue
        this.#records.set(item.lsn, item)
      }
    }
    return this.#records.get(lsn)
  }
}
