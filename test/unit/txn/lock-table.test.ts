// Goal: locks are granted fairly, every wait ends exactly once and in the right way, nothing is left behind.
// Method: small schedules written out; who has been granted is asked after the microtasks have run.
import { getEventListeners } from 'node:events'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { SeawallError } from '../../../lib/errors.ts'
import {
  type LockKey,
  type LockMode,
  LockOwner,
  LockTable,
  type LockWait,
} from '../../../lib/txn/lock-table.ts'
import { expectError } from '../../support/expect-error.ts'
import { converted, lockModes, mayShare } from '../../support/naive-lock-table.ts'

function owners(count: number): LockOwner[] {
  return Array.from({ length: count }, (_, i) => new LockOwner(i + 1))
}

/** A table that notes in which order waits end. */
class Observed extends LockTable {
  readonly ended: string[] = []

  ask(owner: LockOwner, key: LockKey, mode: LockMode, wait?: LockWait): boolean {
    const granted = this.acquire(owner, key, mode, wait)
    const name = `${owner.id} ${mode} ${key}`
    granted?.then(
      () => this.ended.push(name),
      (error: SeawallError) => this.ended.push(`${name}: ${error.code}`),
    )
    return granted === undefined
  }

  async endedNow(): Promise<string[]> {
    await new Promise((resolve) => setImmediate(resolve))
    return this.ended.splice(0)
  }
}

test('all pairs of modes -> shared or waited for as in the matrix, converted to the supremum', () => {
  for (const one of lockModes) {
    for (const other of lockModes) {
      const table = new LockTable()
      const [a, b] = owners(2) as [LockOwner, LockOwner]
      assert.ok(table.tryAcquire(a, 1, one))
      assert.is(table.tryAcquire(b, 1, other), mayShare(one, other), `${one} beside ${other}`)
      assert.is(table.modeOf(b, 1), mayShare(one, other) ? other : undefined)
      table.releaseAll(b)
      assert.is(table.covers(a, 1, other), converted(one, other) === one, `${one} covers ${other}`)
      assert.is(table.acquire(a, 1, other), undefined, 'nobody else: converted at once')
      assert.is(table.modeOf(a, 1), converted(one, other))
      assert.is(a.lockCount, 1)
    }
  }
})

test('key 1 and key "1" -> different locks', () => {
  const table = new LockTable()
  const [a, b] = owners(2) as [LockOwner, LockOwner]
  assert.ok(table.tryAcquire(a, 1, 'X'))
  assert.ok(table.tryAcquire(b, '1', 'X'))
  assert.is(table.stats().locks, 2)
})

test('key that nobody holds -> no mode, covers nothing', () => {
  const table = new LockTable()
  const [a] = owners(1) as [LockOwner]
  assert.is(table.modeOf(a, 'k'), undefined)
  assert.not(table.covers(a, 'k', 'IS'))
})

test('reader behind a waiting writer -> waits although it is compatible with the holder', async () => {
  const table = new Observed()
  const [a, b, c, d] = owners(4) as [LockOwner, LockOwner, LockOwner, LockOwner]
  assert.ok(table.ask(a, 'k', 'S'))
  assert.not(table.ask(b, 'k', 'X'))
  assert.not(table.ask(c, 'k', 'S'))
  assert.not(table.tryAcquire(d, 'k', 'S'))
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['2 X k'])
  table.releaseAll(b)
  assert.equal(await table.endedNow(), ['3 S k'])
})

test('release -> granted from the front as far as compatible', async () => {
  const table = new Observed()
  const all = owners(7)
  const modes: LockMode[] = ['X', 'S', 'IS', 'S', 'X', 'S', 'IS']
  all.forEach((owner, i) => table.ask(owner, 'k', modes[i] as LockMode))
  table.releaseAll(all[0] as LockOwner)
  assert.equal(await table.endedNow(), ['2 S k', '3 IS k', '4 S k'])
  for (const owner of all.slice(1, 4)) table.releaseAll(owner)
  assert.equal(await table.endedNow(), ['5 X k'])
  table.releaseAll(all[4] as LockOwner)
  assert.equal(await table.endedNow(), ['6 S k', '7 IS k'])
})

test('many writers -> first come first served', async () => {
  const table = new Observed()
  const all = owners(50)
  for (const owner of all) table.ask(owner, 'k', 'X')
  for (const owner of all) table.releaseAll(owner)
  assert.equal(
    await table.endedNow(),
    all.slice(1).map(({ id }) => `${id} X k`),
  )
  assert.is(table.stats().locks, 0)
})

test('conversion -> before the new requests that came earlier', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 'k', 'S')
  table.ask(b, 'k', 'S')
  assert.not(table.ask(c, 'k', 'X'))
  assert.not(table.ask(a, 'k', 'X'))
  table.releaseAll(b)
  assert.equal(await table.endedNow(), ['1 X k'])
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['3 X k'])
})

test('conversion compatible with the holders -> granted at once past those who wait', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 'k', 'IS')
  table.ask(b, 'k', 'IS')
  table.ask(c, 'k', 'X')
  assert.ok(table.ask(a, 'k', 'IX'))
  assert.ok(table.ask(b, 'k', 'IX'))
  assert.not(table.ask(a, 'k', 'S'), 'the other one may write parts')
  table.releaseAll(b)
  assert.equal(await table.endedNow(), ['1 S k'])
  assert.is(table.modeOf(a, 'k'), 'SIX')
})

test('two waits of one owner for one key -> the second is a conversion once the first is granted', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 'k', 'X')
  table.ask(b, 'k', 'S')
  table.ask(c, 'k', 'X')
  table.ask(b, 'k', 'IX')
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['2 S k', '2 IX k'])
  assert.equal([table.modeOf(b, 'k'), b.lockCount], ['SIX', 1])
  table.releaseAll(b)
  assert.equal(await table.endedNow(), ['3 X k'])
})

test('later wait of an owner granted before its earlier one -> the earlier is a conversion, no longer behind others', async () => {
  const table = new Observed()
  const [a, b, c, d] = owners(4) as [LockOwner, LockOwner, LockOwner, LockOwner]
  table.ask(a, 'k', 'X')
  table.ask(b, 'k', 'IX')
  table.ask(c, 'k', 'S')
  table.ask(d, 'k', 'IX')
  table.ask(d, 'k', 'IS')
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['2 IX k', '4 IS k', '4 IX k'])
  table.releaseAll(b)
  table.releaseAll(d)
  assert.equal(await table.endedNow(), ['3 S k'])
})

test('waits of one owner for several keys -> granted one by one, in whatever order', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 1, 'X')
  table.ask(b, 2, 'X')
  table.ask(c, 1, 'X')
  table.ask(c, 2, 'X')
  table.releaseAll(b)
  assert.equal(await table.endedNow(), ['3 X 2'])
  assert.ok(c.isWaiting)
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['3 X 1'])
  assert.not(c.isWaiting)
})

test('timeout -> rejected with key, mode and holder; those behind move up; the lock is kept', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 'accounts', 'S')
  table.ask(b, 7, 'X')
  const waiting = table.acquire(b, 'accounts', 'X', { timeoutMs: 20 })
  table.ask(c, 'accounts', 'S')
  const { message } = await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => waiting)
  assert.match(message, 'X on key "accounts", after 20 ms: transaction 1 holds S')
  assert.equal(await table.endedNow(), ['3 S accounts'])
  assert.is(table.modeOf(b, 7), 'X')
  assert.is(table.stats().timeouts, 1)
})

test('timeout of 0, aborted signal -> rejected at once, but only if there is a wait', async () => {
  const table = new LockTable()
  const [a, b] = owners(2) as [LockOwner, LockOwner]
  const signal = AbortSignal.abort(new Error('changed my mind'))
  assert.is(table.acquire(a, 'k', 'X', { timeoutMs: 0, signal }), undefined)
  await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => table.acquire(b, 'k', 'X', { timeoutMs: 0 }))
  const error = await expectError('ERR_SEAWALL_ABORTED', () =>
    table.acquire(b, 'k', 'X', { signal }),
  )
  assert.is(error.cause, signal.reason)
  assert.is(b.isWaiting, false)
})

test('timeout longer than a timer can be -> no limit', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 'k', 'X')
  table.ask(b, 'k', 'X', { timeoutMs: 2 ** 31 })
  table.ask(c, 'k', 'X', { timeoutMs: Infinity })
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(await table.endedNow(), [])
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['2 X k'])
})

test('abort -> rejected with the reason; those behind move up', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  const abort = new AbortController()
  table.ask(a, 'k', 'S')
  const waiting = table.acquire(b, 'k', 'X', { signal: abort.signal })
  table.ask(c, 'k', 'S')
  abort.abort('enough')
  const error = await expectError('ERR_SEAWALL_ABORTED', () => waiting)
  assert.is(error.cause, 'enough')
  assert.equal(await table.endedNow(), ['3 S k'])
})

test('H41 wait that ends -> its timer and its listener are gone', async () => {
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  const { signal } = new AbortController()
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  table.ask(a, 'k', 'X')
  table.ask(b, 'k', 'X', { timeoutMs: 60_000, signal })
  table.ask(c, 'k', 'X', { timeoutMs: 60_000, signal })
  assert.is(timers(), before + 2, 'a transaction that waits keeps the process alive')
  assert.is(getEventListeners(signal, 'abort').length, 2)
  table.releaseAll(a)
  table.cancel(c, new Error('killed'))
  assert.is(timers(), before)
  assert.is(getEventListeners(signal, 'abort').length, 0)
  await table.endedNow()
})

test('cancel -> every wait of the owner is rejected with the error, its locks are kept', async () => {
  const table = new LockTable()
  const [a, b] = owners(2) as [LockOwner, LockOwner]
  table.tryAcquire(a, 1, 'X')
  table.tryAcquire(a, 2, 'X')
  table.tryAcquire(b, 3, 'X')
  const waits = [table.acquire(b, 1, 'S'), table.acquire(b, 2, 'S')]
  const error = new SeawallError('ERR_SEAWALL_TRANSACTION_TIMEOUT')
  table.cancel(b, error)
  table.cancel(b, error)
  for (const result of await Promise.allSettled(waits.map((wait) => Promise.resolve(wait)))) {
    assert.is(result.status === 'rejected' && result.reason, error)
  }
  assert.equal([b.isWaiting, b.lockCount, table.stats().waiters], [false, 1, 0])
})

test('releaseAll of an owner that waits -> ERR_SEAWALL_TRANSACTION_ENDED, nobody comes out of turn', async () => {
  const table = new Observed()
  const [a, b, c, d] = owners(4) as [LockOwner, LockOwner, LockOwner, LockOwner]
  table.ask(a, 'k', 'SIX')
  table.ask(b, 'k', 'IS')
  table.ask(a, 'k', 'X')
  table.ask(c, 'k', 'S')
  table.ask(d, 'k', 'IS')
  table.ask(d, 'k', 'IX')
  table.releaseAll(a)
  assert.equal(await table.endedNow(), ['1 X k: ERR_SEAWALL_TRANSACTION_ENDED', '3 S k', '4 IS k'])
  table.releaseAll(c)
  assert.equal(await table.endedNow(), ['4 IX k'])
})

test('H41 releaseAll -> entries vanish; twice does nothing', () => {
  const table = new LockTable()
  const [a, b] = owners(2) as [LockOwner, LockOwner]
  for (let page = 0; page < 1000; page++) {
    table.tryAcquire(a, page, 'S')
    table.tryAcquire(b, page, 'S')
  }
  table.releaseAll(a)
  assert.equal([table.stats().locks, a.lockCount, b.lockCount], [1000, 0, 1000])
  table.releaseAll(b)
  table.releaseAll(b)
  assert.equal([table.stats().locks, b.lockCount], [0, 0])
})

test('H42 close -> every waiter gets the error, also those who come later; locks can be released', async () => {
  const table = new LockTable()
  const all = owners(20)
  const waits = all.flatMap((owner) => [table.acquire(owner, 1, 'X'), table.acquire(owner, 2, 'S')])
  const error = new SeawallError('ERR_SEAWALL_CLOSED')
  table.close(error)
  table.close(new Error('too late'))
  waits.push(table.acquire(all[5] as LockOwner, 1, 'X'))
  const results = await Promise.allSettled(waits.filter((wait) => wait !== undefined))
  assert.is(results.length, 20)
  assert.ok(results.every((result) => result.status === 'rejected' && result.reason === error))
  for (const owner of all) table.releaseAll(owner)
  assert.equal([table.stats().locks, table.stats().waiters], [0, 0])
})

test('rejections -> none is unhandled when the caller handles its own', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): unknown => unhandled.push(error)
  process.on('unhandledRejection', note)
  const table = new Observed()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.ask(a, 1, 'X')
  table.ask(b, 2, 'X')
  table.ask(a, 2, 'X')
  table.ask(b, 1, 'X', { timeoutMs: 1000 })
  table.ask(c, 1, 'X', { signal: AbortSignal.abort() })
  table.ask(c, 1, 'X', { timeoutMs: 0 })
  table.releaseAll(a)
  table.close(new SeawallError('ERR_SEAWALL_CLOSED'))
  assert.is((await table.endedNow()).length, 4)
  process.off('unhandledRejection', note)
  assert.equal(unhandled, [])
})

test.run()
