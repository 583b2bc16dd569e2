import { createRequire } from 'node:module'
import { setImmediate as hostTurn } from 'node:timers/promises'

import { steppedBinding } from '../stepped-world.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { type CutSurvival, WatchedDisk } from './watched-disk.ts'

interface SteppedAddon {
  stepperStart(seed: number): void
  stepperTime(ms: number): void
  stepperCount(): number
  stepperStep(index: number): void
  stepperAbandon(): void
}

const addon = createRequire(import.meta.url)(steppedBinding) as SteppedAddon

// The addon's steps are those of one machine.
let isTaken = false

/**
 * A computer with one disk for the lab: everything that a log in it does happens one step at a time,
 * and every change of the disk can be looked at, and the power be cut there, before the log learns of
 * it. One at a time in a process.
 */
export class SimulatedMachine {
  readonly nativeBinding = steppedBinding
  #clock = new VirtualClock()
  #disk = WatchedDisk.empty()
  #lies = false

  constructor(seed: number) {
    if (isTaken) throw new Error('there is one simulated machine in this process already')
    isTaken = true
    addon.stepperStart(seed)
  }

  /** Another one after each power cut: the timers of a log end with it. */
  get clock(): VirtualClock {
    return this.#clock
  }

  /** Returns the directory for a log on the disk. */
  mount(): string {
    return this.#disk.mount()
  }

  /** Changes of the disk that have happened and are not shown; the log has not heard of them. */
  get unshown(): number {
    return this.#disk.unshown
  }

  /** Shows the next change; false when there is none. */
  showNext(): boolean {
    return this.#disk.showNext()
  }

  /** Lets the log make a step; false when it cannot without more time. */
  async step(): Promise<boolean> {
    await hostTurn()
    const hasStepped = this.#clock.giveTurns() || this.#stepAddon()
    await hostTurn()
    return hasStepped
  }

  async passTime(durationMs: number): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + durationMs
    while (this.#clock.advance(untilMs)) await hostTurn()
    addon.stepperTime(untilMs)
    await hostTurn()
  }

  /** Makes steps until `work` is done; the disk is shown as it is then. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    while (true) {
      await hostTurn()
      if (isDone) break
      if (!(await this.step())) await this.passTime(1)
    }
    while (this.showNext());
    return work
  }

  /** A reader finds `bytes` at `offset` of segment `segment`. */
  shows(segment: number, offset: number, bytes: Uint8Array): boolean {
    return this.#disk.shows(segment, offset, bytes)
  }

  /** What a reader finds there survives every power cut. */
  isDurable(segment: number, offset: number, bytes: number): boolean {
    return this.#disk.isDurable(segment, offset, bytes)
  }

  /** What is not durable, as file offsets. */
  volatileBlocks(): { segment: number; offset: number; bytes: number }[] {
    return this.#disk.volatileBlocks()
  }

  /** Whether the disk says that it flushed and does not. */
  lie(lies: boolean): void {
    this.#lies = lies
    this.#disk.lie(lies)
  }

  /** Ends the process and cuts the power, at the moment that is shown. */
  cutPower(survival: CutSurvival, random: () => number): void {
    addon.stepperAbandon()
    const before = this.#disk
    this.#disk = before.cutPower(survival, random)
    this.#disk.lie(this.#lies)
    before.forget()
    const nowMs = this.#clock.monotonicMs()
    this.#clock = new VirtualClock()
    this.#clock.advance(nowMs)
  }

  close(): void {
    isTaken = false
    addon.stepperAbandon()
    this.#disk.forget()
  }

  // Events come last, and go first: who waits learns of a flush before the next one begins.
  #stepAddon(): boolean {
    const count = addon.stepperCount()
    if (count === 0) return false
    addon.stepperStep(count - 1)
    return true
  }
}
