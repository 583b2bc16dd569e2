import type { LSN } from '../../lib/index.ts'
import { Fifo } from './fifo.ts'

/**
 * `arriving`: in the log, not durable yet. `waiting`: to be delivered. `delivered`: a consumer has
 * it. `dead`: delivered too often. `leaving`: its acknowledgement is in the log, not durable yet.
 */
export type MessageState = 'arriving' | 'waiting' | 'delivered' | 'dead' | 'leaving'

/** A message that is not acknowledged: what memory keeps of it. Its bytes stay in the log. */
export interface Message {
  /** The LSN of its first record; messages are delivered in this order. */
  readonly id: number
  /** The durable record that has its bytes now. */
  location: LSN
  readonly bodyBytes: number
  /** How often it was handed out. */
  deliveries: number
  state: MessageState
}

interface Place {
  readonly lsn: LSN
  readonly message: Message
}

/** What a message takes of the log beyond its own bytes, about. */
const recordBytes = 48

/**
 * The messages of a queue in memory: a function of the records in the log and of who has which
 * message right now. It does no I/O.
 */
export class Messages {
  readonly #messages = new Map<number, Message>()
  /** Never delivered, in order of id. */
  readonly #fresh = new Fifo<Message>()
  /** To be delivered again, in order of id. All of them are older than the fresh ones. */
  readonly #returned: Message[] = []
  /** Records that hold a message, in the order of the log; some of them are outdated. */
  readonly #places = new Fifo<Place>()
  #liveBytes = 0

  get count(): number {
    return this.#messages.size
  }

  /** Log that the messages themselves need. */
  get liveBytes(): number {
    return this.#liveBytes
  }

  get(id: number): Message | undefined {
    return this.#messages.get(id)
  }

  has(message: Message): boolean {
    return this.#messages.get(message.id) === message
  }

  all(): IterableIterator<Message> {
    return this.#messages.values()
  }

  /** A record that was just appended, or is read again: called in the order of the log. */
  add(id: number, location: LSN, bodyBytes: number, deliveries = 0): Message {
    const known = this.#messages.get(id)
    if (known !== undefined) this.#forget(known)
    const message: Message = { id, location, bodyBytes, deliveries, state: 'arriving' }
    this.#messages.set(id, message)
    this.#places.push({ lsn: location, message })
    this.#liveBytes += bodyBytes + recordBytes
    return message
  }

  /** Puts a message into line that was never delivered. It is not taken while it is arriving. */
  lineUp(message: Message): void {
    this.#fresh.push(message)
  }

  /** Puts a delivered message back into line, at its old place. */
  giveBack(message: Message): void {
    message.state = 'waiting'
    this.#returned.splice(insertionIndex(this.#returned, message.id), 0, message)
  }

  /** The first message in line. One that is still arriving keeps those behind it waiting. */
  take(): Message | undefined {
    for (let message = this.#returned.shift(); message; message = this.#returned.shift()) {
      // Otherwise a consumer who was late has acknowledged it in the meantime.
      if (message.state === 'waiting') return message
    }
    for (let message = this.#fresh.first(); message; message = this.#fresh.first()) {
      if (message.state === 'arriving') return undefined
      this.#fresh.shift()
      if (message.state === 'waiting') return message
    }
    return undefined
  }

  remove(id: number): void {
    const message = this.#messages.get(id)
    if (message !== undefined) this.#forget(message)
  }

  /** A copy of the message was appended at `lsn`. It counts from `moved` on, once it is durable. */
  moving(message: Message, lsn: LSN): void {
    this.#places.push({ lsn, message })
  }

  moved(message: Message, location: LSN): void {
    message.location = location
  }

  /** The message that keeps the log from being truncated further. */
  oldest(): Message | undefined {
    for (let place = this.#places.first(); place; place = this.#places.first()) {
      const { lsn, message } = place
      if (message.location === lsn && this.has(message)) return message
      this.#places.shift()
    }
    return undefined
  }

  /** The oldest ones in the order of the log, about `bytes` of them. */
  oldestUpTo(bytes: number): Message[] {
    const oldest: Message[] = []
    let sum = 0
    for (const { lsn, message } of this.#places) {
      if (sum >= bytes) break
      if (message.location !== lsn || !this.has(message)) continue
      oldest.push(message)
      sum += message.bodyBytes + recordBytes
    }
    return oldest
  }

  #forget(message: Message): void {
    this.#messages.delete(message.id)
    this.#liveBytes -= message.bodyBytes + recordBytes
  }
}

function insertionIndex(messages: readonly Message[], id: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle] as Message).id < id) low = middle + 1
    else high = middle
  }
  return low
}
