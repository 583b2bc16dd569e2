import type { Clock } from '../util/clock.ts'

/** How long a request for a lock waits at most. */
export interface LockWait {
  /** 0 does not wait at all; more than 2^31 - 1 (24 days) and undefined are no limit. */
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

const longestTimerMs = 2 ** 31 - 1

/**
 * Calls one of the two when the wait has to end, possibly at once. Returns how to end the watch,
 * which must be called when the wait ends. The timer keeps the process alive: somebody waits.
 */
export function watchWait(
  clock: Clock,
  { timeoutMs, signal }: LockWait,
  onTimeout: () => void,
  onAbort: () => void,
): (() => void) | undefined {
  if (signal?.aborted === true) {
    onAbort()
    return undefined
  }
  if (timeoutMs !== undefined && timeoutMs <= 0) {
    onTimeout()
    return undefined
  }
  const isLimited = timeoutMs !== undefined && timeoutMs <= longestTimerMs
  const timer = isLimited ? clock.after(timeoutMs, true, onTimeout) : undefined
  signal?.addEventListener('abort', onAbort, { once: true })
  return () => {
    timer?.cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
