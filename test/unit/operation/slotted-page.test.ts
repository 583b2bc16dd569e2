// Goal: the slotted page keeps every record under its slot, to the last byte of room, in the format that is written down.
// Method: golden bytes; pages filled to the brim at the smallest and the largest size; random changes against a Map.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import * as page from '../../../lib/operation/slotted-page.ts'
import { expectError } from '../../support/expect-error.ts'
import { assertGuarded, guardedBody } from '../../support/guarded-body.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const text = (body: Uint8Array, slot: number): string =>
  Buffer.from(page.readRecord(body, slot)).toString()
const headerBytes = 8
const entryBytes = 6
const pageSizes = [4096, 65536]

function assertEmpty(body: Uint8Array): void {
  assert.ok(
    body.every((byte) => byte === 0),
    'an emptied page is all zeros again',
  )
}

test('zeros -> a valid empty page', () => {
  for (const pageBytes of pageSizes) {
    const body = guardedBody(pageBytes)
    assert.is(page.verify(body), undefined)
    assert.is(page.slotCount(body), 0)
    assert.is(page.findFreeSlot(body), 0)
    assert.equal([...page.slots(body)], [])
    assert.is(page.freeBytesFor(body), pageBytes - 32 - headerBytes - entryBytes)
  }
})

test('small page -> the golden bytes', () => {
  const body = new Uint8Array(64)
  page.insertAt(body, 0, bytes('hello'))
  page.insertAt(body, 2, bytes(''))
  page.insertAt(body, 3, bytes('abcdef'))
  page.insertAt(body, 4, bytes('ghost'))
  page.updateAt(body, 3, bytes('abcd'))
  page.deleteAt(body, 4)
  const golden = [
    '0500' + '0100' + '1000' + '1000', // 5 slots, 1 of them free; heap 16 bytes, reserved 16 bytes
    '3b00' + '0500' + '0500', // slot 0: 5 bytes at 59
    '0000' + '0000' + '0000', // slot 1: free
    '4000' + '0000' + '0000', // slot 2: no bytes, so at the end of the body
    '3500' + '0400' + '0600', // slot 3: 4 of 6 bytes at 53
    '3000' + 'ffff' + '0500', // slot 4: a ghost that owns 5 bytes at 48
    '00'.repeat(10),
    Buffer.from('ghostabcd\0\0hello').toString('hex'),
  ].join('')
  assert.is(Buffer.from(body).toString('hex'), golden)
  assert.is(page.verify(body), undefined)
})

test('golden page, every slot purged or removed -> zeros', () => {
  const body = new Uint8Array(64)
  page.insertAt(body, 1, bytes('hello'))
  page.insertAt(body, 0, bytes(''))
  page.deleteAt(body, 0)
  page.purgeAt(body, 0)
  assert.is(page.slotCount(body), 2)
  page.removeAt(body, 1)
  assertEmpty(body)
})

test('maximum-size record -> takes the whole page, and gives all of it back', async () => {
  for (const pageBytes of pageSizes) {
    const body = guardedBody(pageBytes)
    const most = page.freeBytesFor(body)
    assert.not.ok(page.canInsert(body, 0, most + 1))
    await expectError('ERR_SEAWALL_PAGE_FULL', () =>
      page.insertAt(body, 0, new Uint8Array(most + 1)),
    )
    assertEmpty(body)
    page.insertAt(body, 0, new Uint8Array(most).fill(7))
    assert.is(page.verify(body), undefined)
    assert.is(page.freeBytesFor(body), -1)
    assert.not.ok(page.canInsert(body, 1, 0))
    assert.ok(page.readRecord(body, 0).every((byte) => byte === 7))
    assert.ok(page.canUpdate(body, 0, most))
    assert.not.ok(page.canUpdate(body, 0, most + 1))
    page.updateAt(body, 0, new Uint8Array(most).fill(8))
    page.updateAt(body, 0, bytes(''))
    page.deleteAt(body, 0)
    page.purgeAt(body, 0)
    assertEmpty(body)
    assertGuarded(body)
  }
})

test('zero-length records -> as many as the directory has room for, all different slots', () => {
  for (const pageBytes of pageSizes) {
    const body = guardedBody(pageBytes)
    let count = 0
    while (page.freeBytesFor(body) >= 0) page.insertAt(body, count++, bytes(''))
    assert.is(count, Math.floor((pageBytes - 32 - headerBytes) / entryBytes))
    assert.is(page.verify(body), undefined)
    assert.is([...page.slots(body)].length, count)
    assert.is(page.readRecord(body, count - 1).length, 0)
    page.deleteAt(body, 5)
    assert.not.ok(page.hasRecord(body, 5))
    page.restoreAt(body, 5, 0)
    assert.ok(page.hasRecord(body, 5))
    for (let slot = 0; slot < count; slot++) page.removeAt(body, slot)
    assertEmpty(body)
    assertGuarded(body)
  }
})

test('full page of small records with every other one purged -> one record takes all their room', () => {
  for (const pageBytes of pageSizes) {
    const body = guardedBody(pageBytes)
    let count = 0
    while (page.freeBytesFor(body) >= 10)
      page.insertAt(body, count++, bytes(`r${count}`.padEnd(10)))
    const before = page.freeBytesFor(body)
    for (let slot = 0; slot < count; slot += 2) {
      page.deleteAt(body, slot)
      page.purgeAt(body, slot)
    }
    const slot = page.findFreeSlot(body)
    assert.is(slot, 0)
    const most = page.freeBytesFor(body)
    assert.ok(most >= 10 * Math.ceil(count / 2) + Math.max(0, before), `${most} bytes`)
    page.insertAt(body, slot, new Uint8Array(most).fill(9))
    assert.is(page.verify(body), undefined)
    assert.is(text(body, 1), 'r2'.padEnd(10))
    assert.is(text(body, 3), 'r4'.padEnd(10))
    assert.is(page.readRecord(body, 0).length, most)
  }
})

test('record that grows on a full page -> its own bytes count as free', () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, new Uint8Array(1000).fill(1))
  page.insertAt(body, 1, new Uint8Array(2000).fill(2))
  const room = page.freeBytesFor(body) + entryBytes
  assert.ok(page.canUpdate(body, 0, 1000 + room))
  assert.not.ok(page.canUpdate(body, 0, 1000 + room + 1))
  page.updateAt(body, 0, new Uint8Array(1000 + room).fill(3))
  assert.is(page.verify(body), undefined)
  assert.ok(page.readRecord(body, 1).every((byte) => byte === 2))
  assert.is(page.freeBytesFor(body), -1)
})

test('delete -> ghost: slot and room stay taken until purge, then the lowest free slot is reused', () => {
  const body = guardedBody(4096)
  for (const slot of [0, 1, 2]) page.insertAt(body, slot, bytes(`record ${slot}`))
  const free = page.freeBytesFor(body)
  page.deleteAt(body, 1)
  assert.is(page.freeBytesFor(body), free)
  assert.is(page.findFreeSlot(body), 3)
  assert.equal([...page.slots(body)], [0, 2])
  assert.not.ok(page.canInsert(body, 1, 0))
  assert.not.ok(page.canUpdate(body, 1, 0))
  assert.equal([...page.purgeableSlots(body)], [1])
  page.restoreAt(body, 1, 8)
  assert.is(text(body, 1), 'record 1')
  assert.equal([...page.purgeableSlots(body)], [])
  page.deleteAt(body, 1)
  page.purgeAt(body, 1)
  assert.is(page.findFreeSlot(body), 1)
  assert.is(page.findFreeSlot(body, 2), 3)
  assert.is(page.slotCount(body), 3)
  page.insertAt(body, 1, bytes('next'))
  assert.is(text(body, 1), 'next')
  assert.is(page.findFreeSlot(body), 3)
  assert.is(page.findFreeSlot(body, 7), 7)
})

test('update to a shorter record -> its room stays taken until purge', () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, new Uint8Array(500).fill(1))
  page.insertAt(body, 1, bytes('neighbour'))
  const free = page.freeBytesFor(body)
  page.updateAt(body, 0, bytes('short'))
  assert.is(page.freeBytesFor(body), free)
  page.updateAt(body, 0, new Uint8Array(499).fill(2))
  page.updateAt(body, 0, bytes('short'))
  page.purgeAt(body, 0)
  assert.is(page.freeBytesFor(body), free + 495)
  assert.is(text(body, 0), 'short')
  page.purgeAt(body, 0)
  assert.is(text(body, 0), 'short')
  assert.is(page.verify(body), undefined)
})

test('insert beyond the last slot -> the slots between are free, and go when it goes', () => {
  const body = guardedBody(4096)
  page.insertAt(body, 9, bytes('far'))
  assert.is(page.slotCount(body), 10)
  assert.is(page.findFreeSlot(body), 0)
  page.insertAt(body, 4, bytes('near'))
  assert.equal([...page.slots(body)], [4, 9])
  assert.is(page.verify(body), undefined)
  page.removeAt(body, 9)
  assert.is(page.slotCount(body), 5)
  assert.not.ok(page.canInsert(body, 700, 0))
  assert.not.ok(page.canInsert(body, 70_000, 0))
})

test('no such slot -> ERR_SEAWALL_UNKNOWN_SLOT, and nothing is changed', async () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, bytes('zero'))
  page.insertAt(body, 2, bytes('two'))
  page.insertAt(body, 3, bytes('ghost'))
  page.deleteAt(body, 3)
  const before = body.slice()
  for (const slot of [1, 3, 4, 99, 65_535, -1, 0.5, Number.NaN, Infinity]) {
    assert.not.ok(page.hasRecord(body, slot))
    for (const action of [
      () => page.readRecord(body, slot),
      () => page.updateAt(body, slot, bytes('x')),
      () => page.deleteAt(body, slot),
      () => page.removeAt(body, slot),
    ]) {
      await expectError('ERR_SEAWALL_UNKNOWN_SLOT', action)
    }
  }
  for (const action of [
    () => page.purgeAt(body, 1),
    () => page.restoreAt(body, 0, 1),
    () => page.restoreAt(body, 1, 0),
    () => page.restoreAt(body, 3, 6),
  ]) {
    await expectError('ERR_SEAWALL_UNKNOWN_SLOT', action)
  }
  for (const slot of [0, 3, -1, 1.5, Number.NaN]) {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => page.insertAt(body, slot, bytes('x')))
  }
  assert.equal(body, before)
})

test('restore to a shorter record -> nothing stays behind it', () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, bytes('record'))
  page.deleteAt(body, 0)
  page.restoreAt(body, 0, 3)
  assert.is(text(body, 0), 'rec')
  assert.is(page.verify(body), undefined)
})

test('insert -> compacts only for want of room in one piece, to slot order from the end', () => {
  const body = new Uint8Array(64)
  page.insertAt(body, 1, bytes('one'))
  page.insertAt(body, 0, bytes('zero'))
  page.insertAt(body, 2, bytes('third'))
  page.updateAt(body, 1, bytes('first'))
  const gapBytes = 64 - headerBytes - 4 * entryBytes - 17
  const heap = (): string => Buffer.from(body.subarray(32)).toString()
  page.insertAt(body, 3, bytes('x'.repeat(gapBytes)))
  assert.is(heap(), 'xxxxxxxxxxxxxxxfirstthirdzero\0\0\0')
  page.removeAt(body, 3)
  page.insertAt(body, 3, bytes('y'.repeat(gapBytes + 1)))
  assert.is(heap(), '\0\0yyyyyyyyyyyyyyyythirdfirstzero')
})

test('splice outside the record or its capacity -> error, and nothing is changed', async () => {
  const body = guardedBody(4096)
  page.insertAt(body, 0, bytes('record'))
  const before = body.slice()
  for (const [prefixBytes, suffixBytes, capacity] of [
    [4, 3, 100],
    [7, 0, 100],
    [3, 3, 6],
  ] as const) {
    await expectError('ERR_SEAWALL_OUTSIDE_PAGE', () =>
      page.spliceAt(body, 0, prefixBytes, suffixBytes, bytes('x'), capacity),
    )
  }
  await expectError('ERR_SEAWALL_PAGE_FULL', () => page.spliceAt(body, 0, 0, 0, bytes('x'), 60_000))
  assert.equal(body, before)
})

test('any byte damaged outside the records -> verify says so', () => {
  const body = new Uint8Array(128)
  page.insertAt(body, 0, bytes('hello'))
  page.insertAt(body, 2, bytes('abcdef'))
  page.updateAt(body, 2, bytes('abc'))
  const inRecord = (at: number): boolean => at >= 123 || (at >= 117 && at < 120)
  for (let at = 0; at < body.length; at++) {
    if (inRecord(at)) continue
    const damaged = body.slice()
    // The highest bit: a heap that is only a little too large is a valid page with a hole.
    damaged[at] = (damaged[at] as number) ^ 0x80
    assert.type(page.verify(damaged), 'string', `byte ${at}`)
  }
})

test('random changes -> always what a Map says, valid, and inside the body', () => {
  const step = fc.record({
    action: fc.constantFrom('insert', 'update', 'update', 'delete', 'purge', 'remove', 'far'),
    pick: fc.nat(1000),
    bytes: fc.oneof(fc.nat(40), fc.nat(1500), fc.constant(0)),
    fill: fc.integer({ min: 0, max: 255 }),
  })
  const property = fc.property(
    fc.constantFrom(...pageSizes),
    fc.array(step, { size: '+1' }),
    (pageBytes, steps) => {
      const body = guardedBody(pageBytes)
      const model = new Map<number, Uint8Array>()
      const scale = pageBytes === 65536 ? 16 : 1
      for (const { action, pick, bytes: size, fill } of steps) {
        const record = new Uint8Array(size * scale).fill(fill)
        const used = [...model.keys()].sort((a, b) => a - b)
        const slot = used[pick % Math.max(1, used.length)]
        if (action === 'insert' || action === 'far') {
          const free = page.findFreeSlot(body, action === 'far' ? pick % 50 : 0)
          const fits = page.canInsert(body, free, record.length)
          if (action === 'insert') assert.is(fits, record.length <= page.freeBytesFor(body))
          if (!fits) continue
          page.insertAt(body, free, record)
          model.set(free, record)
        } else if (action === 'purge') {
          for (const ghost of [...page.purgeableSlots(body)]) page.purgeAt(body, ghost)
        } else if (slot !== undefined && action === 'update') {
          if (!page.canUpdate(body, slot, record.length)) continue
          page.updateAt(body, slot, record)
          model.set(slot, record)
        } else if (slot !== undefined) {
          if (action === 'delete') page.deleteAt(body, slot)
          else page.removeAt(body, slot)
          model.delete(slot)
        }
        assert.is(page.verify(body), undefined)
        const found = new Map([...page.slots(body)].map((at) => [at, page.readRecord(body, at)]))
        assert.is(found.size, model.size)
        for (const [at, expected] of model) {
          assert.is(Buffer.compare(found.get(at) as Uint8Array, expected), 0, `slot ${at}`)
        }
      }
      assertGuarded(body)
    },
  )
  fc.assert(property, { numRuns: 300 })
})

test.run()
