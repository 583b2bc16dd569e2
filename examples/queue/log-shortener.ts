import type { Log, LSN } from '../../lib/index.ts'
import type { Message, Messages } from './messages.ts'
import { encodeMoved, messageIn, recordType } from './record-format.ts'

const moveBytes = 1024 * 1024

/**
 * Keeps the log at about twice what the messages in it need, and `slackBytes` on top.
 *
 * Acknowledged messages at the beginning are cut off. One that is never acknowledged would keep
 * everything behind it for ever, so it is copied to the end when the log has become too long.
 *
 * Invariant: an acknowledgement stands behind every copy of its message. So whatever beginning of
 * the log is cut off, no message comes back.
 */
export class LogShortener {
  readonly #log: Log
  readonly #messages: Messages
  readonly #slackBytes: number
  #running: Promise<void> | undefined
  /** A record that is known to be durable: `truncateBefore` takes no other. */
  #durableLSN: LSN

  constructor(log: Log, messages: Messages, slackBytes: number) {
    this.#log = log
    this.#messages = messages
    this.#slackBytes = slackBytes
    this.#durableLSN = log.oldestLSN
  }

  get logBytes(): number {
    return this.#log.endLSN - this.#log.oldestLSN
  }

  /** Begins to shorten the log if that is worth it. `durableLSN`: a record that is durable. */
  start(durableLSN = this.#durableLSN): void {
    if (durableLSN > this.#durableLSN) this.#durableLSN = durableLSN
    if (this.#running !== undefined || !(this.#canTruncate() || this.#isTooLong())) return
    this.#running = this.#shorten()
      // A log that is poisoned, full or damaged says so to everyone who uses it, and a log that
      // could not be shortened is still right: the next acknowledgement tries again.
      .catch(() => {})
      .finally(() => {
        this.#running = undefined
      })
  }

  /** Resolves when what is under way is over. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #shorten(): Promise<void> {
    for (;;) {
      if (this.#canTruncate()) await this.#log.truncateBefore(this.#truncatableTo())
      if (!this.#isTooLong() || !(await this.#moveOldest())) return
    }
  }

  // Each truncation is a durable write of its own, and only frees whole segments.
  #canTruncate(): boolean {
    return this.#truncatableTo() - this.#log.oldestLSN >= this.#slackBytes / 8
  }

  #isTooLong(): boolean {
    return this.logBytes > 2 * this.#messages.liveBytes + this.#slackBytes
  }

  #truncatableTo(): LSN {
    const oldest = this.#messages.oldest()?.location ?? this.#durableLSN
    return oldest < this.#durableLSN ? oldest : this.#durableLSN
  }

  /** Copies messages from the beginning of the log to its end. False when there is none to copy. */
  async #moveOldest(): Promise<boolean> {
    const moves: { message: Message; lsn: LSN }[] = []
    for (const message of this.#messages.oldestUpTo(moveBytes)) {
      const record = await this.#log.get(message.location)
      // From here to `append` nothing comes between: if there is no acknowledgement in the log yet,
      // it will stand behind the copy.
      if (!this.#messages.has(message) || message.state === 'leaving') continue
      const { id, deliveries } = message
      const type = recordType.moved
      const lsn = this.#log.append(encodeMoved({ id, deliveries, body: messageIn(record) }), {
        type,
      })
      this.#messages.moving(message, lsn)
      moves.push({ message, lsn })
    }
    const last = moves.at(-1)
    if (last === undefined) return false
    await this.#log.flush(last.lsn)
    for (const { message, lsn } of moves) this.#messages.moved(message, lsn)
    if (last.lsn > this.#durableLSN) this.#durableLSN = last.lsn
    return true
  }
}
