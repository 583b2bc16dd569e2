import {
  compensationBody,
  imageBody,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  transactionBody,
  updateBody,
} from '../../format/layout.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

/** A column that this record does not have. */
export const absent = -1

/**
 * The fixed fields of a store's record, read in place: for scans over millions of them. One object
 * is used for all; it holds the record of the last `read`. Fields that the record does not have are
 * `absent`.
 */
export class EngineColumns {
  transactionLSN = absent
  prevLSN = absent
  undoNextLSN = absent
  pageId = absent
  operation = absent
  /** Where the operation's payload or the page begins in the body; `absent`: neither is there. */
  payloadOffset = absent

  /** False: the record is not one of an engine's, or too short for its type. */
  read(record: ScannedRecord): boolean {
    this.#clear()
    const { body } = record
    if (record.sort !== 'record') return false
    switch (record.type) {
      case recordUpdate:
        if (body.length < updateBody.bytes) return false
        this.transactionLSN = lsnAt(body, updateBody.transactionLSN) || record.lsn
        this.prevLSN = lsnAt(body, updateBody.prevLSN)
        this.pageId = uint32At(body, updateBody.pageId)
        this.operation = uint16At(body, updateBody.operation)
        this.payloadOffset = updateBody.bytes
        return true
      case recordCompensation:
        if (body.length < compensationBody.bytes) return false
        this.#readCompensation(body)
        return true
      case recordCommit:
      case recordEnd:
        if (body.length < transactionBody.bytes) return false
        this.transactionLSN = lsnAt(body, transactionBody.transactionLSN)
        this.prevLSN = lsnAt(body, transactionBody.prevLSN)
        return true
      case recordPageImage:
      case recordPageCheck:
        if (body.length < imageBody.bytes) return false
        this.pageId = uint32At(body, imageBody.pageId)
        this.payloadOffset = imageBody.bytes
        return true
      default:
        return false
    }
  }

  // Of page 0: it changes nothing, and what stands for its operation means nothing.
  #readCompensation(body: Uint8Array): void {
    this.transactionLSN = lsnAt(body, compensationBody.transactionLSN)
    this.prevLSN = lsnAt(body, compensationBody.prevLSN)
    this.undoNextLSN = lsnAt(body, compensationBody.undoNextLSN)
    const pageId = uint32At(body, compensationBody.pageId)
    if (pageId === 0) return
    this.pageId = pageId
    this.operation = uint16At(body, compensationBody.operation)
    this.payloadOffset = compensationBody.bytes
  }

  #clear(): void {
    this.transactionLSN = absent
    this.prevLSN = absent
    this.undoNextLSN = absent
    this.pageId = absent
    this.operation = absent
    this.payloadOffset = absent
  }
}

/** As much of a body as `EngineColumns` looks at. */
export const columnsBodyBytes = Math.max(
  updateBody.bytes,
  compensationBody.bytes,
  transactionBody.bytes,
  imageBody.bytes,
)

// REQUIRES, all three: the bytes are there.
function uint16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (uint16At(bytes, at) | (uint16At(bytes, at + 2) << 16)) >>> 0
}

function lsnAt(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at) + uint32At(bytes, at + 4) * 2 ** 32
}
