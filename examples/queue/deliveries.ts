import type { Message } from './messages.ts'

interface Delivery {
  readonly message: Message
  readonly deadlineMs: number
}

/** Who is to have answered by when. All have the same time, so the first one out is the first due. */
export class Deliveries {
  readonly #timeoutMs: number
  readonly #nowMs: () => number
  readonly #open = new Map<number, Delivery>()

  constructor(timeoutMs: number, nowMs: () => number) {
    this.#timeoutMs = timeoutMs
    this.#nowMs = nowMs
  }

  get count(): number {
    return this.#open.size
  }

  begin(message: Message): void {
    this.#open.set(message.id, { message, deadlineMs: this.#nowMs() + this.#timeoutMs })
  }

  end(id: number): void {
    this.#open.delete(id)
  }

  /** Ends those whose time is over, and returns their messages. */
  takeExpired(): Message[] {
    const nowMs = this.#nowMs()
    const expired: Message[] = []
    for (const [id, { message, deadlineMs }] of this.#open) {
      if (deadlineMs > nowMs) break
      this.#open.delete(id)
      expired.push(message)
    }
    return expired
  }

  /** Milliseconds until the next one expires; undefined when none is open. */
  nextExpiryMs(): number | undefined {
    for (const { deadlineMs } of this.#open.values()) return Math.max(0, deadlineMs - this.#nowMs())
    return undefined
  }
}
