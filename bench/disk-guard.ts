import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Guard } from './rounds.ts'
import { spreadOf } from './spread.ts'

const probeWrites = 15
const throttledUsMin = 2000
const throttledFactor = 8
const pauseMs = 2000
const pausesMax = 45

/**
 * Virtual disks hand out I/O from a token bucket: when it is empty, every write takes milliseconds
 * instead of microseconds. What was measured then says nothing about anyone, so the guard notices
 * it, waits until it is over, and has it repeated.
 */
export class DiskGuard implements Guard {
  readonly #path: string
  readonly #file: number
  readonly #say: (text: string) => void
  #bestUs = Number.POSITIVE_INFINITY
  /** For the report. */
  pauses = 0
  repeats = 0

  constructor(directory: string, say: (text: string) => void) {
    this.#path = join(directory, 'probe')
    this.#file = openSync(this.#path, 'w')
    this.#say = say
    this.#probe()
  }

  /** Median of a few synced 4 KiB writes, in microseconds. */
  #probe(): number {
    const block = Buffer.alloc(4096, 1)
    const took: number[] = []
    for (let i = 0; i < probeWrites; i++) {
      const started = performance.now()
      writeSync(this.#file, block, 0, block.length, 0)
      fdatasyncSync(this.#file)
      took.push((performance.now() - started) * 1000)
    }
    const { median } = spreadOf(took)
    this.#bestUs = Math.min(this.#bestUs, median)
    return median
  }

  get bestUs(): number {
    return this.#bestUs
  }

  isThrottled(): boolean {
    return this.#probe() > Math.max(throttledUsMin, throttledFactor * this.#bestUs)
  }

  /** Waits until the disk is fast again, at most a minute and a half. */
  async waitUntilFast(): Promise<void> {
    for (let i = 0; i < pausesMax && this.isThrottled(); i++) {
      if (i === 0) this.#say('the disk is throttled (synced writes take milliseconds); waiting')
      this.pauses += 1
      await sleep(pauseMs)
    }
  }

  close(): void {
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
  }
}
