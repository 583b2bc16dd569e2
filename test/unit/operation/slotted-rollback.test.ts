// Goal: transactions that share a page roll back completely whatever the others did meanwhile, alive and after a crash.
// Method: random interleavings with exclusive slot locks against a model; every fifth log prefix is a crash, redone and undone.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Compensation, Operation } from '../../../lib/operation/operation.ts'
import * as operations from '../../../lib/operation/slotted-operations.ts'
import * as page from '../../../lib/operation/slotted-page.ts'
import { expectError } from '../../support/expect-error.ts'
import { assertGuarded, guardedBody } from '../../support/guarded-body.ts'

type Content = ReadonlyMap<number, Uint8Array>

interface LogRecord {
  /** 0: outside transactions. */
  readonly transaction: number
  readonly kind: 'change' | 'compensation' | 'redo-only' | 'end'
  readonly operation: number
  readonly payload: Uint8Array
  /** What was committed once this record was in the log. */
  readonly committed: Content
}

interface Change extends Compensation {
  readonly slot: number
  /** What the slot held before this change. */
  readonly previous: Uint8Array | undefined
}

interface Running {
  readonly changes: Change[]
  /** What each slot that it has locked held before. */
  readonly before: Map<number, Uint8Array | undefined>
}

const operation = (number: number): Operation =>
  operations.slottedOperations.get(number) as Operation

function hold(
  content: Map<number, Uint8Array>,
  slot: number,
  record: Uint8Array | undefined,
): void {
  if (record === undefined) content.delete(slot)
  else content.set(slot, record)
}

function assertContent(body: Uint8Array, expected: Content, when: string): void {
  assert.is(page.verify(body), undefined, when)
  const found = [...page.slots(body)]
  assert.equal(
    found,
    [...expected.keys()].sort((a, b) => a - b),
    when,
  )
  for (const slot of found) {
    const record = expected.get(slot) as Uint8Array
    assert.is(Buffer.compare(page.readRecord(body, slot), record), 0, `${when}: slot ${slot}`)
  }
}

/** One page, its log, and what transactions with exclusive slot locks must find in it. */
class SharedPage {
  readonly body: Uint8Array
  readonly log: LogRecord[] = []
  aborts = 0
  readonly #current = new Map<number, Uint8Array>()
  readonly #running = new Map<number, Running>()

  constructor(pageBytes: number) {
    this.body = guardedBody(pageBytes)
  }

  /** False when there is no room for it. */
  insert(transaction: number, record: Uint8Array, from: number): boolean {
    let slot = page.findFreeSlot(this.body, from)
    while (!this.#mayLock(transaction, slot)) slot = page.findFreeSlot(this.body, slot + 1)
    if (!page.canInsert(this.body, slot, record.length)) return false
    this.#change(transaction, slot, operations.slottedInsert, operations.encodeInsert(slot, record))
    this.#current.set(slot, record)
    return true
  }

  update(transaction: number, pick: number, record: Uint8Array): void {
    const slot = this.#pickRecord(transaction, pick)
    if (slot === undefined || !page.canUpdate(this.body, slot, record.length)) return
    const payload = operations.encodeUpdate(this.body, slot, record)
    this.#change(transaction, slot, operations.slottedUpdate, payload)
    this.#current.set(slot, record)
  }

  delete(transaction: number, pick: number): void {
    const slot = this.#pickRecord(transaction, pick)
    if (slot === undefined) return
    const payload = operations.encodeDelete(this.body, slot)
    this.#change(transaction, slot, operations.slottedDelete, payload)
    this.#current.delete(slot)
  }

  /** A commit, and maybe the purges behind it; the locks go last. */
  commit(transaction: number, purges: boolean): void {
    const running = this.#running.get(transaction)
    if (running === undefined) return
    const slots = [...running.before.keys()]
    running.before.clear()
    this.#append({ transaction, kind: 'end', operation: 0, payload: new Uint8Array() })
    this.#running.delete(transaction)
    if (purges) for (const slot of slots) this.#purge(slot)
  }

  /** Undoes all but the first `keep` changes, as for a savepoint: the locks stay. */
  rollbackTo(transaction: number, keep: number): void {
    const changes = this.#running.get(transaction)?.changes ?? []
    while (changes.length > keep) {
      const change = changes.pop() as Change
      const compensation = operation(change.operation).undo?.(change.payload) as Compensation
      operation(compensation.operation).redo(this.body, compensation.payload)
      this.#append({ transaction, kind: 'compensation', ...compensation })
      hold(this.#current, change.slot, change.previous)
    }
  }

  savepointRollback(transaction: number, pick: number): void {
    const count = this.#running.get(transaction)?.changes.length ?? 0
    if (count > 0) this.rollbackTo(transaction, pick % count)
  }

  abort(transaction: number): void {
    if (!this.#running.has(transaction)) return
    this.rollbackTo(transaction, 0)
    this.#append({ transaction, kind: 'end', operation: 0, payload: new Uint8Array() })
    this.#running.delete(transaction)
    this.aborts += 1
  }

  /** What a later transaction may do: slots that nobody has changed and not ended. */
  purgeLeftovers(): void {
    for (const slot of [...page.purgeableSlots(this.body)]) {
      if (![...this.#running.values()].some(({ before }) => before.has(slot))) this.#purge(slot)
    }
  }

  assertSound(when: string): void {
    assertContent(this.body, this.#current, when)
  }

  #purge(slot: number): void {
    if (!page.isPurgeable(this.body, slot)) return
    const payload = operations.encodePurge(slot)
    operation(operations.slottedPurge).redo(this.body, payload)
    const record = { transaction: 0, operation: operations.slottedPurge, payload }
    this.#append({ ...record, kind: 'redo-only' })
  }

  #change(transaction: number, slot: number, number: number, payload: Uint8Array): void {
    const running: Running = this.#running.get(transaction) ?? { changes: [], before: new Map() }
    this.#running.set(transaction, running)
    if (!running.before.has(slot)) running.before.set(slot, this.#current.get(slot))
    operation(number).redo(this.body, payload)
    running.changes.push({ operation: number, payload, slot, previous: this.#current.get(slot) })
    this.#append({ transaction, kind: 'change', operation: number, payload })
  }

  #append(record: Omit<LogRecord, 'committed'>): void {
    const committed = new Map(this.#current)
    for (const { before } of this.#running.values()) {
      for (const [slot, old] of before) hold(committed, slot, old)
    }
    this.log.push({ ...record, committed })
  }

  #mayLock(transaction: number, slot: number): boolean {
    return [...this.#running].every(([id, { before }]) => id === transaction || !before.has(slot))
  }

  #pickRecord(transaction: number, pick: number): number | undefined {
    const open = [...page.slots(this.body)].filter((slot) => this.#mayLock(transaction, slot))
    return open[pick % Math.max(1, open.length)]
  }
}

/** The page after a crash behind the first `count` records: redo of all, then undo of the losers. */
function recover(log: readonly LogRecord[], count: number, pageBytes: number): Uint8Array {
  const body = guardedBody(pageBytes)
  let order: { transaction: number; change: Compensation }[] = []
  for (const record of log.slice(0, count)) {
    const { transaction, kind } = record
    if (kind === 'end') {
      order = order.filter((entry) => entry.transaction !== transaction)
      continue
    }
    operation(record.operation).redo(body, record.payload)
    if (kind === 'change') order.push({ transaction, change: record })
    if (kind === 'compensation') {
      const last = order.findLastIndex((entry) => entry.transaction === transaction)
      order.splice(last, 1)
    }
  }
  for (const { change } of order.reverse()) {
    const compensation = operation(change.operation).undo?.(change.payload) as Compensation
    operation(compensation.operation).redo(body, compensation.payload)
  }
  return body
}

const step = fc.record({
  transaction: fc.integer({ min: 1, max: 4 }),
  action: fc.constantFrom(
    ...(['insert', 'insert', 'insert', 'update', 'update', 'update', 'delete', 'delete'] as const),
    ...(['commit', 'commitAndPurge', 'abort', 'abort', 'savepoint', 'purge'] as const),
  ),
  pick: fc.nat(1000),
  bytes: fc.oneof(fc.nat(30), fc.nat(400), fc.nat(3500), fc.constant(0)),
  fill: fc.nat(255),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function take(shared: SharedPage, each: Step): void {
  const { transaction, action, pick } = each
  const scale = shared.body.length > 4096 ? 16 : 1
  const record = new Uint8Array(each.bytes * scale).fill(each.fill)
  if (action === 'insert') shared.insert(transaction, record, pick % 9 === 0 ? pick % 40 : 0)
  else if (action === 'update') shared.update(transaction, pick, record)
  else if (action === 'delete') shared.delete(transaction, pick)
  else if (action === 'commit') shared.commit(transaction, false)
  else if (action === 'commitAndPurge') shared.commit(transaction, true)
  else if (action === 'abort') shared.abort(transaction)
  else if (action === 'savepoint') shared.savepointRollback(transaction, pick)
  else shared.purgeLeftovers()
}

test('H34 interleaved transactions on one page -> every abort restores its slots and only those', () => {
  let aborts = 0
  const property = fc.property(
    fc.constantFrom(4096, 4096, 65536),
    fc.array(step, { minLength: 20, maxLength: 200, size: 'max' }),
    fc.nat(1000),
    (pageBytes, steps, pick) => {
      const shared = new SharedPage(pageBytes)
      for (const [i, each] of steps.entries()) {
        take(shared, each)
        shared.assertSound(`step ${i}, ${each.action}`)
      }
      for (const transaction of [1, 2, 3, 4]) shared.abort(transaction)
      shared.assertSound('after the last aborts')
      aborts += shared.aborts
      assertGuarded(shared.body)

      const { log, body } = shared
      assert.is(Buffer.compare(recover(log, log.length, pageBytes), body), 0, 'replay')
      for (let count = pick % 5; count < log.length; count += 5) {
        const recovered = recover(log, count, pageBytes)
        assertContent(recovered, log[count - 1]?.committed ?? new Map(), `crash behind ${count}`)
        assertGuarded(recovered)
      }
    },
  )
  fc.assert(property, { numRuns: 150 })
  assert.ok(aborts > 500, `only ${aborts} aborts: the steps test too little`)
})

test('H34 page filled to the last byte after a delete, a shrink and a growth -> all three roll back', () => {
  for (const pageBytes of [4096, 65536]) {
    const shared = new SharedPage(pageBytes)
    const large = Math.floor(pageBytes / 5)
    for (const fill of [1, 2, 3]) shared.insert(1, new Uint8Array(large).fill(fill), 0)
    shared.commit(1, true)
    shared.delete(2, 0)
    shared.update(2, 0, new Uint8Array(0))
    shared.update(2, 1, new Uint8Array(large + 100).fill(4))
    let free = page.freeBytesFor(shared.body)
    while (free >= 0) {
      assert.ok(shared.insert(3, new Uint8Array(Math.min(free, 99)).fill(9), 0))
      free = page.freeBytesFor(shared.body)
    }
    shared.commit(3, true)
    shared.purgeLeftovers()
    assert.is(page.freeBytesFor(shared.body), -1)
    shared.abort(2)
    shared.assertSound('after the abort')
    for (const slot of [0, 1, 2]) {
      const expected = new Uint8Array(large).fill(slot + 1)
      assert.is(Buffer.compare(page.readRecord(shared.body, slot), expected), 0, `slot ${slot}`)
    }
    assert.is(page.freeBytesFor(shared.body), 100 - 6)
  }
})

test('H34 purge of a change that is not committed -> its undo throws and damages nothing', async () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, new Uint8Array(100))
  page.insertAt(body, 1, new Uint8Array(100))
  const payload = operations.encodeDelete(body, 0)
  page.deleteAt(body, 0)
  page.purgeAt(body, 0)
  const before = body.slice()
  const compensation = operation(operations.slottedDelete).undo?.(payload) as Compensation
  await expectError('ERR_SEAWALL_UNKNOWN_SLOT', () =>
    operation(compensation.operation).redo(body, compensation.payload),
  )
  assert.equal(body, before)
})

test.run()
