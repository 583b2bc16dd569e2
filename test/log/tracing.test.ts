// Goal: every open, checkpoint and transaction shows on its tracing channel, with what it came to; those who do not
// listen pay nothing, and those who listen badly break nothing.
// Method: subscribers on the real channels; a child process for a subscriber that throws.
import { AsyncLocalStorage } from 'node:async_hooks'
import { execFileSync } from 'node:child_process'
import { tracingChannel } from 'node:diagnostics_channel'
import { constants } from 'node:os'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, Log, type TraceMessages, type Transaction } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { diskOperation, simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'

type Name = keyof TraceMessages
interface Seen {
  event: string
  message: TraceMessages[Name]
}

const root = new URL('../..', import.meta.url).pathname
const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

/** What is published on the channel while `run` runs. */
async function seenOn<T>(name: Name, run: () => Promise<T>): Promise<[Seen[], T]> {
  const channel = tracingChannel(`seawall:${name}`)
  const seen: Seen[] = []
  const subscribers = events.map((event) => {
    const subscriber = (message: unknown): void =>
      void seen.push({ event, message: message as TraceMessages[Name] })
    channel[event].subscribe(subscriber)
    return { event, subscriber }
  })
  try {
    return [seen, await run()]
  } finally {
    for (const { event, subscriber } of subscribers) channel[event].unsubscribe(subscriber)
  }
}

const eventsOf = (seen: Seen[]): string => seen.map(({ event }) => event).join(' ')
const whole = 'start end asyncStart asyncEnd'
const failed = 'start end error asyncStart asyncEnd'

function messageOf<AnyName extends Name>(seen: Seen[], _name: AnyName): TraceMessages[AnyName] {
  const messages = new Set(seen.map(({ message }) => message))
  assert.is(messages.size, 1, 'one object for all events of one call')
  return [...messages][0] as TraceMessages[AnyName]
}

const small = { segmentBytes: 256 * 1024, bufferBytes: 64 * 1024, bufferPoolBytes: 256 * 1024 }
const openEngine = (): Promise<Engine> => Engine.open(temporaryDirectory(), small)

async function newPage(engine: Engine): Promise<number> {
  return engine.transaction(async (tx) => (await tx.allocatePage()).id)
}

const writeTo = (page: number) => async (tx: Transaction) =>
  void tx.write(await tx.page(page), 0, Buffer.from('hello'))

test('log opened -> recovery with its report', async () => {
  const [seen, log] = await seenOn('recovery', () => openSmall())
  assert.is(eventsOf(seen), whole)
  const message = messageOf(seen, 'recovery')
  assert.is(message.directory, log.directory)
  assert.is(message.recovery, log.recovery)
  assert.is(message.readOnly, false)
  assert.is(message.result, log)
  await log.close()
})

test('log that cannot be opened -> the error, no report', async () => {
  const missing = `${temporaryDirectory()}/missing`
  const [seen, error] = await seenOn('recovery', () =>
    expectError('ERR_SEAWALL_NOT_FOUND', () => Log.open(missing, { readOnly: true })),
  )
  assert.is(eventsOf(seen), failed)
  const message = messageOf(seen, 'recovery')
  assert.is(message.error, error)
  assert.is(message.directory, missing)
  assert.is(message.recovery, undefined)
})

test('engine opened -> restart around recovery and a checkpoint', async () => {
  const order: string[] = []
  const note = (name: Name, event: 'start' | 'asyncEnd'): (() => void) => {
    const subscriber = (): void => void order.push(`${name} ${event}`)
    const channel = tracingChannel(`seawall:${name}`)[event]
    channel.subscribe(subscriber)
    return () => channel.unsubscribe(subscriber)
  }
  const names: Name[] = ['restart', 'recovery', 'checkpoint']
  const undo = names.flatMap((name) => [note(name, 'start'), note(name, 'asyncEnd')])
  const [seen, engine] = await seenOn('restart', () => openEngine())
  for (const end of undo) end()
  assert.equal(order, [
    'restart start',
    'recovery start',
    'recovery asyncEnd',
    'checkpoint start',
    'checkpoint asyncEnd',
    'restart asyncEnd',
  ])
  assert.is(messageOf(seen, 'restart').restart, engine.recovery)
  await engine.close()
})

test('checkpoint asked for, engine closed -> one checkpoint each, with its report', async () => {
  const engine = await openEngine()
  const [seen, report] = await seenOn('checkpoint', () => engine.checkpoint())
  assert.is(eventsOf(seen), whole)
  const message = messageOf(seen, 'checkpoint')
  assert.is(message.checkpoint, report)
  assert.is(message.cause, 'request')
  const [last] = await seenOn('checkpoint', () => engine.close())
  assert.is(eventsOf(last), whole)
})

test('log grows, time passes -> checkpoints that say why they began', async () => {
  const engine = await Engine.open(temporaryDirectory(), {
    ...small,
    maxWalBytes: 1024 * 1024,
    checkpointTimeoutMs: 200,
  })
  const page = await newPage(engine)
  const [seen] = await seenOn('checkpoint', async () => {
    const deadline = performance.now() + 20_000
    const { checkpoints } = engine.stats()
    const isDone = (): boolean => {
      const now = engine.stats().checkpoints
      return now.byTime > checkpoints.byTime && now.byLogBytes > checkpoints.byLogBytes
    }
    for (let i = 0; !isDone() && performance.now() < deadline; i++) {
      await engine.transaction(async (tx) => {
        tx.write(await tx.page(page), 0, Buffer.alloc(4000, i % 251))
      })
    }
  })
  const causes = new Set(seen.map(({ message }) => (message as { cause: string }).cause))
  assert.equal([...causes].sort(), ['log', 'time'])
  const { count, byTime, byLogBytes, duration, sinceLastMs } = engine.stats().checkpoints
  assert.ok(byTime > 0 && byLogBytes > 0 && byTime + byLogBytes < count)
  assert.is(duration.count, count)
  assert.ok(sinceLastMs !== undefined && sinceLastMs >= 0)
  await engine.close()
})

test('transaction committed -> outcome, LSN, records, duration', async () => {
  const engine = await openEngine()
  const page = await newPage(engine)
  const [seen] = await seenOn('transaction', () => engine.transaction(writeTo(page)))
  assert.is(eventsOf(seen), whole)
  const message = messageOf(seen, 'transaction')
  const { form, outcome, readOnly, records, commitLSN = 0, flushedLSN = 0, durationMs } = message
  assert.equal([form, outcome, readOnly, records], ['callback', 'committed', false, 1])
  assert.ok(commitLSN > 0 && flushedLSN > commitLSN, 'durable when it is told')
  assert.ok(durationMs !== undefined && durationMs > 0)
  assert.type(message.transactionId, 'number')
  await engine.close()
})

test('callback throws -> rolled back, with the error', async () => {
  const engine = await openEngine()
  const page = await newPage(engine)
  const reason = new Error('no')
  const [seen] = await seenOn('transaction', async () => {
    const running = engine.transaction(async (tx) => {
      await writeTo(page)(tx)
      throw reason
    })
    await running.then(assert.unreachable, (error: unknown) => assert.is(error, reason))
  })
  assert.is(eventsOf(seen), failed)
  const { outcome, error, commitLSN, records } = messageOf(seen, 'transaction')
  // The change and its compensation.
  assert.equal([outcome, error, commitLSN, records], ['rolledBack', reason, undefined, 2])
  await engine.close()
})

test('begin, then commit or rollback -> one trace each', async () => {
  const engine = await openEngine()
  const page = await newPage(engine)
  for (const way of ['commit', 'rollback'] as const) {
    const [seen] = await seenOn('transaction', async () => {
      const tx = await engine.begin()
      await writeTo(page)(tx)
      await tx[way]()
      await tx.rollback()
    })
    assert.is(eventsOf(seen), whole, way)
    const { form, outcome } = messageOf(seen, 'transaction')
    assert.equal([form, outcome], ['explicit', way === 'commit' ? 'committed' : 'rolledBack'])
  }
  await engine.close()
})

test('timeout, closed engine, wrong options -> the error of an explicit transaction', async () => {
  const engine = await openEngine()
  const [timedOut] = await seenOn('transaction', async () => {
    const tx = await engine.begin({ timeoutMs: 10 })
    while (tx.phase !== 'rolled back') await new Promise((done) => setTimeout(done, 5))
  })
  assert.is(eventsOf(timedOut), failed)
  const { error, outcome } = messageOf(timedOut, 'transaction')
  assert.is(outcome, 'rolledBack')
  assert.is((error as { code?: string }).code, 'ERR_SEAWALL_TRANSACTION_TIMEOUT')
  assert.is(engine.stats().transactions.timeouts, 1)
  await engine.close()
  const [closed] = await seenOn('transaction', () =>
    expectError('ERR_SEAWALL_CLOSED', () => engine.begin()),
  )
  assert.is(eventsOf(closed), failed)
  const { outcome: none, transactionId } = messageOf(closed, 'transaction')
  assert.equal([none, transactionId], [undefined, undefined])
})

test('commit cannot be made durable -> unknown, with the error', async () => {
  const disk = new SimulatedDisk(1)
  const options = { ...small, nativeBinding: simulatedBinding, checkpointTimeoutMs: 2 ** 31 - 1 }
  const engine = await Engine.open(disk.directory, options)
  const page = await newPage(engine)
  disk.fail(diskOperation.write, '/wal', constants.errno.EIO, 1000)
  const [seen, error] = await seenOn('transaction', () =>
    expectError('ERR_SEAWALL_POISONED', () => engine.transaction(writeTo(page))),
  )
  const message = messageOf(seen, 'transaction')
  assert.equal([eventsOf(seen), message.outcome, message.error], [failed, 'unknown', error])
  assert.ok((message.commitLSN ?? 0) >= (message.flushedLSN ?? 0), 'it is not durable')
  assert.equal([engine.stats().failed, engine.stats().log.poisoned], [true, true])
  const [explicit] = await seenOn('transaction', () =>
    expectError('ERR_SEAWALL_POISONED', () => engine.begin()),
  )
  assert.is(messageOf(explicit, 'transaction').outcome, undefined)
  await expectError('ERR_SEAWALL_POISONED', () => engine.close())
  disk.forget()
})

test('checkpoint fails -> its error, and no report', async () => {
  const disk = new SimulatedDisk(1)
  const options = { ...small, nativeBinding: simulatedBinding }
  const engine = await Engine.open(disk.directory, options)
  disk.fail(diskOperation.write, '/master', constants.errno.EIO, 1000)
  const { count } = engine.stats().checkpoints
  const [seen, error] = await seenOn('checkpoint', () =>
    engine.checkpoint().then(
      () => assert.unreachable(),
      (reason: unknown) => reason,
    ),
  )
  const message = messageOf(seen, 'checkpoint')
  assert.equal([eventsOf(seen), message.error, message.checkpoint], [failed, error, undefined])
  assert.is(engine.stats().checkpoints.count, count)
  await engine.close().catch(() => {})
  disk.forget()
})

test('nobody listened when it began -> nothing is told of it', async () => {
  const engine = await openEngine()
  const tx = await engine.begin()
  const [seen] = await seenOn('transaction', () => tx.commit())
  assert.is(eventsOf(seen), '')
  await engine.close()
})

test('store bound to the start -> it holds within the callback, and not around it', async () => {
  const engine = await openEngine()
  const page = await newPage(engine)
  const store = new AsyncLocalStorage<{ directory: string }>()
  const { start } = tracingChannel<{ directory: string }, { directory: string }>(
    'seawall:transaction',
  )
  start.bindStore(store, ({ directory }) => ({ directory }))
  const outer = new AsyncLocalStorage<string>()
  await outer.run('outer', () =>
    engine.transaction(async (tx) => {
      assert.is(store.getStore()?.directory, engine.directory)
      await writeTo(page)(tx)
      assert.is(store.getStore()?.directory, engine.directory, 'also after a wait')
      assert.is(outer.getStore(), 'outer')
    }),
  )
  const tx = await engine.begin()
  assert.is(store.getStore(), undefined)
  await tx.rollback()
  start.unbindStore(store)
  await engine.close()
})

test('subscriber throws -> an uncaughtException of the process; the transaction commits', () => {
  const program = `
    import { tracingChannel, subscribe } from 'node:diagnostics_channel'
    import { Engine } from '${root}lib/index.ts'
    const uncaught = []
    process.on('uncaughtException', (error) => uncaught.push(error.message))
    const events = ['start', 'end', 'asyncStart', 'asyncEnd']
    for (const name of ['transaction', 'checkpoint', 'restart', 'recovery']) {
      for (const event of events) tracingChannel('seawall:' + name)[event].subscribe(() => { throw new Error(name) })
    }
    for (const name of ['flush', 'checkpoint']) subscribe('seawall:' + name, () => { throw new Error('channel') })
    const engine = await Engine.open('${temporaryDirectory()}')
    const page = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
    const tx = await engine.begin()
    tx.write(await tx.page(page), 0, Buffer.from('hello'))
    await tx.commit()
    const { committed, rolledBack } = engine.stats().transactions
    await engine.close()
    await new Promise((done) => setTimeout(done, 20))
    console.log(JSON.stringify([committed, rolledBack, [...new Set(uncaught)].sort()]))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', program]
  const output = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  const thrown = ['channel', 'checkpoint', 'recovery', 'restart', 'transaction']
  assert.equal(JSON.parse(output), [2, 0, thrown])
})

test.run()
