import type { EngineColumns } from '../../inspection/records/engine-columns.ts'
import type { Place } from '../../inspection/walk/log-walk.ts'
import { recordValue } from '../../inspection/records/record-value.ts'
import type { LogTail, ScannedRecord } from '../../inspection/survey/survey-types.ts'
import type { DumpLines, EmptyStretch } from './dump-lines.ts'

/** One JSON object a line; docs/DUMP.md has the fields. */
export class JsonLines implements DumpLines {
  readonly #isStore: boolean
  readonly #bodyBytes: number
  readonly #isHex: boolean

  /** `bodyBytes`: of each body. `isHex`: the body of a store's records, too, as it stands there. */
  constructor(isStore: boolean, bodyBytes: number, isHex: boolean) {
    this.#isStore = isStore
    this.#bodyBytes = bodyBytes
    this.#isHex = isHex
  }

  head(): undefined {
    return undefined
  }

  record(record: ScannedRecord, columns: EngineColumns, place: Place): string {
    const value = recordValue(record, columns, this.#isStore, this.#bodyBytes)
    if (place !== 'in the log') value.place = place
    if (this.#isHex) value.hex = this.#hex(record.body)
    return JSON.stringify(value)
  }

  below(): undefined {
    return undefined
  }

  empty(stretch: EmptyStretch): string {
    if (stretch.what === 'end')
      return JSON.stringify({ what: 'log-end', ...endValue(stretch.tail) })
    if (stretch.what === 'truncated') {
      const { lsn, endLSN } = stretch
      return JSON.stringify({ what: 'truncated', lsn, endLSN, bytes: endLSN - lsn })
    }
    const { lsn, endLSN, reason, isZeros } = stretch.gap
    const what = stretch.what === 'rest' ? 'leftover' : stretch.what
    return JSON.stringify({ what, lsn, endLSN, bytes: endLSN - lsn, reason, isZeros })
  }

  #hex(body: Uint8Array): string {
    const shown = Math.min(body.length, this.#bodyBytes)
    return Buffer.from(body.buffer, body.byteOffset, shown).toString('hex')
  }
}

/** Where and how the log ends. */
export function endValue(tail: LogTail): Readonly<Record<string, unknown>> {
  const { endLSN, verdict, reason, cutBytes, promiseLSN, closedCleanly, incarnation } = tail
  return { lsn: endLSN, verdict, reason, cutBytes, promiseLSN, closedCleanly, incarnation }
}
