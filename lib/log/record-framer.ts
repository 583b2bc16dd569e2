import {
  flagFirst,
  flagLast,
  kindRecord,
  recordAlignmentBytes,
  recordHeader,
} from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'

const headerBytes = recordHeader.bytes
const lengthWord = recordHeader.recordBytes >> 2
const kindWord = recordHeader.type >> 2
const flagsShift = 24
const kindShift = 16
const lastFlagInWord = flagLast << flagsShift

/** Kind, flags and type as the one word of the header that holds all three. */
export function kindAndFlags(kind: number, flags: number): number {
  return (kind << kindShift) | (flags << flagsShift)
}

export const wholeRecord: number = kindAndFlags(kindRecord, flagFirst | flagLast)

/** What a body of `bodyBytes` takes up in the stream, header and gap included. */
export function streamBytes(bodyBytes: number): number {
  return (headerBytes + bodyBytes + recordAlignmentBytes - 1) & -recordAlignmentBytes
}

/** A record that is still in the buffer. */
export interface BufferedRecord {
  type: number
  body: Uint8Array
  nextLSN: LSN
}

/**
 * Writes records into the buffer that the native writer reads. Behind the end of the buffer there
 * is as much room again, so a record never wraps; the writer carries its end over. Only length,
 * kind, flags and type are written here; the writer adds incarnation, promise and checksums.
 *
 * The caller has made sure that there is room: nothing between the durable prefix and the end may
 * be overwritten.
 */
export class RecordFramer {
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #mask: number
  readonly bufferBytes: number
  // The buffer position of endLSN, kept beside it: a remainder of a number above 2^31 costs as
  // much as the whole append.
  #at: number
  /** Where the next record will start. */
  endLSN: LSN

  constructor(ring: ArrayBuffer, endLSN: LSN) {
    const bufferBytes = ring.byteLength / 2
    this.#bytes = new Uint8Array(ring)
    this.#words = new Uint32Array(ring)
    this.#mask = bufferBytes - 1
    this.bufferBytes = bufferBytes
    this.#at = endLSN % bufferBytes
    this.endLSN = endLSN
  }

  /** Frames one fragment with `kind` and flags from `kindAndFlags`. Returns its LSN. */
  frame(body: Uint8Array, kindWordValue: number, type: number): LSN {
    const bodyBytes = body.length
    const at = this.#at
    const word = at >> 2
    this.#words[word + lengthWord] = headerBytes + bodyBytes
    this.#words[word + kindWord] = kindWordValue | type
    this.#bytes.set(body, at + headerBytes)
    const size = streamBytes(bodyBytes)
    const lsn = this.endLSN
    this.#at = (at + size) & this.#mask
    this.endLSN = (lsn + size) as LSN
    return lsn
  }

  /** Frames a record of `bodyBytes` zeros. */
  frameZeros(bodyBytes: number, kindWordValue: number): void {
    const from = this.#at + headerBytes
    this.#bytes.fill(0, from, from + bodyBytes)
    this.frame(this.#bytes.subarray(from, from + bodyBytes), kindWordValue, 0)
  }

  /**
   * The record at `lsn`, copied; undefined when none starts there. Walks from `boundary`, which
   * is the start of a record
   * that is still in the buffer.
   */
  find(lsn: LSN, boundary: LSN): BufferedRecord | undefined {
    let at: number = boundary
    while (at < lsn) at += streamBytes(this.#bodyBytesAt(at))
    if (at !== lsn || at >= this.endLSN || !this.#isFirstRecord(at)) return undefined
    const type = this.#kindWordAt(at) & 0xffff
    const pieces: Uint8Array[] = []
    for (let more = true; more;) {
      if (at >= this.endLSN) return undefined
      const bodyBytes = this.#bodyBytesAt(at)
      const from = this.#position(at) + headerBytes
      pieces.push(this.#bytes.subarray(from, from + bodyBytes))
      more = (this.#kindWordAt(at) & lastFlagInWord) === 0
      at += streamBytes(bodyBytes)
    }
    return { type, body: Buffer.concat(pieces), nextLSN: at as LSN }
  }

  #isFirstRecord(lsn: number): boolean {
    const word = this.#kindWordAt(lsn)
    return ((word >>> kindShift) & 0xff) === kindRecord && ((word >>> flagsShift) & flagFirst) !== 0
  }

  #position(lsn: number): number {
    return (this.#at - (this.endLSN - lsn)) & this.#mask
  }

  #bodyBytesAt(lsn: number): number {
    return (this.#words[(this.#position(lsn) >> 2) + lengthWord] ?? 0) - headerBytes
  }

  #kindWordAt(lsn: number): number {
    return this.#words[(this.#position(lsn) >> 2) + kindWord] ?? 0
  }
}
