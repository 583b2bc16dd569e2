// Goal: stats() is right: what is counted was done, what is timed took as long, and what is a state is the state.
// Method: known work on a log and an engine; waits of a known length.
import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, openSmallEngine } from '../support/open-engine.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { fillLog, tightLog } from '../support/tight-log.ts'

test('commits one after the other -> the wait of each is measured, and counts its time', async () => {
  const log = await openSmall()
  const startedAt = performance.now()
  for (let i = 0; i < 20; i++) await log.commit(Buffer.alloc(10))
  for (let i = 0; i < 5; i++) log.commitSync(Buffer.alloc(10))
  const elapsedMs = performance.now() - startedAt
  const { flushWait, appends, appendBytes } = log.stats()
  assert.equal([flushWait.count, appends, appendBytes], [25, 25, 250])
  assert.ok(flushWait.totalMs > 0 && flushWait.totalMs <= elapsedMs)
  assert.ok(flushWait.maxMs <= flushWait.totalMs && flushWait.maxMs >= flushWait.totalMs / 25)
  assert.is(
    flushWait.counts.reduce((sum, count) => sum + count, 0),
    25,
  )
  await log.close()
})

test('many commits at once -> no more measurements than flushes', async () => {
  const log = await openSmall({ bufferBytes: 1 << 20 })
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 500 }, () => log.commit(Buffer.alloc(10))))
  }
  const { flushWait, flushes, appends } = log.stats()
  assert.is(appends, 5000)
  assert.ok(flushWait.count >= 10 && flushWait.count <= flushes, `${flushWait.count} of ${flushes}`)
  await log.close()
})

test('nobody waits -> no wait is measured', async () => {
  const log = await openSmall({ writerDelayMs: 1 })
  for (let i = 0; i < 5; i++) {
    const lsn = log.append(Buffer.alloc(10))
    while (log.flushedLSN <= lsn) await sleep(1)
  }
  assert.is(log.stats().flushWait.count, 0)
  await log.close()
})

test('log held, limited, closed -> heldBytes, maxLogBytes, open', async () => {
  const log = await openSmall({ maxLogBytes: 4 * 256 * 1024 })
  assert.is(log.stats().maxLogBytes, 4 * 256 * 1024)
  const first = await log.commit(Buffer.alloc(1000))
  const second = await log.commit(Buffer.alloc(1000))
  const { heldBytes, endLSN, oldestLSN } = log.stats()
  assert.is(heldBytes, endLSN - oldestLSN)
  await log.truncateBefore(second)
  assert.is(log.stats().heldBytes, heldBytes - (second - oldestLSN))
  assert.ok(first < second)
  assert.is(log.stats().open, true)
  const closing = log.close()
  assert.is(log.stats().open, false)
  await closing
  const after = log.stats()
  assert.equal([after.open, after.appends], [false, 2])
  const reader = await Log.open(log.directory, { readOnly: true })
  const { appends, publishes, maxLogBytes, open } = reader.stats()
  assert.equal([appends, publishes, maxLogBytes, open], [0, 0, undefined, true])
  await reader.close()
})

test('long record -> one append with all its bytes', async () => {
  const log = await openSmall()
  await log.commit(Buffer.alloc(200_000))
  const { appends, appendBytes } = log.stats()
  assert.equal([appends, appendBytes], [1, 200_000])
  await expectError('ERR_SEAWALL_INVALID_ARGUMENT', () => log.append('text' as never))
  assert.is(log.stats().appends, 1, 'what was refused is not counted')
  await log.close()
})

test('lock waited for -> how long, whether it was granted or not', async () => {
  const engine = await openSmallEngine()
  const holder = await engine.begin()
  await holder.lock('key')
  const waiter = await engine.begin({ lockTimeoutMs: 30 })
  await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => waiter.lock('key'))
  const granted = waiter.lock('other').then(() => engine.stats().locks.wait.count)
  assert.is(await granted, 1, 'granted at once: not a wait')
  const { wait, waits, timeouts, waiters } = engine.stats().locks
  assert.equal([wait.count, waits, timeouts, waiters], [1, 1, 1, 0])
  assert.ok(wait.maxMs >= 25, `${wait.maxMs} ms`)
  await waiter.rollback()
  await holder.rollback()
  await engine.close()
})

test('transactions -> counted by how they end; every eighth is timed', async () => {
  const engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const before = engine.stats().transactions
  for (let i = 0; i < 16; i++) {
    await engine.transaction(async (tx) => tx.write(await tx.page(page), 0, Buffer.from([i])))
  }
  for (let i = 0; i < 8; i++) await engine.transaction(() => {}, { readOnly: true })
  const after = engine.stats().transactions
  assert.is(after.committed - before.committed, 16)
  assert.is(after.withoutWrites - before.withoutWrites, 8)
  assert.is(after.duration.count - before.duration.count, 3)
  await engine.close()
})

test('transaction holds a full log -> counted when it is rolled back for that', async () => {
  const engine = await openSmallEngine(tightLog)
  const page = await newPage(engine, 'one')
  const idle = await engine.begin()
  await fillLog(idle, page)
  const tx = await engine.begin()
  const { endedForLogSpace, rolledBack, timeouts } = engine.stats().transactions
  assert.equal([endedForLogSpace, rolledBack, timeouts], [1, 1, 0])
  await tx.rollback()
  await engine.close()
})

test('oldest transaction, damaged pages, open -> the state, also after close', async () => {
  const engine = await openSmallEngine({}, temporaryDirectory())
  assert.is(engine.stats().transactions.oldestAgeMs, undefined)
  const tx = await engine.begin()
  await tx.allocatePage()
  await sleep(20)
  const { transactions, bufferPool, open, failed } = engine.stats()
  assert.ok((transactions.oldestAgeMs ?? 0) >= 15, `${transactions.oldestAgeMs} ms`)
  assert.equal([bufferPool.damagedPages, open, failed], [0, true, false])
  const { count } = engine.stats().checkpoints
  await engine.close()
  const closed = engine.stats()
  assert.equal([closed.open, closed.failed, closed.log.open], [false, false, false])
  assert.is(closed.transactions.rolledBack, 1)
  assert.is(closed.checkpoints.count, count + 1)
  assert.is(closed.checkpoints.duration.count, count + 1)
})

test.run()
