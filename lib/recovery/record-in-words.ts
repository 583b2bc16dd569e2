import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { RecordDescription } from './describe-record.ts'

const bytesShownMax = 24

/**
 * A record as one line of text, and one more for each entry of a checkpoint. The same record gives
 * the same words each time: the wall clock of a checkpoint stays out.
 */
export function recordInWords(record: RecordDescription): string {
  const { lsn, kind, type, problem } = record
  const head = `${lsn} ${kind ?? `type ${type}`}`
  const parts = [...chain(record), ...change(record)]
  if (problem !== undefined) parts.push(`(${problem})`)
  const line = parts.length === 0 ? head : `${head}: ${parts.join(', ')}`
  return [line, ...tables(record)].join('\n')
}

/** An LSN; `-` when there is none. */
export function lsnInWords(lsn: LSN): string {
  return lsn === noLSN ? '-' : String(lsn)
}

/** Text where the bytes are printable ASCII, otherwise hexadecimal digits; shortened. */
export function bytesInWords(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, bytesShownMax)
  const isText = shown.length > 0 && shown.every((byte) => byte >= 0x20 && byte < 0x7f)
  const buffer = Buffer.from(shown.buffer, shown.byteOffset, shown.length)
  const words = isText ? `"${buffer.toString('latin1')}"` : `<${buffer.toString('hex')}>`
  return bytes.length > bytesShownMax ? `${words}... (${bytes.length} bytes)` : words
}

function chain({ transactionLSN, prevLSN, undoNextLSN }: RecordDescription): string[] {
  const words: string[] = []
  if (transactionLSN === noLSN) return ['of no transaction']
  if (transactionLSN !== undefined) words.push(`tx ${transactionLSN}`)
  if (prevLSN !== undefined) words.push(`prev ${lsnInWords(prevLSN)}`)
  if (undoNextLSN !== undefined) words.push(`undo next ${lsnInWords(undoNextLSN)}`)
  return words
}

function change(record: RecordDescription): string[] {
  const { pageId, operation, operationName, pageType, imageLSN, payload } = record
  if (pageId === undefined) return []
  if (pageId === 0) return ['no page']
  if (imageLSN !== undefined) {
    return [`page ${pageId}`, `${pageType ?? ''} page as of ${lsnInWords(imageLSN)}`]
  }
  const name = operationName ?? `operation ${operation ?? ''}`
  const details = fields(record) ?? [`payload ${bytesInWords(payload ?? new Uint8Array(0))}`]
  return [`page ${pageId}`, [name, ...details].join(' ')]
}

function fields({ fields: named }: RecordDescription): string[] | undefined {
  if (named === undefined) return undefined
  return Object.entries(named).map(([name, value]) => {
    return `${name} ${typeof value === 'object' ? bytesInWords(value) : String(value)}`
  })
}

function tables({ checkpoint }: RecordDescription): string[] {
  if (checkpoint === undefined) return []
  const { beginLSN, filePages, transactions, pages } = checkpoint
  return [
    `  begun at ${beginLSN}; the data file has room for ${filePages} pages`,
    ...transactions.map(({ transactionLSN, lastLSN, undoNextLSN }) => {
      return `  ATT: tx ${transactionLSN}, last ${lastLSN}, undo next ${lsnInWords(undoNextLSN)}`
    }),
    ...pages.map(({ pageId, recLSN }) => {
      return `  DPT: page ${pageId}, ${recLSN === noLSN ? 'given up' : `recLSN ${recLSN}`}`
    }),
  ]
}
