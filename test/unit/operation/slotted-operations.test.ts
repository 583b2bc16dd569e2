// Goal: the payloads of the slotted page say everything that redo and undo need, and harm nothing when they are nonsense.
// Method: golden payloads; replay of random histories from zeros, and undo of them backwards; random payloads on random pages.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { ErrorCode } from '../../../lib/errors.ts'
import { SeawallError } from '../../../lib/errors.ts'
import type { Compensation, Operation } from '../../../lib/operation/operation.ts'
import * as operations from '../../../lib/operation/slotted-operations.ts'
import * as page from '../../../lib/operation/slotted-page.ts'
import { expectError } from '../../support/expect-error.ts'
import { assertGuarded, guardedBody } from '../../support/guarded-body.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const hex = (payload: Uint8Array): string => Buffer.from(payload).toString('hex')
const pageSizes = [4096, 65536]

function operation(number: number): Operation {
  return operations.slottedOperations.get(number) as Operation
}

interface Change {
  readonly operation: number
  readonly payload: Uint8Array
}

function redo(body: Uint8Array, change: Change): void {
  operation(change.operation).redo(body, change.payload)
}

function undo(body: Uint8Array, change: Change): Change {
  const compensation = operation(change.operation).undo?.(change.payload) as Compensation
  redo(body, compensation)
  return compensation
}

function contentOf(body: Uint8Array): string {
  return [...page.slots(body)].map((slot) => `${slot}:${hex(page.readRecord(body, slot))}`).join()
}

test('payloads and their compensations -> the golden bytes', () => {
  const body = new Uint8Array(4096 - 32)
  const check = (number: number, payload: Uint8Array, golden: string, back: [number, string]) => {
    assert.is(hex(payload), golden.replaceAll(' ', ''))
    const compensation = operation(number).undo?.(payload)
    assert.is(compensation?.operation, back[0])
    assert.is(hex(compensation?.payload ?? bytes('')), back[1].replaceAll(' ', ''))
    operation(number).redo(body, payload)
  }
  const insert = operations.encodeInsert(0, bytes('hello world'))
  check(8, insert, `0000 ${hex(bytes('hello world'))}`, [13, '0000'])
  const update = operations.encodeUpdate(body, 0, bytes('hello wide world'))
  check(9, update, `0000 0700 0400 0000 0b00 1000 ${hex(bytes('ide w'))}`, [
    9,
    `0000 0700 0400 0500 1000 0b00 ${hex(bytes('ide w'))}`,
  ])
  assert.is(Buffer.from(page.readRecord(body, 0)).toString(), 'hello wide world')
  check(10, operations.encodeDelete(body, 0), '0000 1000', [11, '0000 1000'])
  assert.is(hex(operations.encodePurge(0)), '0000')
  operation(12).redo(body, operations.encodePurge(0))
  assert.ok(body.every((byte) => byte === 0))
})

test('numbers and names -> as registered', () => {
  const names = [...operations.slottedOperations].map(([number, { name }]) => `${number} ${name}`)
  assert.equal(names, [
    '8 slottedInsert',
    '9 slottedUpdate',
    '10 slottedDelete',
    '11 slottedRestore',
    '12 slottedPurge',
    '13 slottedRemove',
  ])
  for (const number of [11, 12, 13]) assert.is(operation(number).undo, undefined)
})

test('update that changes one byte of a long record -> logs 2 bytes, changed in place', () => {
  const body = guardedBody(65536)
  page.insertAt(body, 0, new Uint8Array(30_000).fill(1))
  const record = page.readRecord(body, 0).slice()
  record[17_000] = 2
  const payload = operations.encodeUpdate(body, 0, record)
  assert.is(payload.length, 12 + 2)
  redo(body, { operation: operations.slottedUpdate, payload })
  assert.equal(page.readRecord(body, 0), record)
  const same = operations.encodeUpdate(body, 0, record)
  assert.is(same.length, 12)
  redo(body, { operation: operations.slottedUpdate, payload: same })
  assert.equal(page.readRecord(body, 0), record)
})

test('preconditions -> typed errors before anything is logged', async () => {
  const body = guardedBody(4096)
  const most = page.freeBytesFor(body)
  page.insertAt(body, 0, bytes('only'))
  page.insertAt(body, 1, bytes('ghost'))
  page.deleteAt(body, 1)
  const before = body.slice()
  const expected: [ErrorCode, () => void][] = [
    ['ERR_SEAWALL_PAGE_FULL', () => operations.checkInsert(body, 2, most)],
    ['ERR_SEAWALL_PAGE_FULL', () => operations.checkInsert(body, 70_000, 0)],
    ['ERR_SEAWALL_PAGE_FULL', () => operations.checkInsert(body, 2, 70_000)],
    ['ERR_SEAWALL_INVALID_ARGUMENT', () => operations.checkInsert(body, 0, 1)],
    ['ERR_SEAWALL_INVALID_ARGUMENT', () => operations.checkInsert(body, 1, 1)],
    ['ERR_SEAWALL_PAGE_FULL', () => operations.checkUpdate(body, 0, most)],
    ['ERR_SEAWALL_UNKNOWN_SLOT', () => operations.checkUpdate(body, 1, 1)],
    ['ERR_SEAWALL_UNKNOWN_SLOT', () => operations.checkDelete(body, 1)],
    ['ERR_SEAWALL_UNKNOWN_SLOT', () => operations.checkDelete(body, 2)],
    ['ERR_SEAWALL_UNKNOWN_SLOT', () => operations.checkPurge(body, 2)],
    ['ERR_SEAWALL_UNKNOWN_SLOT', () => operations.encodeUpdate(body, 1, bytes('x'))],
    ['ERR_SEAWALL_UNKNOWN_SLOT', () => operations.encodeDelete(body, 1)],
  ]
  for (const [code, action] of expected) await expectError(code, action)
  operations.checkInsert(body, 2, 100)
  operations.checkUpdate(body, 0, 100)
  operations.checkDelete(body, 0)
  operations.checkPurge(body, 1)
  assert.equal(body, before)
})

test('payload that cannot be, or was made for another page -> ERR_SEAWALL_OPERATION_FAILED', async () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, bytes('record'))
  const before = body.slice()
  const nonsense: [number, string][] = [
    [8, '00'],
    [9, '0000 0000 0000 0000 0000 00'],
    [9, '0000 0000 0000 0900 0600 0600 616263'],
    [9, '0000 0200 0200 0100 0600 0600 63 64'],
    [10, '0000'],
    [10, '0000 0500'],
    [11, '0000 0500 00'],
    [12, ''],
    [13, '000000'],
  ]
  for (const [number, payload] of nonsense) {
    await expectError('ERR_SEAWALL_OPERATION_FAILED', () =>
      redo(body, { operation: number, payload: Buffer.from(payload.replaceAll(' ', ''), 'hex') }),
    )
  }
  for (const number of [8, 9, 10]) {
    await expectError('ERR_SEAWALL_OPERATION_FAILED', () =>
      operation(number).undo?.(new Uint8Array(1)),
    )
  }
  assert.equal(body, before)
})

const step = fc.record({
  operation: fc.constantFrom(8, 8, 9, 9, 10),
  pick: fc.nat(1000),
  bytes: fc.oneof(fc.nat(40), fc.nat(1200), fc.constant(0)),
  fill: fc.nat(255),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The change that a step means on this page, or undefined when it does not go. */
function changeFor(body: Uint8Array, { operation: number, pick, ...rest }: Step) {
  const used = [...page.slots(body)]
  const slot = number === 8 ? page.findFreeSlot(body) : used[pick % Math.max(1, used.length)]
  if (slot === undefined) return undefined
  const record = new Uint8Array(rest.bytes * (body.length > 4096 ? 16 : 1)).fill(rest.fill)
  // Part of the old record stays, so that updates have a prefix and a suffix.
  if (number === 9 && pick % 2 === 0) {
    const old = page.readRecord(body, slot)
    record.set(old.subarray(0, Math.min(old.length, record.length >> 1)))
    const suffix = old.subarray(old.length - Math.min(old.length, record.length >> 2))
    record.set(suffix, record.length - suffix.length)
  }
  if (number === 8) {
    if (!page.canInsert(body, slot, record.length)) return undefined
    return { operation: 8, payload: operations.encodeInsert(slot, record) }
  }
  if (number === 10) return { operation: 10, payload: operations.encodeDelete(body, slot) }
  if (!page.canUpdate(body, slot, record.length)) return undefined
  const payload = operations.encodeUpdate(body, slot, record)
  const expected = body.slice()
  page.updateAt(expected, slot, record)
  const changed = body.slice()
  operation(9).redo(changed, payload)
  assert.is(Buffer.compare(changed, expected), 0, 'an update of the middle is the whole update')
  return { operation: 9, payload }
}

test('H35 random history, replayed from zeros -> the same body byte by byte', () => {
  const property = fc.property(
    fc.constantFrom(...pageSizes),
    fc.array(step, { size: '+1' }),
    fc.nat(6),
    (pageBytes, steps, purgeEvery) => {
      const body = guardedBody(pageBytes)
      const log: Change[] = []
      const make = (change: Change): void => {
        redo(body, change)
        log.push(change)
        assert.is(page.verify(body), undefined)
      }
      for (const [i, each] of steps.entries()) {
        const change = changeFor(body, each)
        if (change !== undefined) make(change)
        if (i % (purgeEvery + 3) !== 0) continue
        for (const slot of [...page.purgeableSlots(body)]) {
          make({ operation: 12, payload: operations.encodePurge(slot) })
        }
      }
      const replayed = guardedBody(pageBytes)
      for (const change of log) redo(replayed, change)
      assert.is(Buffer.compare(replayed, body), 0)
      assertGuarded(body)
    },
  )
  fc.assert(property, { numRuns: 200 })
})

test('random changes undone backwards -> the records, slots and room of before; redone: the same', () => {
  const property = fc.property(
    fc.constantFrom(...pageSizes),
    fc.array(step, { size: '+1' }),
    fc.array(step, { size: '+1' }),
    (pageBytes, earlier, undone) => {
      const body = guardedBody(pageBytes)
      for (const each of earlier) {
        const change = changeFor(body, each)
        if (change !== undefined) redo(body, change)
      }
      const before = { content: contentOf(body), room: page.freeBytesFor(body) }
      const log: Change[] = []
      const start = body.slice()
      for (const each of undone) {
        const change = changeFor(body, each)
        if (change === undefined) continue
        redo(body, change)
        log.push(change)
      }
      for (const change of [...log].reverse()) {
        log.push(undo(body, change))
        assert.is(page.verify(body), undefined)
      }
      assert.equal({ content: contentOf(body), room: page.freeBytesFor(body) }, before)
      for (const change of log) redo(start, change)
      assert.is(Buffer.compare(start, body), 0)
      assertGuarded(body)
    },
  )
  fc.assert(property, { numRuns: 200 })
})

test('random payloads on random pages -> a typed error and no change, or a valid page', () => {
  const small = fc.oneof(fc.nat(12), fc.nat(300), fc.nat(65_535))
  const property = fc.property(
    fc.array(step),
    fc.constantFrom(...operations.slottedOperations.keys()),
    fc.array(small, { maxLength: 7 }),
    fc.uint8Array({ maxLength: 40 }),
    (steps, number, values, rest) => {
      const body = guardedBody(4096)
      for (const each of steps) {
        const change = changeFor(body, each)
        if (change !== undefined) redo(body, change)
      }
      const before = body.slice()
      const payload = new Uint8Array([...values.flatMap((value) => [value, value >> 8]), ...rest])
      try {
        operation(number).redo(body, payload)
        assert.is(page.verify(body), undefined)
      } catch (error) {
        assert.instance(error, SeawallError, String(error))
        assert.is(Buffer.compare(body, before), 0)
      }
      assertGuarded(body)
    },
  )
  fc.assert(property, { numRuns: 3000 })
})

test('any payload on a page that is no slotted page -> ends, and writes nothing outside the body', () => {
  const property = fc.property(
    fc.uint8Array({ minLength: 8, maxLength: 400 }),
    fc.constantFrom(...operations.slottedOperations.keys()),
    fc.uint8Array({ maxLength: 40 }),
    (content, number, payload) => {
      const body = guardedBody(4096)
      for (let at = 0; at < body.length; at += content.length) {
        body.set(content.subarray(0, body.length - at), at)
      }
      try {
        operation(number).redo(body, payload)
      } catch (error) {
        assert.instance(error, Error)
      }
      assert.type(page.verify(body) ?? 'valid by chance', 'string')
      assertGuarded(body)
    },
  )
  fc.assert(property, { numRuns: 1000 })
})

test.run()
