// Goal: what a user sees of a log: append, commit, flush, read, get, truncate, close, reopen.
// Method: real logs in temporary directories, through the public API only.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log, type LogRecord, type LSN } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { bodiesOf, openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const text = (value: string): Buffer => Buffer.from(value)

test('append returns rising LSNs before anything is durable -> flush makes all of it durable', async () => {
  await using log = await openSmall({ writerDelayMs: 60_000 })
  const first = log.append(text('one'))
  const second = log.append(text('two'), { type: 7 })
  assert.ok(second > first)
  assert.is(log.endLSN > second, true)
  assert.ok(log.flushedLSN <= first)
  const flushed = await log.flush(second)
  assert.ok(flushed > second)
  assert.is(log.flushedLSN, log.endLSN)
})

test('flush with nothing appended, on a new log and on one opened again -> resolves at once', async () => {
  const log = await openSmall()
  assert.is(await log.flush(), log.endLSN)
  await log.commit(text('x'))
  assert.is(await log.flush(), log.endLSN)
  await log.close()
  await using again = await openSmall({}, log.directory)
  assert.is(await again.flush(), again.endLSN)
})

test('appended and left alone -> durable after writerDelayMs', async () => {
  await using log = await openSmall({ writerDelayMs: 5 })
  const lsn = log.append(text('quiet'))
  for (let i = 0; i < 200 && log.flushedLSN <= lsn; i++)
    await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(log.flushedLSN > lsn)
})

test('many commits at once -> acknowledged in order, few flushes', async () => {
  await using log = await openSmall()
  const order: number[] = []
  const before = log.stats().flushes
  const commits = Array.from({ length: 500 }, (_, i) =>
    log.commit(text(`${i}`)).then(() => order.push(i)),
  )
  await Promise.all(commits)
  assert.equal(
    order,
    Array.from({ length: 500 }, (_, i) => i),
  )
  assert.ok(log.stats().flushes - before < 50, `${log.stats().flushes - before} flushes`)
})

test('commitSync -> durable when it returns', async () => {
  await using log = await openSmall()
  const lsn = log.commitSync(text('now'))
  assert.ok(log.flushedLSN > lsn)
})

test('commit with durability async -> resolves before the flush', async () => {
  await using log = await openSmall({ writerDelayMs: 60_000 })
  const lsn = await log.commit(text('later'), { durability: 'async' })
  assert.ok(log.flushedLSN <= lsn)
  await using asyncLog = await openSmall({ durability: 'async', writerDelayMs: 60_000 })
  const other = await asyncLog.commit(text('later'))
  assert.ok(asyncLog.flushedLSN <= other)
  await asyncLog.commit(text('sooner'), { durability: 'flush' })
  assert.ok(asyncLog.flushedLSN > other)
})

test('appendBatch -> consecutive records', async () => {
  await using log = await openSmall()
  const lsns = log.appendBatch([text('a'), text('b'), text('c')], { type: 3 })
  await log.flush()
  const records = []
  for await (const record of log.read()) records.push(record)
  assert.equal(
    records.map((record) => [record.lsn, record.type, Buffer.from(record.body).toString()]),
    lsns.map((lsn, i) => [lsn, 3, 'abc'[i]]),
  )
  assert.equal(log.appendBatch([]), [])
})

test('bodies of every kind of view and of every size around the limits -> read back whole', async () => {
  await using log = await openSmall()
  const sizes = [0, 1, 7, 8, 9, 4072, 4073, 8168, 8169, 16383, 16384, 16385, 65536, 300_000]
  const bodies = sizes.map((size) =>
    Buffer.from(Array.from({ length: size }, (_, i) => (i * 31 + size) & 255)),
  )
  for (const body of bodies) log.append(body)
  log.append(new Uint16Array([1, 2, 3]))
  log.append(new DataView(new ArrayBuffer(16), 4, 8))
  log.append(new ArrayBuffer(5))
  log.append(bodies[5]?.subarray(10, 20) ?? text(''))
  await log.flush()
  const read: Buffer[] = []
  for await (const { body } of log.read()) read.push(Buffer.from(body))
  assert.equal(read.slice(0, sizes.length), bodies)
  assert.equal(
    read.slice(sizes.length).map((body) => body.length),
    [6, 8, 5, 10],
  )
})

test('body of 64 MiB through a buffer of 64 KiB -> read back whole, by scan and by LSN', async () => {
  await using log = await Log.open(temporaryDirectory(), {
    bufferBytes: 64 * 1024,
    segmentBytes: 8 << 20,
  })
  const large = Buffer.alloc(64 << 20)
  for (let i = 0; i < large.length; i += 4) large.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i)
  const lsn = await log.commit(large)
  log.append(text('after'))
  await log.flush()
  const scanned = []
  for await (const { body } of log.read()) scanned.push(body)
  assert.is(scanned.length, 2)
  assert.is(Buffer.compare(scanned[0] ?? text(''), large), 0)
  assert.is(Buffer.compare((await log.get(lsn)).body, large), 0)
})

test('the body is changed right after append -> the log keeps what was appended', async () => {
  await using log = await openSmall()
  const body = text('before')
  log.append(body)
  body.fill(0)
  await log.flush()
  assert.equal(await bodiesOf(log), ['before'])
})

test('read from and to -> the range; batches hold the same records', async () => {
  await using log = await openSmall()
  const lsns = log.appendBatch(Array.from({ length: 2000 }, (_, i) => text(`record ${i}`)))
  await log.flush()
  const from = lsns[500] as LSN
  const to = lsns[1500] as LSN
  const seen: number[] = []
  for await (const record of log.read({ from, to })) seen.push(record.lsn)
  assert.equal(seen, lsns.slice(500, 1500))
  let count = 0
  for await (const batch of log.read({ from, to }).batches()) {
    for (let i = 0; i < batch.count; i++) {
      assert.is(batch.lsn(i), lsns[500 + count])
      assert.is(Buffer.from(batch.body(i)).toString(), `record ${500 + count}`)
      count += 1
    }
  }
  assert.is(count, 1000)
  assert.equal(await bodiesOf(await openSmall()), [])
})

test('read while records are appended -> ends at what was durable when it began', async () => {
  await using log = await openSmall()
  await log.commit(text('before'))
  const scan = log.read()
  await log.commit(text('after'))
  const seen = []
  for await (const { body } of scan) seen.push(Buffer.from(body).toString())
  assert.equal(seen, ['before'])
})

test('live read -> follows the log, ends with an abort or with close', async () => {
  const log = await openSmall()
  await log.commit(text('0'))
  const controller = new AbortController()
  const seen: string[] = []
  const follow = async (signal?: AbortSignal): Promise<void> => {
    for await (const { body } of log.read({ live: true, ...(signal && { signal }) })) {
      seen.push(Buffer.from(body).toString())
      if (seen.length === 10) controller.abort()
    }
  }
  const following = follow(controller.signal)
  for (let i = 1; i < 10; i++) await log.commit(text(`${i}`))
  const error = await expectError('ERR_SEAWALL_ABORTED', () => following)
  assert.is((error.cause as Error).name, 'AbortError')
  assert.equal(
    seen,
    Array.from({ length: 10 }, (_, i) => `${i}`),
  )
  seen.length = 0
  const untilClose = follow()
  while (seen.length < 10) await new Promise((resolve) => setTimeout(resolve, 5))
  await log.close()
  await untilClose
})

test('get -> the record; unflushed records only when asked for', async () => {
  await using log = await openSmall({ writerDelayMs: 60_000 })
  const durable = await log.commit(text('durable'), { type: 9 })
  const record = await log.get(durable)
  assert.is(record.type, 9)
  assert.is(record.body.toString(), 'durable')
  const pending = log.append(text('pending'), { type: 4 })
  assert.is(record.nextLSN, pending)
  await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () => log.get(pending))
  // A record in pieces is handed to the writer as it is framed, and what is before it with it.
  const long = log.append(Buffer.alloc(40_000, 1))
  const unflushed = await log.get(pending, { unflushed: true })
  assert.equal([unflushed.type, unflushed.body.toString(), unflushed.nextLSN], [4, 'pending', long])
  assert.is((await log.get(long, { unflushed: true })).body.length, 40_000)
  await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () =>
    log.get((pending + 8) as LSN, { unflushed: true }),
  )
})

test('get of unflushed records that a long one pushed out of the buffer -> found all the same', async () => {
  await using log = await openSmall({ writerDelayMs: 60_000 })
  for (let i = 1; i <= 10; i++) {
    const before = log.append(text(`before ${i}`))
    const long = log.append(Buffer.alloc(200_000 + i, i))
    const behind = log.append(text(`behind ${i}`))
    const get = (lsn: LSN): Promise<LogRecord> => log.get(lsn, { unflushed: true })
    const [first, second, third] = await Promise.all([get(before), get(long), get(behind)])
    assert.is(first.body.toString(), `before ${i}`)
    assert.is(Buffer.compare(second.body, Buffer.alloc(200_000 + i, i)), 0)
    assert.is(third.body.toString(), `behind ${i}`)
    await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () => get((behind + 8) as LSN))
    await expectError('ERR_SEAWALL_LSN_OUT_OF_RANGE', () => get(log.endLSN))
  }
})

test('truncateBefore -> oldestLSN moves, segments are reused, earlier records are gone', async () => {
  await using log = await openSmall()
  let kept = log.endLSN
  for (let i = 0; i < 400; i++) {
    kept = await log.commit(Buffer.alloc(4000, i))
    if (i % 50 === 49) assert.is(await log.truncateBefore(kept), kept)
  }
  assert.is(log.oldestLSN, kept)
  const stats = log.stats()
  assert.ok(stats.segments <= 5 && stats.segmentsRecycled > 2, JSON.stringify(stats))
  await expectError('ERR_SEAWALL_LSN_TRUNCATED', async () => {
    for await (const _ of log.read({ from: (kept - 4024) as LSN })) assert.unreachable()
  })
  assert.is(await log.truncateBefore(log.endLSN), log.endLSN)
  assert.equal(await bodiesOf(log), [])
})

test('closed and opened again -> same records, a clean report', async () => {
  const log = await openSmall()
  await log.commit(text('one'))
  log.append(text('two'))
  await log.close()
  await using again = await Log.open(log.directory)
  assert.is(again.recovery.decision, 'clean-end')
  assert.is(again.recovery.closedCleanly, true)
  assert.is(again.recovery.incarnation, 2)
  assert.is(again.recovery.keptTo, log.flushedLSN)
  assert.equal(await bodiesOf(again), ['one', 'two'])
})

test('padToBlock -> every flush ends at a block, records read back', async () => {
  await using log = await openSmall({ padToBlock: true })
  for (let i = 0; i < 50; i++) {
    await log.commit(Buffer.alloc(i * 97, i))
    assert.is(log.flushedLSN % 4096, 0)
  }
  log.commitSync(Buffer.alloc(4064))
  assert.is(log.flushedLSN % 4096, 0)
  log.append(Buffer.alloc(200_000, 5))
  await log.flush()
  assert.is((await bodiesOf(log)).length, 52)
})

test('both backends and buffered I/O -> the same log', async () => {
  const directory = temporaryDirectory()
  const ways = [
    { backend: 'threads' },
    { directIO: 'never' },
    { backend: 'threads', directIO: 'never' },
    {},
  ] as const
  for (const [i, options] of ways.entries()) {
    await using log = await openSmall(options, directory)
    if ('backend' in options) assert.is(log.stats().backend, 'threads')
    if ('directIO' in options) assert.is(log.stats().directIO, false)
    await Promise.all(Array.from({ length: 100 }, () => log.commit(Buffer.alloc(3000, i))))
    assert.is((await bodiesOf(log)).length, (i + 1) * 100)
  }
})

test('events and channels -> flush, rotate, recovery, close', async () => {
  const seen: string[] = []
  const note = (_message: unknown, name: string | symbol): void => {
    seen.push(String(name))
  }
  for (const name of ['seawall:recovery', 'seawall:flush', 'seawall:rotate']) subscribe(name, note)
  const log = await openSmall()
  for (const name of ['flush', 'rotate', 'close'] as const) log.on(name, () => seen.push(name))
  for (let i = 0; i < 100; i++) await log.commit(Buffer.alloc(4000))
  await log.close()
  for (const name of ['seawall:recovery', 'seawall:flush', 'seawall:rotate'])
    unsubscribe(name, note)
  for (const name of [
    'seawall:recovery',
    'seawall:flush',
    'seawall:rotate',
    'flush',
    'rotate',
    'close',
  ]) {
    assert.ok(seen.includes(name), name)
  }
})

test('flushes -> their time at the drive is no longer than their waiters waited for it', async () => {
  await using log = await Log.open(temporaryDirectory())
  const [before, begunAt] = [log.stats(), performance.now()]
  for (let i = 0; i < 200; i++) await log.commit(Buffer.from('x'))
  log.commitSync(Buffer.alloc(3 * 1024 * 1024))
  const [after, elapsedMs] = [log.stats(), performance.now() - begunAt]
  const driveMs = after.flushDriveMs - before.flushDriveMs
  assert.ok(driveMs > 0 && driveMs <= elapsedMs, `${driveMs} of ${elapsedMs} ms`)
  assert.ok(after.flushDriveMaxMs >= driveMs / (after.flushes - before.flushes))
  assert.ok(after.flushDriveMaxMs <= after.flushDriveMs)
})

test('stats and inspect -> numbers and a line; stats stay after close', async () => {
  const log = await openSmall()
  await log.commit(text('x'))
  const stats = log.stats()
  assert.is(stats.appends, 1)
  assert.is(stats.appendBytes, 1)
  assert.ok(['io_uring', 'threads'].includes(stats.backend))
  assert.match(inspect(log), /^Log \{ .*open, oldestLSN 0, flushedLSN \d+, endLSN \d+ \}$/)
  await log.close()
  assert.is(log.stats().appends, 1)
})

test('commitDelayUs with enough siblings -> commits still resolve', async () => {
  await using log = await openSmall({ commitDelayUs: 2000, commitSiblings: 2 })
  await Promise.all(Array.from({ length: 10 }, () => log.commit(text('d'))))
  await log.commit(text('alone'))
})

test('onProgress -> phases of the open', async () => {
  const phases = new Set<string>()
  await using _log = await openSmall({ onProgress: ({ phase }) => phases.add(phase) })
  await using other = await openSmall()
  await other.commit(text('x'))
  assert.type(phases.size, 'number')
})

test.run()
