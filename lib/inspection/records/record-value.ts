import { describePayload, type PayloadFields } from '../../operation/describe-payload.ts'
import { describeRecord } from '../../recovery/describe-record.ts'
import { absent, type EngineColumns } from './engine-columns.ts'
import { decodeIncarnation } from '../survey/incarnations.ts'
import { isBuiltIn, operationNameOf, typeNameOf } from './record-kinds.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

/** A record as a value that JSON can hold: LSNs are numbers, bytes are base64. */
export type RecordValue = Record<string, unknown>

/**
 * Everything that a record says. Of bytes (a plain log's body, a payload, a page) at most
 * `bytesMax`; `isCut` is true when that was not all. `columns` are those of `record`; they are
 * looked at only in a store.
 */
export function recordValue(
  record: ScannedRecord,
  columns: EngineColumns,
  isStore: boolean,
  bytesMax: number,
): RecordValue {
  const { lsn, nextLSN, sort, bodyBytes, incarnation, promiseLSN } = record
  const value: RecordValue = { what: sort === 'pad' ? 'padding' : sort, lsn, nextLSN }
  if (sort === 'record') {
    value.type = record.type
    if (isStore) value.typeName = typeNameOf(record, isStore)
  }
  value.bodyBytes = bodyBytes
  value.incarnation = incarnation
  value.promiseLSN = promiseLSN
  if (record.pieces > 1) value.pieces = record.pieces
  if (record.problem !== undefined) value.problem = record.problem
  if (sort === 'incarnation') Object.assign(value, decodeIncarnation(record.body))
  else if (sort === 'record') addContent(value, record, columns, isStore, bytesMax)
  return value
}

function addContent(
  value: RecordValue,
  record: ScannedRecord,
  columns: EngineColumns,
  isStore: boolean,
  bytesMax: number,
): void {
  const { body, bodyBytes } = record
  const isWhole = body.length === bodyBytes
  if (!isStore || !isWhole) addBytes(value, 'body', body, bodyBytes, bytesMax)
  if (!isStore) return
  addColumns(value, columns)
  if (!isWhole) return
  if (columns.operation !== absent) addChange(value, record, columns, bytesMax)
  else if (columns.transactionLSN === absent) addDescription(value, record, bytesMax)
}

// LSN 0 stands for "no record" here, too.
function addColumns(value: RecordValue, columns: EngineColumns): void {
  const { transactionLSN, prevLSN, undoNextLSN, pageId, operation } = columns
  if (transactionLSN !== absent) value.transactionLSN = transactionLSN
  if (prevLSN !== absent) value.prevLSN = prevLSN
  if (undoNextLSN !== absent) value.undoNextLSN = undoNextLSN
  if (pageId !== absent) value.pageId = pageId
  if (operation === absent) return
  value.operation = operation
  if (isBuiltIn(operation)) value.operationName = operationNameOf(operation)
}

// Nearly all records are changes: a description of each would take most of the time of a dump.
function addChange(
  value: RecordValue,
  { body }: ScannedRecord,
  { operation, pageId, payloadOffset }: EngineColumns,
  bytesMax: number,
): void {
  const payload = body.subarray(payloadOffset)
  const fields = describePayload(operation, pageId, payload)
  if (fields !== undefined) {
    value.fields = fieldValues(fields, bytesMax)
    return
  }
  if (isBuiltIn(operation)) value.undecodable = 'not a payload of this operation'
  addBytes(value, 'payload', payload, payload.length, bytesMax)
}

function addDescription(value: RecordValue, record: ScannedRecord, bytesMax: number): void {
  const { kind, problem, payload, pageType, imageLSN, beganAtMs, checkpoint } = describeRecord(
    record.lsn,
    record.type,
    record.body,
  )
  if (problem !== undefined) value.undecodable = problem
  if (pageType !== undefined) value.pageType = pageType
  if (imageLSN !== undefined) value.imageLSN = imageLSN
  if (beganAtMs !== undefined) value.beganAtMs = beganAtMs
  if (checkpoint !== undefined) value.checkpoint = checkpoint
  if (payload !== undefined) addBytes(value, 'payload', payload, payload.length, bytesMax)
  if (kind === undefined || problem !== undefined) {
    addBytes(value, 'body', record.body, record.bodyBytes, bytesMax)
  }
}

function fieldValues(fields: PayloadFields, bytesMax: number): RecordValue {
  const value: RecordValue = {}
  for (const name in fields) {
    const field = fields[name]
    value[name] = typeof field === 'object' ? base64(field, bytesMax) : field
  }
  return value
}

function addBytes(
  value: RecordValue,
  name: string,
  bytes: Uint8Array,
  length: number,
  bytesMax: number,
): void {
  value[name] = base64(bytes, bytesMax)
  if (Math.min(bytes.length, bytesMax) < length) value.isCut = true
}

function base64(bytes: Uint8Array, bytesMax: number): string {
  const shown = Math.min(bytes.length, bytesMax)
  return Buffer.from(bytes.buffer, bytes.byteOffset, shown).toString('base64')
}
