import { readLSN } from '../../format/engine-record.ts'
import { checkpointEndBody, recordEndCheckpoint } from '../../format/layout.ts'
import {
  describePayload,
  pageTypeName,
  type PayloadFields,
} from '../../operation/describe-payload.ts'
import { describeRecord, type RecordDescription } from '../../recovery/describe-record.ts'
import { lsnInWords } from '../../recovery/record-in-words.ts'
import { absent, type EngineColumns } from './engine-columns.ts'
import { isBuiltIn } from './record-kinds.ts'
import { decodeIncarnation } from '../survey/incarnations.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

const bytesShownMax = 24
const entriesShownMax = 8

/**
 * What stands in a record beside its fixed columns, on one line. `columns` are those of `record`;
 * they are looked at only in a store.
 */
export function recordDetails(
  record: ScannedRecord,
  columns: EngineColumns,
  isStore: boolean,
): string {
  if (record.sort === 'pad') return ''
  if (record.sort === 'incarnation') return incarnationInWords(record)
  if (!isStore) return someBytesInWords(record.body, record.bodyBytes)
  if (record.body.length < record.bodyBytes) return beginningInWords(record, columns)
  if (columns.operation !== absent) return changeInWords(record.body, columns)
  // An end of a transaction, or a compensation that changes nothing: the columns say it all.
  if (columns.transactionLSN !== absent) return ''
  return descriptionInWords(describeRecord(record.lsn, record.type, record.body), record)
}

/** A wall-clock time as it stands in the log: no number there may make this fail. */
export function timeInWords(milliseconds: number): string {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? `at ${milliseconds} ms` : date.toISOString()
}

function incarnationInWords({ incarnation, body }: ScannedRecord): string {
  const decoded = decodeIncarnation(body)
  if (decoded === undefined) return `incarnation ${incarnation}`
  const { previousIncarnation, openedAtMs, cutBytes } = decoded
  const cut = cutBytes === 0 ? '' : `, cut off ${cutBytes} bytes of a torn tail`
  const after = previousIncarnation === 0 ? '' : ` after ${previousIncarnation}`
  return `incarnation ${incarnation}${after}, opened ${timeInWords(openedAtMs)}${cut}`
}

// Of a body that was not read to its end.
function beginningInWords(record: ScannedRecord, columns: EngineColumns): string {
  const { type, body, bodyBytes } = record
  if (type === recordEndCheckpoint && body.length >= checkpointEndBody.bytes) {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    const transactions = view.getUint32(checkpointEndBody.transactionCount, true)
    const pages = view.getUint32(checkpointEndBody.pageCount, true)
    const begun = readLSN(view, checkpointEndBody.beginLSN)
    return `begun at ${begun}, ATT ${transactions}, DPT ${pages}`
  }
  const start = columns.payloadOffset === absent ? 0 : columns.payloadOffset
  return someBytesInWords(body.subarray(start), bodyBytes - start)
}

// Nearly all records are changes: a description of each would take most of the time of a dump.
function changeInWords(body: Uint8Array, columns: EngineColumns): string {
  const { operation, pageId } = columns
  const payload = body.subarray(columns.payloadOffset)
  const fields = describePayload(operation, pageId, payload)
  if (fields !== undefined) return fieldsInWords(fields)
  const words = someBytesInWords(payload, payload.length)
  return isBuiltIn(operation) ? `${words} (not a payload of this operation)` : words
}

function descriptionInWords(description: RecordDescription, record: ScannedRecord): string {
  const { kind, pageType, imageLSN, problem } = description
  const words: string[] = []
  if (kind === undefined) words.push(someBytesInWords(record.body, record.bodyBytes))
  else if (imageLSN !== undefined) {
    words.push(`${pageType ?? pageTypeName(0)} page as of ${lsnInWords(imageLSN)}`)
  }
  if (description.beganAtMs !== undefined) words.push(timeInWords(description.beganAtMs))
  if (description.checkpoint !== undefined) words.push(checkpointInWords(description.checkpoint))
  if (problem !== undefined) words.push(`(${problem})`)
  return words.join(' ')
}

function fieldsInWords(fields: PayloadFields): string {
  let words = ''
  for (const name in fields) {
    const value = fields[name]
    const shown = typeof value === 'object' ? someBytesInWords(value, value.length) : String(value)
    words += words === '' ? `${name} ${shown}` : ` ${name} ${shown}`
  }
  return words
}

function checkpointInWords(checkpoint: NonNullable<RecordDescription['checkpoint']>): string {
  const { beginLSN, filePages, transactions, pages } = checkpoint
  const running = entries(transactions, ({ transactionLSN, lastLSN, undoNextLSN }) => {
    return `tx ${transactionLSN} last ${lastLSN} undo-next ${lsnInWords(undoNextLSN)}`
  })
  const dirty = entries(pages, ({ pageId, recLSN }) => {
    return `page ${pageId} ${recLSN === 0 ? 'given up' : `recLSN ${recLSN}`}`
  })
  return `begun at ${beginLSN}, ${filePages} pages, ATT ${running}, DPT ${dirty}`
}

function entries<T>(list: readonly T[], inWords: (entry: T) => string): string {
  if (list.length === 0) return '0'
  const shown = list.slice(0, entriesShownMax).map(inWords)
  if (list.length > entriesShownMax) shown.push('...')
  return `${list.length} (${shown.join('; ')})`
}

/**
 * Bytes as text where they are printable ASCII, otherwise as hexadecimal digits; shortened. `bytes`
 * may be the first ones of `length`.
 */
export function someBytesInWords(bytes: Uint8Array, length: number): string {
  const shown = Math.min(bytes.length, bytesShownMax)
  let isText = shown > 0
  for (let i = 0; i < shown && isText; i++) {
    const byte = bytes[i] as number
    isText = byte >= 0x20 && byte < 0x7f
  }
  const words = isText ? `"${asText(bytes, shown)}"` : `<${asHex(bytes, shown)}>`
  return length > shown ? `${words}... (${length} bytes)` : words
}

// A few bytes: making a Buffer for them costs more.
function asText(bytes: Uint8Array, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function asHex(bytes: Uint8Array, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) text += hexDigits[bytes[i] as number] as string
  return text
}
