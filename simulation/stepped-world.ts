import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setImmediate as hostTurn } from 'node:timers/promises'

import { nativeRoot } from './native-root.ts'
import { VirtualClock } from './virtual-clock.ts'

interface SteppedAddon {
  stepperStart(seed: number): void
  stepperTime(ms: number): void
  stepperCount(): number
  stepperStep(index: number): void
  stepperAbandon(): void
}

/** Pass it as `nativeBinding`, with the world's clock. */
export const steppedBinding = join(
  nativeRoot(),
  'simulation/addon/build/Release/seawall_stepped.node',
)

const addon = createRequire(import.meta.url)(steppedBinding) as SteppedAddon

/** Which of `count` goes on next. */
export type Scheduler = (count: number) => number

const firstComeFirstServed: Scheduler = () => 0

// More than any run takes that comes to an end.
const stepsMax = 1_000_000

/**
 * A process in which everything happens one step at a time, in an order that a scheduler chooses:
 * the same calls and the same choices give the same run. One at a time.
 */
export class SteppedWorld {
  readonly clock = new VirtualClock()
  readonly #schedule: Scheduler
  steps = 0

  constructor(seed: number, schedule: Scheduler = firstComeFirstServed) {
    this.#schedule = schedule
    addon.stepperStart(seed)
  }

  /** Makes steps until `work` is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = (): void => {
      isDone = true
    }
    work.then(done, done)
    const last = this.steps + stepsMax
    while (true) {
      await hostTurn()
      if (isDone) return work
      if (!this.step()) throw new Error('nothing can go on, and the work is not done')
      if (this.steps > last) throw new Error(`the work is not done after ${stepsMax} steps`)
    }
  }

  /** Makes at most `steps` steps, while there is something to do without waiting for the clock. */
  async settle(steps = Infinity): Promise<void> {
    for (let i = 0; i < steps; i++) {
      await hostTurn()
      if (!this.#stepNow()) return
    }
    await hostTurn()
  }

  /** Nobody asks for anything for so long. */
  async idle(durationMs: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + durationMs
    do await this.settle()
    while (this.#passTime(untilMs))
    await this.settle()
  }

  /** One step: of the addon, or else of the clock. False when there is nothing to do. */
  step(): boolean {
    return this.#stepNow() || this.#passTime(Infinity)
  }

  #stepNow(): boolean {
    this.steps += 1
    if (this.clock.giveTurns()) return true
    const count = addon.stepperCount()
    if (count === 0) return false
    addon.stepperStep(count === 1 ? 0 : this.#schedule(count))
    return true
  }

  #passTime(limitMs: number): boolean {
    const advanced = this.clock.advance(limitMs)
    addon.stepperTime(this.clock.monotonicMs())
    return advanced
  }

  /** The process ends here, as far as open logs and engines can tell. */
  abandon(): void {
    addon.stepperAbandon()
  }
}
