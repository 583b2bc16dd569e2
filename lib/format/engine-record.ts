import {
  checkpointBeginBody,
  checkpointEndBody,
  compensationBody,
  imageBody,
  pageEntry,
  transactionBody,
  transactionEntry,
  updateBody,
} from './layout.ts'
import type { LSN } from './lsn.ts'

const twoTo32 = 2 ** 32

/** "No record": LSN 0 is never that of an engine's record. */
export const noLSN: LSN = 0 as LSN

export function readLSN(view: DataView, at: number): LSN {
  return (view.getUint32(at, true) + view.getUint32(at + 4, true) * twoTo32) as LSN
}

export function writeLSN(view: DataView, at: number, lsn: LSN): void {
  view.setUint32(at, lsn >>> 0, true)
  view.setUint32(at + 4, Math.floor(lsn / twoTo32), true)
}

/** A running transaction in a checkpoint (ATT). */
export interface TransactionEntry {
  readonly transactionLSN: LSN
  readonly lastLSN: LSN
  readonly undoNextLSN: LSN
}

/** A dirty page in a checkpoint (DPT). */
export interface PageEntry {
  readonly pageId: number
  readonly recLSN: LSN
}

export interface CheckpointEnd {
  readonly beginLSN: LSN
  readonly filePages: number
  readonly transactions: readonly TransactionEntry[]
  readonly pages: readonly PageEntry[]
}

const initialBytes = 64 * 1024

/**
 * Writes the bodies of the engine's log records; the offsets come from native/format/layout.def.
 * Every method returns a view of one buffer, which is good until the next call.
 */
export class EngineRecordEncoder {
  #bytes = new Uint8Array(initialBytes)
  #view = new DataView(this.#bytes.buffer)

  update(
    transactionLSN: LSN,
    prevLSN: LSN,
    pageId: number,
    operation: number,
    payload: Uint8Array,
  ): Uint8Array {
    this.#change(updateBody, transactionLSN, prevLSN, pageId, operation, payload)
    return this.#withPayload(updateBody.bytes, payload)
  }

  compensation(
    transactionLSN: LSN,
    prevLSN: LSN,
    undoNextLSN: LSN,
    pageId: number,
    operation: number,
    payload: Uint8Array,
  ): Uint8Array {
    const layout = compensationBody
    const view = this.#change(layout, transactionLSN, prevLSN, pageId, operation, payload)
    writeLSN(view, layout.undoNextLSN, undoNextLSN)
    return this.#withPayload(compensationBody.bytes, payload)
  }

  /** Of a commit and of an end. */
  transaction(transactionLSN: LSN, prevLSN: LSN): Uint8Array {
    const view = this.#room(transactionBody.bytes)
    writeLSN(view, transactionBody.transactionLSN, transactionLSN)
    writeLSN(view, transactionBody.prevLSN, prevLSN)
    return this.#bytes.subarray(0, transactionBody.bytes)
  }

  image(pageId: number, pageType: number, lsn: LSN, body: Uint8Array): Uint8Array {
    const view = this.#room(imageBody.bytes + body.length)
    view.setUint32(imageBody.pageId, pageId, true)
    view.setUint32(imageBody.pageType, pageType, true)
    writeLSN(view, imageBody.lsn, lsn)
    return this.#withPayload(imageBody.bytes, body)
  }

  beginCheckpoint(nowMs: number): Uint8Array {
    const view = this.#room(checkpointBeginBody.bytes)
    writeLSN(view, checkpointBeginBody.beganAtMs, nowMs as LSN)
    return this.#bytes.subarray(0, checkpointBeginBody.bytes)
  }

  endCheckpoint(checkpoint: CheckpointEnd): Uint8Array {
    const { beginLSN, filePages, transactions, pages } = checkpoint
    const bytes = checkpointEndBytes(transactions.length, pages.length)
    const view = this.#room(bytes)
    this.#bytes.fill(0, 0, bytes)
    writeLSN(view, checkpointEndBody.beginLSN, beginLSN)
    view.setUint32(checkpointEndBody.transactionCount, transactions.length, true)
    view.setUint32(checkpointEndBody.pageCount, pages.length, true)
    view.setUint32(checkpointEndBody.filePages, filePages, true)
    let at: number = checkpointEndBody.bytes
    for (const entry of transactions) {
      writeLSN(view, at + transactionEntry.transactionLSN, entry.transactionLSN)
      writeLSN(view, at + transactionEntry.lastLSN, entry.lastLSN)
      writeLSN(view, at + transactionEntry.undoNextLSN, entry.undoNextLSN)
      at += transactionEntry.bytes
    }
    for (const entry of pages) {
      writeLSN(view, at + pageEntry.recLSN, entry.recLSN)
      view.setUint32(at + pageEntry.pageId, entry.pageId, true)
      at += pageEntry.bytes
    }
    return this.#bytes.subarray(0, bytes)
  }

  // What an update and a compensation have in common. The upper half of the operation's word is
  // reserved, and zero.
  #change(
    layout: typeof updateBody | typeof compensationBody,
    transactionLSN: LSN,
    prevLSN: LSN,
    pageId: number,
    operation: number,
    payload: Uint8Array,
  ): DataView {
    const view = this.#room(layout.bytes + payload.length)
    writeLSN(view, layout.transactionLSN, transactionLSN)
    writeLSN(view, layout.prevLSN, prevLSN)
    view.setUint32(layout.pageId, pageId, true)
    view.setUint32(layout.operation, operation, true)
    return view
  }

  #room(bytes: number): DataView {
    if (bytes > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * bytes)
      this.#view = new DataView(this.#bytes.buffer)
    }
    return this.#view
  }

  #withPayload(at: number, payload: Uint8Array): Uint8Array {
    this.#bytes.set(payload, at)
    return this.#bytes.subarray(0, at + payload.length)
  }
}

/** Size of the body of an end-checkpoint record. */
export function checkpointEndBytes(transactionCount: number, pageCount: number): number {
  return (
    checkpointEndBody.bytes +
    transactionCount * transactionEntry.bytes +
    pageCount * pageEntry.bytes
  )
}

/** Undefined when the body contradicts itself. */
export function decodeCheckpointEnd(body: Uint8Array): CheckpointEnd | undefined {
  if (body.length < checkpointEndBody.bytes) return undefined
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const transactionCount = view.getUint32(checkpointEndBody.transactionCount, true)
  const pageCount = view.getUint32(checkpointEndBody.pageCount, true)
  if (body.length !== checkpointEndBytes(transactionCount, pageCount)) return undefined
  let at: number = checkpointEndBody.bytes
  const transactions: TransactionEntry[] = []
  for (let i = 0; i < transactionCount; i++, at += transactionEntry.bytes) {
    transactions.push({
      transactionLSN: readLSN(view, at + transactionEntry.transactionLSN),
      lastLSN: readLSN(view, at + transactionEntry.lastLSN),
      undoNextLSN: readLSN(view, at + transactionEntry.undoNextLSN),
    })
  }
  const pages: PageEntry[] = []
  for (let i = 0; i < pageCount; i++, at += pageEntry.bytes) {
    pages.push({
      pageId: view.getUint32(at + pageEntry.pageId, true),
      recLSN: readLSN(view, at + pageEntry.recLSN),
    })
  }
  return {
    beginLSN: readLSN(view, checkpointEndBody.beginLSN),
    filePages: view.getUint32(checkpointEndBody.filePages, true),
    transactions,
    pages,
  }
}
