import * as assert from 'uvu/assert'

import type { DurableQueue } from '../../examples/queue/queue.ts'
import type { Delivery } from '../../examples/queue/queue-types.ts'

interface Entry {
  readonly text: string
  /** Undefined as long as `enqueue` has not resolved, and no consumer has seen it. */
  id: number | undefined
  deliveries: number
  state: 'asked' | 'there' | 'leaving' | 'gone'
}

/** What a queue was asked for, what it acknowledged, and therefore what has to be in it. */
export class QueueLedger {
  acknowledged = 0
  redelivered = 0
  /** Found after a crash although nobody had been told, or gone although nobody had. */
  undecided = 0
  highestId = 0
  /** Of several, one may be faster than another who was given a message before. */
  oneConsumer = true
  readonly #byText = new Map<string, Entry>()
  readonly #byId = new Map<number, Entry>()
  /** First deliveries since the queue was opened come in the order of ids. */
  #lastFreshId = 0

  newBody(padBytes: number): Uint8Array {
    const text = `message ${this.#byText.size} ${'.'.repeat(padBytes)}`
    this.#byText.set(text, { text, id: undefined, deliveries: 0, state: 'asked' })
    return Buffer.from(text)
  }

  enqueued(body: Uint8Array, id: number): void {
    const entry = this.#entryOf(body)
    assert.ok(entry.id === undefined || entry.id === id)
    this.#is(entry, id)
    if (entry.state === 'asked') entry.state = 'there'
  }

  /** Notes that a consumer has it, and that the queue may hand it out. */
  delivered({ id, body, attempt }: Delivery): void {
    const entry = this.#entryOf(body)
    assert.ok(entry.id === undefined || entry.id === id, `${id} was ${entry.id}`)
    assert.is.not(entry.state, 'gone', `acknowledged and delivered again: ${id}`)
    assert.ok(attempt > entry.deliveries, `attempt ${attempt} after ${entry.deliveries}`)
    if (attempt === 1) {
      if (this.oneConsumer) assert.ok(id > this.#lastFreshId, `${id} after ${this.#lastFreshId}`)
      this.#lastFreshId = id
    } else {
      this.redelivered += 1
    }
    entry.deliveries = attempt
    this.#is(entry, id)
    if (entry.state === 'asked') entry.state = 'there'
  }

  acknowledging(id: number): void {
    const entry = this.#known(id)
    if (entry.state === 'there') entry.state = 'leaving'
  }

  acknowledgedNow(id: number): void {
    this.#known(id).state = 'gone'
    this.acknowledged += 1
  }

  /** Takes everything out of a queue that was just opened, and decides what a crash left open. */
  async compare(queue: DurableQueue): Promise<void> {
    this.#lastFreshId = 0
    this.oneConsumer = true
    const found: Delivery[] = []
    for await (const dead of queue.deadLetters()) {
      found.push(dead)
      assert.ok(dead.attempt >= this.#entryOf(dead.body).deliveries)
    }
    const dead = found.length
    for (let more = true; more;) {
      const deliveries = await queue.tryReceive(7)
      for (const delivery of deliveries) this.delivered(delivery)
      found.push(...deliveries)
      more = deliveries.length > 0
    }
    const ids = found.slice(dead).map(({ id }) => id)
    assert.equal(
      ids,
      [...ids].sort((a, b) => a - b),
    )
    const present = new Set(found.map(({ body }) => this.#entryOf(body)))
    assert.is(present.size, found.length, 'delivered twice')
    for (const entry of this.#byText.values()) this.#decide(entry, present.has(entry))
    assert.is(queue.count, present.size)
  }

  presentIds(): number[] {
    return [...this.#byId].filter(([, { state }]) => state === 'there').map(([id]) => id)
  }

  #decide(entry: Entry, isPresent: boolean): void {
    const { state, text, id } = entry
    if (state === 'there') assert.ok(isPresent, `lost: ${id} ${text.slice(0, 20)}`)
    else if (state === 'gone') assert.not(isPresent, `came back: ${id}`)
    else this.undecided += 1
    entry.state = isPresent ? 'there' : 'gone'
  }

  #is(entry: Entry, id: number): void {
    entry.id = id
    this.#byId.set(id, entry)
    if (id > this.highestId) this.highestId = id
  }

  #entryOf(body: Uint8Array): Entry {
    const entry = this.#byText.get(Buffer.from(body).toString())
    assert.ok(entry !== undefined, 'a message that nobody has enqueued')
    return entry as Entry
  }

  #known(id: number): Entry {
    const entry = this.#byId.get(id)
    assert.ok(entry !== undefined)
    return entry as Entry
  }
}
