interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const longestTimerMs = 2 ** 31 - 1

/** Consumers who wait until there may be something for them. All are woken; each looks again. */
export class Waiters {
  readonly #waiters = new Set<Waiter>()
  /** An open log lets the process end; somebody who waits for a message does not. */
  #keepAlive: NodeJS.Timeout | undefined

  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        signal?.removeEventListener('abort', onAbort)
        this.#remove(waiter)
      }
      const waiter: Waiter = {
        resolve: () => (settled(), resolve()),
        reject: (error) => (settled(), reject(error)),
      }
      const onAbort = (): void => waiter.reject(signal?.reason)
      this.#waiters.add(waiter)
      this.#keepAlive ??= setInterval(() => {}, longestTimerMs)
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted === true) onAbort()
    })
  }

  wakeAll(): void {
    for (const { resolve } of [...this.#waiters]) resolve()
  }

  failAll(error: unknown): void {
    for (const { reject } of [...this.#waiters]) reject(error)
  }

  #remove(waiter: Waiter): void {
    this.#waiters.delete(waiter)
    if (this.#waiters.size > 0) return
    clearInterval(this.#keepAlive)
    this.#keepAlive = undefined
  }
}
