// Goal: what a user sees of transactions: commit, rollback, savepoints, isolation, durability
// levels, time limits (H34, H37, H38, H41, H42).
// Method: real stores in temporary directories in consistency mode, through the public API only.
import { setTimeout as delay } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, openSmallEngine, textOf } from '../support/open-engine.ts'

const text = (value: string): Buffer => Buffer.from(value)

test('committed changes -> seen by others and by the next open', async () => {
  const engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  assert.is(await textOf(engine, page, 3), 'one')
  await engine.close()
  await using again = await openSmallEngine({}, engine.directory)
  assert.is(await textOf(again, page, 3), 'one')
  assert.is(again.recovery.redo.records, 0)
})

test('callback throws -> everything is undone, the error comes out', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const error = new Error('mine')
  const thrown = await engine
    .transaction(async (tx) => {
      const held = await tx.page(page)
      tx.write(held, 0, text('two'))
      tx.write(held, 100, text('three'))
      const other = await tx.allocatePage()
      tx.write(other, 0, text('four'))
      throw error
    })
    .catch((caught: unknown) => caught)
  assert.is(thrown, error)
  assert.is(await textOf(engine, page, 3), 'one')
  const { bufferPool, locks, reservedLogBytes, transactions } = engine.stats()
  assert.equal([bufferPool.pinnedPages, locks.locks, reservedLogBytes], [0, 0, 0], 'H41')
  assert.equal([transactions.active, transactions.rolledBack], [0, 1])
})

test('page of a transaction that was rolled back -> unknown, and given to the next one', async () => {
  await using engine = await openSmallEngine()
  let lost = 0
  await engine
    .transaction(async (tx) => {
      lost = (await tx.allocatePage()).id
      throw new Error('no')
    })
    .catch(() => {})
  await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => textOf(engine, lost, 1))
  assert.is(await newPage(engine, 'x'), lost)
})

test('rollback to savepoints, nested and repeated -> exactly what came after them is undone', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'aaaa')
  await engine.transaction(async (tx) => {
    const held = await tx.page(page)
    const put = (at: number, letter: string): void => void tx.write(held, at, text(letter))
    const now = (): string => Buffer.from(held.body.subarray(0, 4)).toString()
    put(0, 'b')
    const outer = tx.savepoint()
    put(1, 'c')
    const inner = tx.savepoint()
    put(2, 'd')
    await tx.rollbackTo(inner)
    assert.is(now(), 'bcaa')
    put(3, 'e')
    await tx.rollbackTo(inner)
    assert.is(now(), 'bcaa')
    await tx.rollbackTo(outer)
    assert.is(now(), 'baaa')
    put(1, 'f')
    await tx.rollbackTo(outer)
    put(3, 'g')
  })
  assert.is(await textOf(engine, page, 4), 'baag')
})

test('H34 page changed by a running transaction -> others wait until it has ended', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const first = await engine.begin()
  first.write(await first.page(page), 0, text('two'))
  let read = ''
  const reader = textOf(engine, page, 3).then((value) => (read = value))
  const writer = engine.transaction(async (tx) => {
    tx.write(await tx.page(page), 0, text('six'))
  })
  await delay(20)
  assert.is(read, '')
  await first.rollback()
  await Promise.all([reader, writer])
  assert.is(read, 'one')
  assert.is(await textOf(engine, page, 3), 'six')
})

test('H34 change without a lock that covers it -> refused', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  const shared = await tx.page(page, { lock: 'S' })
  await expectError('ERR_SEAWALL_NOT_LOCKED', () => tx.write(shared, 0, text('x')))
  const unlocked = await (await engine.begin()).page(page, { lock: 'none' })
  await expectError('ERR_SEAWALL_NOT_LOCKED', () => tx.write(unlocked, 0, text('x')))
  await tx.rollback()
})

test('keys of one page locked by several transactions -> each changes and undoes its own bytes', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'aabb')
  const [one, two] = [await engine.begin(), await engine.begin()]
  const put = async (tx: typeof one, key: string, at: number, value: string): Promise<void> => {
    await tx.lock(key)
    const held = await tx.page(page, { lock: 'IX' })
    tx.write(held, at, text(value), { key })
  }
  await put(one, 'left', 0, 'cc')
  await put(two, 'right', 2, 'dd')
  await expectError('ERR_SEAWALL_NOT_LOCKED', async () => {
    const held = await two.page(page, { lock: 'IX' })
    two.write(held, 0, text('e'), { key: 'left' })
  })
  await one.rollback()
  await two.rollback()
  assert.is(await textOf(engine, page, 4), 'aabb')
})

test('two transactions that want what the other has -> one deadlocks and can be run again', async () => {
  await using engine = await openSmallEngine()
  const [a, b] = [await newPage(engine, '0'), await newPage(engine, '0')]
  let deadlocks = 0
  const run = async (first: number, second: number): Promise<void> => {
    while (true) {
      try {
        await engine.transaction(async (tx) => {
          const one = await tx.page(first)
          await delay(5)
          const two = await tx.page(second)
          const count = (body: Uint8Array): Buffer => Buffer.from([(body[0] ?? 0) + 1])
          tx.write(one, 0, count(one.body))
          tx.write(two, 0, count(two.body))
        })
        return
      } catch (error) {
        assert.is((error as { code: string }).code, 'ERR_SEAWALL_DEADLOCK')
        deadlocks += 1
        await delay(1)
      }
    }
  }
  await Promise.all([run(a, b), run(b, a), run(a, b), run(b, a)])
  assert.ok(deadlocks > 0)
  assert.equal([await textOf(engine, a, 1), await textOf(engine, b, 1)], ['4', '4'])
})

test('lock not granted in time -> typed error, the holder goes on', async () => {
  await using engine = await openSmallEngine({ lockTimeoutMs: 20 })
  const holder = await engine.begin()
  await holder.lock('key')
  await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => engine.transaction((tx) => tx.lock('key')))
  await holder.commit()
  await engine.transaction((tx) => tx.lock('key'))
})

test('timeoutMs passes -> rolled back, locks free, the callback is left behind', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  let late: unknown
  await expectError('ERR_SEAWALL_TRANSACTION_TIMEOUT', () =>
    engine.transaction(
      async (tx) => {
        const held = await tx.page(page)
        tx.write(held, 0, text('two'))
        await delay(60)
        late = await Promise.resolve()
          .then(() => tx.write(held, 0, text('six')))
          .catch((error: unknown) => error)
      },
      { timeoutMs: 20 },
    ),
  )
  assert.is(await textOf(engine, page, 3), 'one')
  await delay(80)
  assert.is((late as { code: string }).code, 'ERR_SEAWALL_TRANSACTION_TIMEOUT')
  assert.is(await textOf(engine, page, 3), 'one')
})

test('signal aborted while a lock is waited for -> rolled back with the reason', async () => {
  await using engine = await openSmallEngine()
  const holder = await engine.begin()
  await holder.lock('key')
  const controller = new AbortController()
  setTimeout(() => controller.abort('enough'), 10)
  const error = await expectError('ERR_SEAWALL_ABORTED', () =>
    engine.transaction((tx) => tx.lock('key'), { signal: controller.signal }),
  )
  assert.is(error.cause, 'enough')
  await expectError('ERR_SEAWALL_ABORTED', () =>
    engine.transaction(() => {}, { signal: AbortSignal.abort() }),
  )
  await holder.commit()
})

test('use after the end -> refused; await using rolls back', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  const held = await tx.page(page)
  await tx.commit()
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.write(held, 0, text('x')))
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.lock('key'))
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.page(page))
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.commit())
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => held.body)
  await tx.rollback()
  {
    await using left = await engine.begin()
    left.write(await left.page(page), 0, text('two'))
  }
  assert.is(await textOf(engine, page, 3), 'one')
})

test('read-only transaction -> writes no log, may not write', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const { endLSN } = engine.stats().log
  const tx = await engine.begin({ readOnly: true })
  const held = await tx.page(page)
  await expectError('ERR_SEAWALL_READ_ONLY', () => tx.write(held, 0, text('x')))
  await expectError('ERR_SEAWALL_READ_ONLY', () => tx.allocatePage())
  await tx.commit()
  assert.is(engine.stats().log.endLSN, endLSN)
})

test('H37 reader of a commit that is not durable yet -> acknowledged after it is', async () => {
  await using engine = await openSmallEngine({ writerDelayMs: 50 })
  const page = await newPage(engine, 'one')
  await engine.transaction(async (tx) => void tx.write(await tx.page(page), 0, text('two')), {
    durability: 'async',
  })
  const { endLSN } = engine.stats().log
  assert.ok(engine.flushedLSN < endLSN)
  assert.is(await textOf(engine, page, 3), 'two')
  assert.ok(engine.flushedLSN >= endLSN)
})

test('H38 flush committer behind an async one -> both are durable when it resolves', async () => {
  await using engine = await openSmallEngine({ writerDelayMs: 60_000 })
  const pages = [await newPage(engine, 'a'), await newPage(engine, 'b')]
  const put = (page: number, durability: 'flush' | 'async'): Promise<void> =>
    engine.transaction(async (tx) => void tx.write(await tx.page(page), 0, text('z')), {
      durability,
    })
  await Promise.all([put(pages[0] ?? 0, 'async'), put(pages[1] ?? 0, 'flush')])
  assert.is(engine.flushedLSN, engine.stats().log.endLSN)
})

test('freed page -> unknown to others, comes back on rollback, is handed out after the commit', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'keep')
  const freeing = await engine.begin()
  await freeing.freePage(await freeing.page(page))
  const other = await newPage(engine, 'other')
  assert.is.not(other, page)
  await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => freeing.page(page))
  await freeing.rollback()
  assert.is(await textOf(engine, page, 4), 'keep')
  await engine.transaction(async (tx) => tx.freePage(await tx.page(page)))
  await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => textOf(engine, page, 4))
  assert.is(await newPage(engine, ''), page)
  assert.is(await textOf(engine, page, 1), '\0')
})

test('nested top action -> stays when its transaction is rolled back', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'aaaa')
  const tx = await engine.begin()
  const held = await tx.page(page)
  tx.write(held, 0, text('b'))
  const made = await tx.nestedTopAction(async (actions) => {
    await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => tx.write(held, 1, text('x')))
    const inner = await actions.allocatePage()
    actions.apply(inner, 8, Buffer.from([0, 0, 1, 2, 3]))
    return inner.id
  })
  tx.write(held, 2, text('d'))
  await tx.rollback()
  assert.is(await textOf(engine, page, 4), 'aaaa')
  await engine.transaction(async (reader) => {
    const kept = await reader.page(made)
    assert.equal([...reader.records.read(kept, 0)], [1, 2, 3])
  })
})

test('nested top action that throws -> its changes are undone, the transaction goes on', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'aaaa')
  await engine.transaction(async (tx) => {
    tx.write(await tx.page(page), 0, text('b'))
    await tx
      .nestedTopAction(async (actions) => {
        actions.apply(await actions.allocatePage(), 8, Buffer.from([0, 0, 1]))
        throw new Error('no')
      })
      .catch(() => {})
    tx.write(await tx.page(page), 1, text('c'))
  })
  assert.is(await textOf(engine, page, 4), 'bcaa')
})

test('H41 H42 close with transactions running and waiting -> everything settles, nothing is left', async () => {
  const engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const holder = await engine.begin()
  holder.write(await holder.page(page), 0, text('two'))
  const waiting = expectError('ERR_SEAWALL_CLOSED', () => textOf(engine, page, 3))
  await delay(5)
  await engine.close()
  await waiting
  await expectError('ERR_SEAWALL_CLOSED', () => engine.begin())
  await expectError('ERR_SEAWALL_CLOSED', () => engine.checkpoint())
  await engine.close()
  await using again = await Engine.open(engine.directory)
  assert.is(await textOf(again, page, 3), 'one')
})

test('more pages than frames, more transactions than frames -> all of it comes through', async () => {
  await using engine = await openSmallEngine({ bufferPoolBytes: 16 * 4096 })
  const pages: number[] = []
  for (let i = 0; i < 100; i++) pages.push(await newPage(engine, `page ${i}`))
  await Promise.all(
    pages.map((page) =>
      engine.transaction(async (tx) => {
        const held = await tx.page(page)
        await delay(1)
        tx.write(held, 20, text('x'))
      }),
    ),
  )
  for (const [i, page] of pages.entries()) {
    assert.is(await textOf(engine, page, 21), `page ${i}`.padEnd(20, '\0') + 'x')
  }
  assert.ok(engine.stats().bufferPool.evictions > 0)
})

test('one transaction pins every frame -> typed error; released pages make room', async () => {
  await using engine = await openSmallEngine({ bufferPoolBytes: 16 * 4096 })
  await engine.transaction(async (tx) => {
    for (let i = 0; i < 40; i++) (await tx.allocatePage()).release()
  })
  await expectError('ERR_SEAWALL_BUFFER_POOL_FULL', () =>
    engine.transaction(async (tx) => {
      for (let i = 0; i < 40; i++) await tx.allocatePage()
    }),
  )
  assert.is(engine.stats().bufferPool.pinnedPages, 0)
})

test.run()
