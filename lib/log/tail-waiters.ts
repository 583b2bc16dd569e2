/** Live readers at the durable end, waiting for more. */
export class TailWaiters {
  readonly #waiters = new Map<(goOn: boolean) => void, number>()

  get count(): number {
    return this.#waiters.size
  }

  /** Resolves with true once `wake` came with a flushed LSN beyond `lsn`, with false at `end`. */
  add(lsn: number): Promise<boolean> {
    return new Promise((resolve) => this.#waiters.set(resolve, lsn))
  }

  wake(flushedLSN: number): void {
    for (const [resolve, lsn] of this.#waiters) {
      if (lsn >= flushedLSN) continue
      this.#waiters.delete(resolve)
      resolve(true)
    }
  }

  end(): void {
    for (const resolve of this.#waiters.keys()) resolve(false)
    this.#waiters.clear()
  }
}
