import { eventKind, forEachEvent } from '../protocol/events.ts'
import { decodeJson, type Frame, frameType } from '../protocol/frame.ts'
import type { Phase } from '../protocol/messages.ts'
import type { CutPlan } from './cut-plan.ts'

// The occasion never came: cut anyway.
const patienceMs = 10_000

/** Waits for the moment that a plan asks for. */
export class CutTrigger {
  readonly #plan: CutPlan
  readonly #fire: () => void
  readonly #pause: () => void
  readonly #hasWorked: () => boolean
  readonly #timers: NodeJS.Timeout[] = []
  #isArmed = false
  /** It worked for long enough, but has not acknowledged enough. */
  #isWaitingForWork = false
  #isDone = false

  /**
   * Calls `fire` at the moment; `pause` when the agent is to become idle before it. Not before
   * `hasWorked` says that there is something to lose.
   */
  constructor(
    plan: CutPlan,
    actions: { fire: () => void; pause: () => void; hasWorked: () => boolean },
  ) {
    this.#plan = plan
    this.#fire = actions.fire
    this.#pause = actions.pause
    this.#hasWorked = actions.hasWorked
  }

  /** The agent streams what it recovered: only a cut in recovery can happen now. */
  recoveryBegins(): void {
    this.#isArmed = this.#plan.kind === 'recovery'
  }

  workBegins(): void {
    this.#isArmed = false
    this.#after(this.#plan.workMs, () => {
      this.#isWaitingForWork = true
      this.#armIfWorked()
      this.#after(patienceMs, () => this.#arm())
    })
  }

  frame(frame: Frame): void {
    this.#armIfWorked()
    if (!this.#isArmed || !this.#isOccasion(frame)) return
    this.#isArmed = false
    this.#after(this.#plan.afterMs, () => this.#fireOnce())
  }

  cancel(): void {
    this.#isDone = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #armIfWorked(): void {
    if (this.#isWaitingForWork && this.#hasWorked()) this.#arm()
  }

  #arm(): void {
    this.#isWaitingForWork = false
    const { kind } = this.#plan
    // Recovery was over before it could be cut.
    if (kind === 'uniform' || kind === 'recovery') {
      this.#fireOnce()
      return
    }
    this.#isArmed = true
    if (kind === 'idle') this.#pause()
    this.#after(patienceMs, () => this.#fireOnce())
  }

  #isOccasion(frame: Frame): boolean {
    const { kind } = this.#plan
    if (frame.type === frameType.phase) {
      const { phase } = decodeJson<Phase>(frame)
      return (
        (kind === 'checkpoint' && phase === 'checkpoint-begins') ||
        (kind === 'recovery' && phase === 'recovery') ||
        (kind === 'idle' && phase === 'idle')
      )
    }
    if (frame.type !== frameType.events || (kind !== 'ack' && kind !== 'flush')) return false
    let isOccasion = false
    forEachEvent(frame.payload, (event) => {
      // Probes that never flush by themselves are cut after an acknowledgement.
      isOccasion ||= kind === 'ack' || event === eventKind.flushBegins
      isOccasion ||= event === eventKind.committed || event === eventKind.writtenThrough
    })
    return isOccasion
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(
      setTimeout(() => {
        if (!this.#isDone) then()
      }, ms),
    )
  }

  #fireOnce(): void {
    if (this.#isDone) return
    this.cancel()
    this.#fire()
  }
}
