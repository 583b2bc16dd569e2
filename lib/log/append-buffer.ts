import { SeawallError } from '../errors.ts'
import {
  blockBytesMin,
  flagFirst,
  flagLast,
  fragmentBodyBytesMax,
  kindPad,
  kindRecord,
  lsnMax,
  recordHeader,
} from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import { controlIndex, type NativeBinding, type NativeError } from '../native/binding.ts'
import { toPoisonedError, toSeawallError } from '../native/map-error.ts'
import type { LogStats } from './log-stats.ts'
import { kindAndFlags, RecordFramer, streamBytes, wholeRecord } from './record-framer.ts'

// What nobody waits for is handed to the writer in pieces of this size, so that it works while
// JavaScript goes on.
const publishBytes = 64 * 1024
// What somebody is about to wait for goes out with everything else of this turn of the microtask
// queue, in one batch, unless it is more than a batch of this thread should be (log_polled.cc).
const awaitedPublishBytes = 1024 * 1024
const awaitedPublishRecords = 128
type AppendStats = Pick<LogStats, 'appends' | 'appendBytes' | 'publishes'>

/** Of a log that is read-only. */
export const noAppends: AppendStats = { appends: 0, appendBytes: 0, publishes: 0 }

const wholePad = kindAndFlags(kindPad, flagFirst | flagLast)

/**
 * The appending side of a log: frames records where there is room, waits where there is none, and
 * tells the writer.
 *
 * Invariant: a record is framed whole or not at all. Before the first piece of a long record the
 * segments for all of it
 * are there, so that after it only a poisoned log can come between.
 */
export class AppendBuffer {
  readonly framer: RecordFramer
  readonly #binding: NativeBinding
  readonly #handle: number
  readonly #control: Float64Array
  readonly #pieceBytesMax: number
  readonly #padToBlock: boolean
  #publishedLSN: number
  #unpublishedRecords = 0
  #appends = 0
  #appendBytes = 0
  #publishes = 0

  constructor(
    binding: NativeBinding,
    handle: number,
    ring: ArrayBuffer,
    control: Float64Array,
    endLSN: LSN,
    padToBlock: boolean,
  ) {
    this.framer = new RecordFramer(ring, endLSN)
    this.#binding = binding
    this.#handle = handle
    this.#control = control
    this.#pieceBytesMax = Math.min(fragmentBodyBytesMax, ring.byteLength / 8)
    this.#padToBlock = padToBlock
    this.#publishedLSN = endLSN
  }

  get endLSN(): LSN {
    return this.framer.endLSN
  }

  /**
   * Everything from `lsn` on is still in the buffer. Not so behind the durable part of a long record
   * that is not durable as a whole: its beginning gives way to its end.
   */
  holds(lsn: LSN): boolean {
    return this.framer.endLSN - lsn <= this.framer.bufferBytes
  }

  /** The record at `lsn` while the buffer has it and everything from `flushedLSN` on. */
  find(lsn: LSN, flushedLSN: LSN): ReturnType<RecordFramer['find']> {
    return this.holds(flushedLSN) ? this.framer.find(lsn, flushedLSN) : undefined
  }

  get hasUnpublished(): boolean {
    return this.framer.endLSN > this.#publishedLSN
  }

  /**
   * Appends one record. Blocks while the buffer is full. Throws when there will be no room; then
   * nothing was appended. `isAwaited`: the caller publishes within this turn.
   */
  append(body: Uint8Array, type: number, isAwaited: boolean): LSN {
    const lsn =
      body.length > this.#pieceBytesMax
        ? this.#appendInPieces(body, type)
        : this.#appendWhole(body, type, isAwaited)
    this.#appends += 1
    this.#appendBytes += body.length
    return lsn
  }

  stats(): AppendStats {
    return {
      appends: this.#appends,
      appendBytes: this.#appendBytes,
      publishes: this.#publishes,
    }
  }

  /**
   * Tells the writer about everything framed. With `waiters` the native side will report the
   * flush. Returns true when
   * everything is durable already.
   */
  publish(waiters: number): boolean {
    if (this.#padToBlock && this.hasUnpublished) this.#pad()
    return this.#publishAsIs(waiters)
  }

  /** Publishes and makes everything durable before it returns. */
  flushSync(): void {
    if (this.#padToBlock && this.hasUnpublished) this.#pad()
    this.#unpublishedRecords = 0
    this.#publishedLSN = this.framer.endLSN
    this.#check(this.#binding.flushSync(this.#handle, this.framer.endLSN))
  }

  #publishAsIs(waiters: number): boolean {
    this.#publishes += 1
    this.#unpublishedRecords = 0
    this.#publishedLSN = this.framer.endLSN
    return this.#binding.publish(this.#handle, this.framer.endLSN, waiters)
  }

  #appendWhole(body: Uint8Array, type: number, isAwaited: boolean): LSN {
    const bytes = streamBytes(body.length)
    if (!this.#hasRoomFor(bytes)) {
      // Nothing is durable without the padding behind it, so that may move the record on.
      if (this.#padToBlock && this.hasUnpublished) this.#pad()
      this.#makeRoom(this.#paddedEnd(this.framer.endLSN + bytes))
    }
    const lsn = this.framer.frame(body, wholeRecord, type)
    this.#unpublishedRecords += 1
    const isOneBatch = isAwaited && this.#unpublishedRecords < awaitedPublishRecords
    const bytesMax = isOneBatch ? awaitedPublishBytes : publishBytes
    if (this.framer.endLSN - this.#publishedLSN >= bytesMax) this.publish(0)
    return lsn
  }

  #appendInPieces(body: Uint8Array, type: number): LSN {
    const pieceBytes = this.#pieceBytesMax
    const pieces = Math.ceil(body.length / pieceBytes)
    const end =
      this.framer.endLSN +
      (pieces - 1) * streamBytes(pieceBytes) +
      streamBytes(body.length % pieceBytes || pieceBytes)
    if (end > lsnMax) throw new SeawallError('ERR_SEAWALL_LSN_EXHAUSTED')
    this.#check(this.#binding.waitForSegments(this.#handle, this.#paddedEnd(end)))
    const lsn = this.framer.endLSN
    for (let piece = 0; piece < pieces; piece++) {
      const from = piece * pieceBytes
      const part = body.subarray(from, from + pieceBytes)
      const flags = (piece === 0 ? flagFirst : 0) | (piece === pieces - 1 ? flagLast : 0)
      const partEnd = this.framer.endLSN + streamBytes(part.length)
      if (partEnd > (this.#control[controlIndex.appendLimitLSN] as number)) this.#makeRoom(partEnd)
      this.framer.frame(part, kindAndFlags(kindRecord, flags), type)
      this.#publishAsIs(0)
    }
    return lsn
  }

  // With the padding behind it, so that padding never fails for want of room: a record that was
  // framed could not be taken back.
  #hasRoomFor(bytes: number): boolean {
    const limit = this.#control[controlIndex.appendLimitLSN] as number
    return this.#paddedEnd(this.framer.endLSN + bytes) <= limit
  }

  #paddedEnd(end: number): number {
    const used = end % blockBytesMin
    if (!this.#padToBlock || used === 0) return end
    const padBytes = blockBytesMin - used
    return end + padBytes + (padBytes < recordHeader.bytes ? blockBytesMin : 0)
  }

  // Between records only: the pieces of a record are published without padding.
  #pad(): void {
    const padBytes = this.#paddedEnd(this.framer.endLSN) - this.framer.endLSN
    if (padBytes === 0) return
    // Behind the pieces of a long record the buffer may be full.
    if (!this.#hasRoomFor(0)) this.#makeRoom(this.framer.endLSN + padBytes)
    this.framer.frameZeros(padBytes - recordHeader.bytes, wholePad)
  }

  #makeRoom(end: number): void {
    if (end > lsnMax) throw new SeawallError('ERR_SEAWALL_LSN_EXHAUSTED')
    this.#publishAsIs(0)
    this.#check(this.#binding.waitForSpace(this.#handle, end))
  }

  #check(error: NativeError | undefined): void {
    if (error === undefined) return
    throw this.#control[controlIndex.poisoned] === 1
      ? toPoisonedError(error)
      : toSeawallError(error)
  }
}
