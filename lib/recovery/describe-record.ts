import { type CheckpointEnd, decodeCheckpointEnd, readLSN } from '../format/engine-record.ts'
import {
  checkpointBeginBody,
  checkpointEndBody,
  compensationBody,
  imageBody,
  recordBeginCheckpoint,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordEndCheckpoint,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  transactionBody,
  updateBody,
} from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import { describePayload, pageTypeName, type PayloadFields } from '../operation/describe-payload.ts'
import { builtInOperationName } from '../operation/registry.ts'

/** The engine's record types in words. */
export type RecordKind =
  | 'update'
  | 'compensation'
  | 'commit'
  | 'end'
  | 'page image'
  | 'page check'
  | 'begin checkpoint'
  | 'end checkpoint'

/** What a log record of the engine says. What its kind does not have is missing; LSN 0: none. */
export interface RecordDescription {
  readonly lsn: LSN
  /** Undefined: no engine writes records of this type. */
  readonly kind: RecordKind | undefined
  readonly type: number
  readonly bodyBytes: number
  /** Why the body could not be decoded. */
  readonly problem?: string
  /** The transaction's first record, which may be this one; 0: a change of the store itself. */
  readonly transactionLSN?: LSN
  readonly prevLSN?: LSN
  readonly undoNextLSN?: LSN
  /** 0: a compensation that changes nothing. */
  readonly pageId?: number
  readonly operation?: number
  /** Undefined for operations of the user's, unless `nameOf` knows them. */
  readonly operationName?: string
  readonly payload?: Uint8Array
  /** The payload of one of the engine's operations, decoded. */
  readonly fields?: PayloadFields
  readonly pageType?: string
  /** In a page image: the page's pageLSN. In a page check: the record that it was made after. */
  readonly imageLSN?: LSN
  readonly beganAtMs?: number
  readonly checkpoint?: CheckpointEnd
}

type Parts = Omit<RecordDescription, 'lsn' | 'type' | 'bodyBytes' | 'kind'>

interface Kind {
  readonly kind: RecordKind
  readonly bodyBytesMin: number
  readonly parts: (view: DataView, body: Uint8Array, lsn: LSN) => Parts
}

const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [recordUpdate, { kind: 'update', bodyBytesMin: updateBody.bytes, parts: updateParts }],
  [
    recordCompensation,
    { kind: 'compensation', bodyBytesMin: compensationBody.bytes, parts: compensationParts },
  ],
  [recordCommit, { kind: 'commit', bodyBytesMin: transactionBody.bytes, parts: endingParts }],
  [recordEnd, { kind: 'end', bodyBytesMin: transactionBody.bytes, parts: endingParts }],
  [recordPageImage, { kind: 'page image', bodyBytesMin: imageBody.bytes, parts: imageParts }],
  [recordPageCheck, { kind: 'page check', bodyBytesMin: imageBody.bytes, parts: imageParts }],
  [
    recordBeginCheckpoint,
    {
      kind: 'begin checkpoint',
      bodyBytesMin: checkpointBeginBody.bytes,
      parts: (view) => ({ beganAtMs: readLSN(view, checkpointBeginBody.beganAtMs) }),
    },
  ],
  [
    recordEndCheckpoint,
    { kind: 'end checkpoint', bodyBytesMin: checkpointEndBody.bytes, parts: checkpointParts },
  ],
])

/**
 * Takes a log record of the engine apart. Never throws: what cannot be decoded has a `problem`.
 *
 * `nameOf` gives the names of the user's operations, where they are known.
 */
export function describeRecord(
  lsn: LSN,
  type: number,
  body: Uint8Array,
  nameOf: (operation: number) => string | undefined = () => undefined,
): RecordDescription {
  const bodyBytes = body.length
  const kind = kinds.get(type)
  if (kind === undefined) {
    return { lsn, kind: undefined, type, bodyBytes, problem: 'no engine writes such a record' }
  }
  const description = { lsn, kind: kind.kind, type, bodyBytes }
  if (bodyBytes < kind.bodyBytesMin) {
    const problem = `the body has ${bodyBytes} bytes, at least ${kind.bodyBytesMin} are needed`
    return { ...description, problem }
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const parts = kind.parts(view, body, lsn)
  const { operation, operationName } = parts
  const usersName =
    operation === undefined || operationName !== undefined ? undefined : nameOf(operation)
  return {
    ...description,
    ...parts,
    ...(usersName === undefined ? {} : { operationName: usersName }),
  }
}

function updateParts(view: DataView, body: Uint8Array, lsn: LSN): Parts {
  return {
    transactionLSN: readLSN(view, updateBody.transactionLSN) || lsn,
    prevLSN: readLSN(view, updateBody.prevLSN),
    ...changeParts(
      view.getUint32(updateBody.pageId, true),
      view.getUint16(updateBody.operation, true),
      body.subarray(updateBody.bytes),
    ),
  }
}

function compensationParts(view: DataView, body: Uint8Array): Parts {
  const chain = {
    transactionLSN: readLSN(view, compensationBody.transactionLSN),
    prevLSN: readLSN(view, compensationBody.prevLSN),
    undoNextLSN: readLSN(view, compensationBody.undoNextLSN),
  }
  const pageId = view.getUint32(compensationBody.pageId, true)
  if (pageId === 0) return { ...chain, pageId }
  const operation = view.getUint16(compensationBody.operation, true)
  return { ...chain, ...changeParts(pageId, operation, body.subarray(compensationBody.bytes)) }
}

function changeParts(pageId: number, operation: number, payload: Uint8Array): Parts {
  const operationName = builtInOperationName(operation)
  const parts = { pageId, operation, payload }
  if (operationName === undefined) return parts
  const fields = describePayload(operation, pageId, payload)
  if (fields !== undefined) return { ...parts, operationName, fields }
  const problem = `${operationName} cannot have a payload of ${payload.length} bytes like this one`
  return { ...parts, operationName, problem }
}

function endingParts(view: DataView): Parts {
  return {
    transactionLSN: readLSN(view, transactionBody.transactionLSN),
    prevLSN: readLSN(view, transactionBody.prevLSN),
  }
}

function imageParts(view: DataView, body: Uint8Array): Parts {
  return {
    pageId: view.getUint32(imageBody.pageId, true),
    pageType: pageTypeName(view.getUint32(imageBody.pageType, true)),
    imageLSN: readLSN(view, imageBody.lsn),
    payload: body.subarray(imageBody.bytes),
  }
}

function checkpointParts(_: DataView, body: Uint8Array): Parts {
  const checkpoint = decodeCheckpointEnd(body)
  if (checkpoint === undefined) return { problem: 'its counts and its size contradict each other' }
  return { checkpoint }
}
