import { absent, type EngineColumns } from '../../inspection/records/engine-columns.ts'
import type { Place } from '../../inspection/walk/log-walk.ts'
import { operationNameOf, typeNameOf } from '../../inspection/records/record-kinds.ts'
import { recordDetails } from '../../inspection/records/record-words.ts'
import type { LogTail, ScannedRecord } from '../../inspection/survey/survey-types.ts'
import type { Colours } from '../terminal/colour.ts'
import type { DumpLines, EmptyStretch } from './dump-lines.ts'
import { hexLines } from './hex-lines.ts'

const widths = { lsnMin: 10, type: 16, length: 8, page: 8, operation: 14 } as const
const none = '-'

const placeWords: Readonly<Record<Exclude<Place, 'in the log'>, string>> = {
  'before the log': '  (truncated)',
  'behind the end': '  (behind the end: an open cuts it off)',
}

/**
 * A line for each record in columns: every one but the last is a single word, so that `grep` and
 * `awk` can work on them. The names in the second one that are not types of records are damage,
 * truncated, leftover and log-end.
 */
export class TextLines implements DumpLines {
  readonly #isStore: boolean
  readonly #lsnWidth: number
  readonly #colours: Colours
  readonly #hexBytes: number | undefined

  /** `hexBytes`: of each body below its line. */
  constructor(isStore: boolean, endLSN: number, colours: Colours, hexBytes?: number) {
    this.#isStore = isStore
    this.#lsnWidth = Math.max(widths.lsnMin, String(endLSN).length)
    this.#colours = colours
    this.#hexBytes = hexBytes
  }

  head(): string {
    const start = this.#start('LSN', 'TYPE', 'LENGTH')
    return this.#colours.strong(
      `${start}${this.#storeColumns('TX', 'PAGE', 'OPERATION', 'PREV', 'UNDO-NEXT')}  DETAILS`,
    )
  }

  record(record: ScannedRecord, columns: EngineColumns, place: Place): string {
    const { lsn, bodyBytes, pieces, problem } = record
    let line = this.#start(String(lsn), typeNameOf(record, this.#isStore), String(bodyBytes))
    if (this.#isStore) line += this.#columnsOf(columns)
    const details = recordDetails(record, columns, this.#isStore)
    if (details !== '') line += `  ${details}`
    if (pieces > 1) line += `  in ${pieces} pieces`
    if (place !== 'in the log') line += placeWords[place]
    if (problem !== undefined) line += `  PROBLEM: ${problem}`
    if (problem !== undefined) line = this.#colours.bad(line)
    else if (place !== 'in the log') line = this.#colours.warning(line)
    else if (record.sort !== 'record') line = this.#colours.faint(line)
    return line
  }

  below({ sort, body, bodyBytes }: ScannedRecord): Iterable<string> | undefined {
    if (this.#hexBytes === undefined || bodyBytes === 0 || sort === 'pad') return undefined
    return hexLines(body, bodyBytes, this.#hexBytes)
  }

  empty(stretch: EmptyStretch): string {
    const { bad, warning, faint } = this.#colours
    switch (stretch.what) {
      case 'end': {
        const { tail, lsn } = stretch
        const line = this.#bytes('log-end', lsn, lsn, endInWords(tail))
        if (tail.verdict === 'damaged') return bad(line)
        return tail.verdict === 'torn' ? warning(line) : faint(line)
      }
      case 'truncated': {
        const words = 'the log was truncated before this could be read'
        return warning(this.#bytes('truncated', stretch.lsn, stretch.endLSN, words))
      }
      case 'damage': {
        const { lsn, endLSN, reason } = stretch.gap
        return bad(this.#bytes('damage', lsn, endLSN, `no records up to LSN ${endLSN}: ${reason}`))
      }
      case 'rest': {
        const { lsn, endLSN, isZeros, reason } = stretch.gap
        const words = isZeros ? 'zeros' : `no records up to LSN ${endLSN}: ${reason}`
        return faint(this.#bytes('leftover', lsn, endLSN, words))
      }
    }
  }

  #bytes(what: string, lsn: number, endLSN: number, words: string): string {
    const start = this.#start(String(lsn), what, endLSN === lsn ? none : String(endLSN - lsn))
    return `${start}${this.#storeColumns(none, none, none, none, none)}  ${words}`
  }

  #start(lsn: string, type: string, length: string): string {
    const what = `${type.padEnd(widths.type)} ${length.padStart(widths.length)}`
    return `${lsn.padStart(this.#lsnWidth)}  ${what}`
  }

  #columnsOf(columns: EngineColumns): string {
    return this.#storeColumns(
      lsnWord(columns.transactionLSN),
      columns.pageId === absent ? none : String(columns.pageId),
      columns.operation === absent ? none : operationNameOf(columns.operation),
      lsnWord(columns.prevLSN),
      lsnWord(columns.undoNextLSN),
    )
  }

  #storeColumns(tx: string, page: string, operation: string, prev: string, undo: string): string {
    if (!this.#isStore) return ''
    const width = this.#lsnWidth
    const change = `${page.padStart(widths.page)}  ${operation.padEnd(widths.operation)}`
    return `  ${tx.padStart(width)} ${change} ${prev.padStart(width)} ${undo.padStart(width)}`
  }
}

// LSN 0 stands for "no record".
function lsnWord(lsn: number): string {
  return lsn === absent || lsn === 0 ? none : String(lsn)
}

/** How the log ends. */
export function endInWords({ verdict, reason, closedCleanly, cutBytes }: LogTail): string {
  switch (verdict) {
    case 'new':
      return 'the log ends here: nothing was ever appended'
    case 'clean':
      return `the log ends here${closedCleanly ? ', closed in order' : ''}; behind it: ${reason}`
    case 'torn':
      return (
        `the log ends here; behind it: ${reason}; an open cuts off ${cutBytes} bytes ` +
        '(--past-end shows them)'
      )
    case 'damaged':
      return `an open refuses this log: ${reason}`
  }
}
