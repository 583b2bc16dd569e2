import { SeawallError } from '../errors.ts'
import type { Frame } from './frame.ts'

const undoPart = 1 / 4
const undoFramesMax = 16

/**
 * Frames of a pool that only undo may take. The undo of a record pins one page; a logical one those
 * that it asks for: 4 in the smallest pool are enough to split a node of a tree (parent, node, new
 * node, map).
 */
export function undoFrameCount(frameCount: number): number {
  return Math.min(undoFramesMax, Math.floor(frameCount * undoPart))
}

/** A transaction, seen by the pool: whether records of it are being undone. */
export interface Undoing {
  readonly undosRunning: number
}

interface Waiter {
  readonly undoing: Undoing
  readonly wake: () => void
}

/**
 * The frames kept for undo, so that no rollback fails for want of one while transactions pin all
 * others.
 *
 * Invariant: their pages are pinned by nobody but the owner, the one transaction that is undoing a
 * record with them. Whoever else wants such a page brings a free frame in exchange.
 *
 * Nobody waits for ever: the owner finds each of them free, or written soon, so it waits for the drive
 * alone: not for locks, which undo never asks for, nor for frames of another undo, which may be
 * waiting for these. So it comes to the end of the record, and the next one in the queue has them.
 */
export class UndoFrames {
  readonly #frames: Frame[]
  #owner: Undoing | undefined
  #waiters: Waiter[] = []

  constructor(frames: Frame[]) {
    this.#frames = frames
    for (const frame of frames) frame.isForUndo = true
  }

  find(pageId: number): Frame | undefined {
    return this.#frames.find((frame) => frame.pageId === pageId)
  }

  /** An empty frame, or one whose page can be given up. REQUIRES: its owner asks. */
  free(): Frame | undefined {
    return (
      this.#frames.find(({ pageId, pins }) => pageId === 0 && pins === 0) ??
      this.#frames.find(({ pins, isDirty }) => pins === 0 && !isDirty)
    )
  }

  /** `frame` is not for undo any more; `other`, which is empty, is. */
  exchange(frame: Frame, other: Frame): void {
    this.#frames[this.#frames.indexOf(frame)] = other
    frame.isForUndo = false
    other.isForUndo = true
  }

  /** Resolves when `undoing` is the owner: at once, or when those before it are through. */
  async own(undoing: Undoing): Promise<void> {
    while (this.#owner !== undoing) {
      // A logical undo did not wait for what it asked for.
      if (undoing.undosRunning === 0) throw new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED')
      if (this.#owner === undefined) this.#owner = undoing
      else await new Promise<void>((wake) => this.#waiters.push({ undoing, wake }))
    }
  }

  /** The undo of a record is over: the next one in the queue has the frames. */
  disown(undoing: Undoing): void {
    this.#wake(undoing)
    if (this.#owner !== undoing) return
    this.#owner = this.#waiters[0]?.undoing
    if (this.#owner !== undefined) this.#wake(this.#owner)
  }

  // One undo may wait several times.
  #wake(undoing: Undoing): void {
    const waiters = this.#waiters
    this.#waiters = waiters.filter((waiter) => waiter.undoing !== undoing)
    for (const waiter of waiters) if (waiter.undoing === undoing) waiter.wake()
  }

  [Symbol.iterator](): IterableIterator<Frame> {
    return this.#frames.values()
  }
}
