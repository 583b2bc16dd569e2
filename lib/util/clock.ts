import { setImmediate as turn } from 'node:timers/promises'

/** A timer that was started. */
export interface Timer {
  /** Its callback is not called any more. Nothing happens when it was called already. */
  cancel(): void
}

/**
 * Time, and everything that waits for it. Pass one of your own as the option `clock` to run a store
 * in a test without waiting, and the same way every time. Used on one thread only.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  wallMs(): number
  /** Milliseconds from a moment that does not change; never goes back. */
  monotonicMs(): number
  /** Calls `callback` once after `delayMs`. `keepsAlive`: the process does not end before. */
  after(delayMs: number, keepsAlive: boolean, callback: () => void): Timer
  /** Resolves when timers and I/O of the host have had their turn. */
  turn(): Promise<void>
}

const methods: readonly (keyof Clock)[] = ['wallMs', 'monotonicMs', 'after', 'turn']

export function isClock(value: unknown): value is Clock {
  if (typeof value !== 'object' || value === null) return false
  return methods.every((name) => typeof (value as Clock)[name] === 'function')
}

/** The time of this process. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, keepsAlive, callback) {
    const timer = setTimeout(callback, delayMs)
    if (!keepsAlive) timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  turn: () => turn(),
}
