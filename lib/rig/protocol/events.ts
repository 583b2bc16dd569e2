/** What happened to a write, a flush or a transaction, in the order in which the agent saw it. */
export const eventKind = {
  /** The write `number` completed; writes up to `other` had been issued then. */
  written: 1,
  /** The same, for one that was to be durable when it completes (FUA). */
  writtenThrough: 2,
  /** Flush `number` is about to be issued: it covers every `written` before this event. */
  flushBegins: 3,
  flushed: 4,
  /** The promise of transaction `number` resolved; it changed `other` records. */
  committed: 5,
  rolledBack: 6,
  /** The operation `number` failed with errno `other`: it may have happened or not. */
  failed: 7,
} as const

const eventBytes = 16
const initialEvents = 64

/** Collects events for one frame. */
export class EventBuffer {
  #bytes = Buffer.alloc(initialEvents * eventBytes)
  #used = 0

  get isEmpty(): boolean {
    return this.#used === 0
  }

  add(kind: number, number: number, other = 0): void {
    if (this.#used === this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)])
    }
    this.#bytes.writeDoubleLE(number, this.#used)
    this.#bytes.writeUInt32LE(kind, this.#used + 8)
    // Writes are issued in order, so the distance always fits where the number itself may not.
    this.#bytes.writeInt32LE(other, this.#used + 12)
    this.#used += eventBytes
  }

  /** The payload of a frame, which the caller must not keep beyond the next `add`. */
  take(): Buffer {
    const payload = this.#bytes.subarray(0, this.#used)
    this.#used = 0
    return payload
  }
}

/** Calls `each` for every event of a frame's payload. */
export function forEachEvent(
  payload: Buffer,
  each: (kind: number, number: number, other: number) => void,
): void {
  for (let at = 0; at + eventBytes <= payload.length; at += eventBytes) {
    each(payload.readUInt32LE(at + 8), payload.readDoubleLE(at), payload.readInt32LE(at + 12))
  }
}
