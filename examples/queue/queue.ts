import { Log, type LSN, SeawallError } from '../../lib/index.ts'
import { Deliveries } from './deliveries.ts'
import { LogShortener } from './log-shortener.ts'
import type { Message, Messages } from './messages.ts'
import { type Delivery, queueDefaults, QueueFullError, type QueueOptions } from './queue-types.ts'
import { encodeIds, messageIn, recordType } from './record-format.ts'
import { recoverMessages } from './recover.ts'
import { Waiters } from './waiters.ts'

/**
 * A queue whose messages survive a power cut from the moment that `enqueue` resolves until
 * `acknowledge` resolves. Each is delivered at least once, first in the order in which they were
 * enqueued. Methods may be called in any order and any number at a time.
 */
export class DurableQueue {
  readonly #log: Log
  readonly #messages: Messages
  readonly #deliveries: Deliveries
  readonly #shortener: LogShortener
  readonly #waiters = new Waiters()
  readonly #options: Required<QueueOptions>
  #expiryTimer: NodeJS.Timeout | undefined
  #failure: unknown

  /** Opens the queue in `directory`, or creates it. Reads the log once, from its beginning. */
  static async open(directory: string, options: QueueOptions = {}): Promise<DurableQueue> {
    const log = await Log.open(directory, options.log)
    try {
      return new DurableQueue(log, await recoverMessages(log), { ...queueDefaults, ...options })
    } catch (error) {
      await log.close().catch(() => {})
      throw error
    }
  }

  private constructor(log: Log, messages: Messages, options: Required<QueueOptions>) {
    this.#log = log
    this.#messages = messages
    this.#options = options
    this.#deliveries = new Deliveries(options.visibilityTimeoutMs, options.nowMs)
    this.#shortener = new LogShortener(log, messages, options.slackBytes)
    for (const message of [...messages.all()].sort((a, b) => a.id - b.id)) this.#lineUp(message)
    log.on('error', (error) => this.#fail(error))
  }

  /** Messages that are not acknowledged, dead ones included. */
  get count(): number {
    return this.#messages.count
  }

  get logBytes(): number {
    return this.#shortener.logBytes
  }

  /**
   * Adds a message. Consumers get it when it is durable, never before: a crash must not take back
   * what somebody has acted upon.
   *
   * @returns its id; ids rise in the order of the queue
   * @durability the message survives a power cut when this resolves. When it rejects with
   * ERR_SEAWALL_POISONED, the next open decides.
   * @throws QueueFullError, and as `log.append`: the message is not in the queue then
   */
  async enqueue(body: Uint8Array): Promise<number> {
    this.#check()
    const { maxMessages, maxBytes } = this.#options
    if (this.#messages.count >= maxMessages || this.logBytes + body.length > maxBytes) {
      this.#shortener.start()
      throw new QueueFullError(`${this.#messages.count} messages, ${this.logBytes} bytes of log`)
    }
    const id = this.#log.append(body, { type: recordType.enqueued })
    const message = this.#messages.add(id, id, body.length)
    this.#messages.lineUp(message)
    await this.#log.flush(id)
    message.state = 'waiting'
    this.#waiters.wakeAll()
    return id
  }

  /**
   * Up to `max` messages; waits until there is one. Whoever gets a message acknowledges it within
   * the visibility timeout, or it is delivered again.
   *
   * @durability the deliveries are counted durably before this resolves, so that a message that
   * kills its consumer does not do so for ever
   */
  async receive(max = 1, options: { signal?: AbortSignal } = {}): Promise<Delivery[]> {
    for (;;) {
      this.#check()
      options.signal?.throwIfAborted()
      const messages = this.#take(max)
      // What makes one available after this look wakes who waits.
      if (messages.length === 0) await this.#waiters.wait(options.signal)
      const deliveries = await this.#deliver(messages)
      if (deliveries.length > 0) return deliveries
    }
  }

  /** The same without waiting for one. */
  async tryReceive(max = 1): Promise<Delivery[]> {
    this.#check()
    return this.#deliver(this.#take(max))
  }

  /**
   * Removes messages, dead ones too. Late is not too late: who has let the timeout pass may still
   * acknowledge, and so may whoever else has got the message since.
   *
   * @durability when it resolves, none of them is ever delivered again
   * @returns how many of them this call has removed
   */
  async acknowledge(...ids: readonly number[]): Promise<number> {
    this.#check()
    const messages = ids
      .flatMap((id) => this.#messages.get(id) ?? [])
      .filter(({ state }) => state !== 'arriving')
    const leaving = [...new Set(messages)].filter(({ state }) => state !== 'leaving')
    if (leaving.length === 0) {
      // Another call may be about to remove them, and not be through yet.
      if (messages.length > 0) await this.#log.flush()
      return 0
    }
    const record = encodeIds(leaving.map(({ id }) => id))
    const lsn = this.#log.append(record, { type: recordType.acknowledged })
    for (const message of leaving) message.state = 'leaving'
    await this.#log.flush(lsn)
    for (const { id } of leaving) {
      this.#messages.remove(id)
      this.#deliveries.end(id)
    }
    this.#shortener.start(lsn)
    return leaving.length
  }

  /** Gives a message back before its time is over: it is delivered again at once. */
  release(delivery: Delivery): void {
    this.#check()
    const message = this.#messages.get(delivery.id)
    // Somebody else may have it by now.
    if (message?.state !== 'delivered' || message.deliveries !== delivery.attempt) return
    this.#deliveries.end(message.id)
    this.#giveBack(message)
    this.#waiters.wakeAll()
  }

  /** The messages that were delivered too often. They stay until they are acknowledged. */
  async *deadLetters(): AsyncGenerator<Delivery, void, void> {
    this.#check()
    this.#returnExpired()
    for (const message of this.#messages.all()) {
      if (message.state !== 'dead') continue
      const body = await this.#bodyOf(message)
      if (body !== undefined) yield { id: message.id, body, attempt: message.deliveries }
    }
  }

  /**
   * What was enqueued or acknowledged is made durable; consumers who wait get ERR_SEAWALL_CLOSED.
   */
  async close(): Promise<void> {
    clearTimeout(this.#expiryTimer)
    this.#fail(new SeawallError('ERR_SEAWALL_CLOSED'))
    await this.#shortener.idle()
    await this.#log.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #take(max: number): Message[] {
    this.#returnExpired()
    const messages: Message[] = []
    while (messages.length < max) {
      const message = this.#messages.take()
      if (message === undefined) break
      messages.push(message)
    }
    return messages
  }

  async #deliver(messages: readonly Message[]): Promise<Delivery[]> {
    if (messages.length === 0) return []
    const lsn = this.#appendDelivered(messages)
    for (const message of messages) {
      message.deliveries += 1
      message.state = 'delivered'
    }
    await this.#log.flush(lsn)
    // Some may have been acknowledged meanwhile, by consumers who were late.
    const held = messages.filter(({ state }) => state === 'delivered')
    const attempts = held.map(({ deliveries }) => deliveries)
    for (const message of held) this.#deliveries.begin(message)
    this.#watchExpiry()
    const bodies = await Promise.all(held.map((message) => this.#bodyOf(message)))
    return held.flatMap(({ id, state, deliveries }, i) => {
      const body = bodies[i]
      const attempt = attempts[i] as number
      // Reading can take longer than the timeout: somebody else may have it now.
      const isOurs = state === 'delivered' && deliveries === attempt
      return body !== undefined && isOurs ? [{ id, body, attempt }] : []
    })
  }

  #appendDelivered(messages: readonly Message[]): LSN {
    try {
      const record = encodeIds(messages.map(({ id }) => id))
      return this.#log.append(record, { type: recordType.delivered })
    } catch (error) {
      for (const message of messages) this.#messages.giveBack(message)
      throw error
    }
  }

  /** undefined when the message was acknowledged while it was being read. */
  async #bodyOf(message: Message): Promise<Uint8Array | undefined> {
    for (;;) {
      const { location } = message
      try {
        return messageIn(await this.#log.get(location))
      } catch (error) {
        if (!this.#messages.has(message)) return undefined
        // Moved while it was being read, and its old place is cut off.
        if (message.location === location) throw error
      }
    }
  }

  #returnExpired(): void {
    const expired = this.#deliveries.takeExpired()
    for (const message of expired) if (message.state === 'delivered') this.#giveBack(message)
    if (expired.length > 0) this.#waiters.wakeAll()
  }

  #lineUp(message: Message): void {
    if (message.deliveries > 0) return this.#giveBack(message)
    message.state = 'waiting'
    this.#messages.lineUp(message)
  }

  #giveBack(message: Message): void {
    if (message.deliveries >= this.#options.maxDeliveries) message.state = 'dead'
    else this.#messages.giveBack(message)
  }

  /** One timer, for those who wait: whoever asks looks at the clock himself. */
  #watchExpiry(): void {
    if (this.#expiryTimer !== undefined) return
    const delayMs = this.#deliveries.nextExpiryMs()
    if (delayMs === undefined) return
    this.#expiryTimer = setTimeout(
      () => {
        this.#expiryTimer = undefined
        this.#returnExpired()
        this.#watchExpiry()
      },
      Math.max(1, Math.ceil(delayMs)),
    )
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#waiters.failAll(error)
  }

  // After a failed write it is not known what is in the log: open the queue again.
  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}
