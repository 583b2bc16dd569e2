import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Guard } from './rounds.ts'
import { spreadOf } from './spread.ts'

/** What a probe writes and syncs, how often, and when that is too slow. */
interface Probe {
  readonly bytes: number
  readonly writes: number
  /** So many times slower than the fastest probe is throttled, unless it is quick all the same. */
  readonly slowFactor: number
  readonly quickMs: number
}

// A bucket for operations and one for bytes: either can be empty.
const probes: readonly Probe[] = [
  { bytes: 4096, writes: 15, slowFactor: 8, quickMs: 2 },
  { bytes: 4 * 2 ** 20, writes: 3, slowFactor: 4, quickMs: 10 },
]
const pauseMs = 2000
// All pauses of a run together: whoever measures a disk that stays slow shall get numbers too.
const pausesMax = 60

/**
 * Virtual disks hand out I/O from a token bucket: when it is empty, every write takes milliseconds
 * instead of microseconds. What was measured then says nothing about anyone, so the guard notices
 * it, waits until it is over, and has it repeated.
 */
export class DiskGuard implements Guard {
  readonly #path: string
  readonly #file: number
  readonly #say: (text: string) => void
  readonly #bestMs = probes.map(() => Number.POSITIVE_INFINITY)
  /** For the report. */
  pauses = 0
  repeats = 0
  measurements = 0

  constructor(directory: string, say: (text: string) => void) {
    this.#path = join(directory, 'probe')
    this.#file = openSync(this.#path, 'w')
    this.#say = say
    // The first time makes the file; the second time overwrites it, as all others will.
    for (const { bytes } of probes) this.#timeWrite(bytes)
    this.isThrottled()
  }

  /** The fastest synced 4 KiB write so far, in milliseconds. */
  get bestMs(): number {
    return this.#bestMs[0] ?? Number.NaN
  }

  isThrottled(): boolean {
    return probes
      .map(({ bytes, writes, slowFactor, quickMs }, i) => {
        const took = spreadOf(Array.from({ length: writes }, () => this.#timeWrite(bytes))).median
        const best = Math.min(this.#bestMs[i] ?? took, took)
        this.#bestMs[i] = best
        return took > Math.max(quickMs, slowFactor * best)
      })
      .includes(true)
  }

  #timeWrite(bytes: number): number {
    const block = Buffer.alloc(bytes, 1)
    const started = performance.now()
    writeSync(this.#file, block, 0, bytes, 0)
    fdatasyncSync(this.#file)
    return performance.now() - started
  }

  /** Waits until the disk is fast again, two minutes in a run at most. */
  async waitUntilFast(): Promise<void> {
    for (let i = 0; this.pauses < pausesMax && this.isThrottled(); i++) {
      if (i === 0) this.#say('the disk is throttled (or used by others); waiting')
      this.pauses += 1
      await sleep(pauseMs)
    }
  }

  close(): void {
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
  }
}
