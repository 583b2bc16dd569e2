// From the rows of a native survey to records and gaps.
import {
  flagFirst,
  flagLast,
  kindIncarnation,
  kindRecord,
  recordAlignmentBytes,
} from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import {
  surveyColumn as column,
  surveyPageColumn as pageColumn,
  surveyVerdict,
} from '../../native/survey-binding.ts'
import type {
  PageCondition,
  RecordSort,
  ScannedGap,
  ScannedItem,
  ScannedRecord,
} from './survey-types.ts'

/** By SurveyVerdict. */
const problems: readonly (string | undefined)[] = [
  undefined,
  'its body does not match its checksum',
  'written by an earlier open than what stands before it',
  'written by a later open than the master record knows of',
  'its incarnation cannot begin here',
]

/** By GapReason in native/log/survey_scan.h. */
const reasons = [
  'nothing',
  'zeros',
  'a length that no record has',
  'a header that does not match its checksum',
  'a record of a kind that this version does not know',
  'a record whose end the files do not have',
  'the drive does not give these bytes',
  'a segment file that is missing or too short',
]

/** By PageFinding in native/page/page_survey.h. */
const conditions = ['valid', 'never written', 'damaged', 'misplaced', 'unreadable'] as const

const nothing = new Uint8Array(0)

/** A record of which more pieces are to come. */
interface Unfinished {
  record: ScannedRecord
  chunks: Uint8Array[]
  keptBytes: number
}

/** Puts the pieces of records together. Rows come in order. */
export class SurveyRows {
  readonly #from: LSN
  readonly #bodyBytesMax: number
  #unfinished: Unfinished | undefined

  constructor(from: LSN, bodyBytesMax: number) {
    this.#from = (Math.ceil(from / recordAlignmentBytes) * recordAlignmentBytes) as LSN
    this.#bodyBytesMax = bodyBytesMax
  }

  take(table: Float64Array, buffer: ArrayBuffer | undefined): ScannedItem[] {
    const items: ScannedItem[] = []
    for (let at = 0; at < table.length; at += column.count) {
      if (table[at + column.verdict] === surveyVerdict.gap) {
        this.#giveUp(items)
        items.push(gapAt(table, at, this.#from))
      } else {
        this.#piece(recordAt(table, at, buffer), table[at + column.flags] as number, items)
      }
    }
    return items
  }

  /** The record that the scan ended within, if any. */
  end(): ScannedItem[] {
    const items: ScannedItem[] = []
    this.#giveUp(items)
    return items
  }

  #piece(piece: ScannedRecord, flags: number, items: ScannedItem[]): void {
    const isFirst = (flags & flagFirst) !== 0
    const isLast = (flags & flagLast) !== 0
    if (isFirst) this.#giveUp(items)
    const before = this.#unfinished
    if (before === undefined && isFirst && isLast) {
      items.push(clipped(piece, this.#bodyBytesMax))
    } else if (before !== undefined) {
      this.#unfinished = join(before, piece, this.#bodyBytesMax)
      if (isLast) this.#finish(items)
    } else if (isFirst) {
      this.#unfinished = begin(piece, this.#bodyBytesMax)
    } else {
      const problem = piece.problem ?? 'its first pieces are missing'
      items.push(clipped({ ...piece, problem }, this.#bodyBytesMax))
    }
  }

  #finish(items: ScannedItem[]): void {
    const { record, chunks } = this.#unfinished as Unfinished
    this.#unfinished = undefined
    items.push({ ...record, body: Buffer.concat(chunks) })
  }

  #giveUp(items: ScannedItem[]): void {
    const unfinished = this.#unfinished
    if (unfinished === undefined) return
    const problem = unfinished.record.problem ?? 'its last pieces are missing'
    unfinished.record = { ...unfinished.record, problem }
    this.#finish(items)
  }
}

function begin(piece: ScannedRecord, bodyBytesMax: number): Unfinished {
  // The memory of the batch goes; pieces come in several batches.
  const kept = Uint8Array.from(piece.body.subarray(0, bodyBytesMax))
  return { record: piece, chunks: [kept], keptBytes: kept.length }
}

function join(before: Unfinished, piece: ScannedRecord, bodyBytesMax: number): Unfinished {
  const { record, chunks, keptBytes } = before
  const kept = Uint8Array.from(piece.body.subarray(0, Math.max(0, bodyBytesMax - keptBytes)))
  const problem = record.problem ?? piece.problem
  return {
    record: {
      ...record,
      nextLSN: piece.nextLSN,
      pieces: record.pieces + 1,
      bodyBytes: record.bodyBytes + piece.bodyBytes,
      ...(problem === undefined ? {} : { problem }),
    },
    chunks: kept.length > 0 ? [...chunks, kept] : chunks,
    keptBytes: keptBytes + kept.length,
  }
}

function clipped(record: ScannedRecord, bodyBytesMax: number): ScannedRecord {
  if (record.bodyBytes <= bodyBytesMax) return record
  return { ...record, body: record.body.subarray(0, bodyBytesMax) }
}

function recordAt(table: Float64Array, at: number, buffer: ArrayBuffer | undefined): ScannedRecord {
  const bodyBytes = table[at + column.bodyBytes] as number
  const problem = problems[table[at + column.verdict] as number]
  const record: ScannedRecord = {
    what: 'record',
    lsn: table[at + column.lsn] as LSN,
    nextLSN: table[at + column.nextLSN] as LSN,
    sort: sortOf(table[at + column.kind] as number),
    type: table[at + column.type] as number,
    incarnation: table[at + column.incarnation] as number,
    promiseLSN: table[at + column.promiseLSN] as LSN,
    pieces: 1,
    bodyBytes,
    body:
      buffer === undefined || bodyBytes === 0
        ? nothing
        : new Uint8Array(buffer, table[at + column.bodyOffset], bodyBytes),
  }
  return problem === undefined ? record : { ...record, problem }
}

function gapAt(table: Float64Array, at: number, from: LSN): ScannedGap {
  const lsn = table[at + column.lsn] as LSN
  return {
    what: 'gap',
    lsn,
    endLSN: table[at + column.nextLSN] as LSN,
    reason: reasons[table[at + column.reason] as number] ?? 'unknown',
    isZeros: table[at + column.onlyZeros] === 1,
    isAtStart: lsn === from,
  }
}

function sortOf(kind: number): RecordSort {
  if (kind === kindRecord) return 'record'
  return kind === kindIncarnation ? 'incarnation' : 'pad'
}

export function pageConditions(table: Float64Array): PageCondition[] {
  const pages: PageCondition[] = []
  for (let at = 0; at < table.length; at += pageColumn.count) {
    pages.push({
      pageId: table[at + pageColumn.pageId] as number,
      condition: conditions[table[at + pageColumn.finding] as number] ?? 'unreadable',
      pageLSN: table[at + pageColumn.pageLSN] as LSN,
      pageType: table[at + pageColumn.pageType] as number,
    })
  }
  return pages
}
