// Goal: what the example event store is to show, each by itself: versions that two writers cannot both
// have, live readers, positions that stay good, snapshots, projections.
// Method: small stores on real files.
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EventStore, WrongVersionError } from '../../examples/event-store/event-store.ts'
import { Projection } from '../../examples/event-store/projection.ts'
import type { NewEvent } from '../../examples/event-store/record-format.ts'
import { expectError } from '../support/expect-error.ts'
import { inTime } from '../support/in-time.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const event = (text: string): NewEvent => ({ type: 'said', data: Buffer.from(text) })
const textOf = (data: Uint8Array): string => Buffer.from(data).toString()

async function wrongVersion(promise: Promise<unknown>): Promise<number> {
  const error: unknown = await promise.catch((caught: unknown) => caught)
  assert.instance(error, WrongVersionError)
  return (error as WrongVersionError).actualVersion
}

async function streamOf(store: EventStore, stream: string, from?: number): Promise<string[]> {
  const events: string[] = []
  for await (const { version, data } of store.readStream(stream, from)) {
    events.push(`${version} ${textOf(data)}`)
  }
  return events
}

test('the demo -> one of two withdrawals is refused; run again it goes on', () => {
  const directory = temporaryDirectory()
  const run = (): string[] => {
    const args = ['--import', 'tsx', 'examples/event-store/main.ts', directory]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
    return stdout.trim().split('\n')
  }
  const first = run()
  assert.is(first[0], 'withdrawn: 80; refused: 20 is less than 80')
  assert.is(first[1], 'version 3, balance 20')
  assert.is(first[2], 'all accounts: { events: 3, balance: 20 }')
  assert.is(run()[2], 'all accounts: { events: 6, balance: 40 }')
})

test('two expect the same version -> one of them is told the version that it is now', async () => {
  await using store = await EventStore.open(temporaryDirectory())
  const both = [store.append('s', 0, [event('a'), event('b')]), store.append('s', 0, [event('c')])]
  assert.is(await wrongVersion(both[1] as Promise<unknown>), 2)
  await both[0]
  assert.is(await wrongVersion(store.append('other', 1, [event('x')])), 0)
  assert.is((await store.append('s', 'any', [event('d')])).version, 3)
  assert.equal(await streamOf(store, 's'), ['1 a', '2 b', '3 d'])
  assert.equal(await streamOf(store, 's', 2), ['2 b', '3 d'])
  assert.equal([await streamOf(store, 's', 4), await streamOf(store, 'none')], [[], []])
})

test('not durable yet -> the reader of the stream waits for it', async () => {
  await using store = await EventStore.open(temporaryDirectory())
  const appended = store.append('s', 0, [event('a')])
  assert.equal(await streamOf(store, 's'), ['1 a'])
  await appended
})

test('live reader -> catches up, follows, ends with the signal or the store', async () => {
  const store = await EventStore.open(temporaryDirectory())
  for (const text of ['a', 'b']) await store.append(text, 0, [event(text)])
  const controller = new AbortController()
  const seen: string[] = []
  const follow = async (signal?: AbortSignal): Promise<void> => {
    for await (const commit of store.readAll({ live: true, signal })) {
      seen.push(commit.stream)
      if (seen.length === 3) controller.abort()
    }
  }
  const aborted = expectError('ERR_SEAWALL_ABORTED', () => follow(controller.signal))
  await store.append('c', 0, [event('c')])
  await inTime('the reader', aborted)
  assert.equal(seen, ['a', 'b', 'c'])
  const closed = follow()
  while (seen.length < 6) await new Promise(setImmediate)
  await store.close()
  await inTime('the end of the reader', closed)
  assert.equal(seen.slice(3), ['a', 'b', 'c'])
})

test('position of the end, reopened -> reading goes on there, and finds what came since', async () => {
  const directory = temporaryDirectory()
  let from: Awaited<ReturnType<EventStore['append']>>['position'] | undefined
  const found: string[] = []
  for (const text of ['a', 'b', 'c']) {
    await using store = await EventStore.open(directory, { padToBlock: text !== 'b' })
    for await (const _ of store.readAll({ from })) assert.unreachable('read twice')
    await store.append(text, 0, [event(text)])
    for await (const commit of store.readAll({ from })) {
      found.push(commit.stream)
      from = commit.nextPosition
    }
  }
  assert.equal(found, ['a', 'b', 'c'])
})

test('snapshots -> the newest is found, also after a reopen; one of no version is refused', async () => {
  const directory = temporaryDirectory()
  for (let opening = 0; opening < 2; opening++) {
    await using store = await EventStore.open(directory)
    if (opening === 0) {
      await store.append('s', 0, [event('a'), event('b'), event('c')])
      await store.saveSnapshot('s', 2, Buffer.from('ab'))
      await store.saveSnapshot('s', 1, Buffer.from('a'))
    }
    const snapshot = await store.readSnapshot('s')
    assert.equal([snapshot?.version, textOf(snapshot?.state ?? Buffer.alloc(0))], [2, 'ab'])
    assert.equal(await streamOf(store, 's', 3), ['3 c'])
    assert.is(await store.readSnapshot('none'), undefined)
    for (const version of [0, 4, NaN]) {
      const error: unknown = await store
        .saveSnapshot('s', version, Buffer.alloc(0))
        .catch((caught: unknown) => caught)
      assert.instance(error, RangeError)
    }
  }
})

test('projection closed and opened -> goes on behind its checkpoint', async () => {
  const directory = temporaryDirectory()
  const viewDirectory = temporaryDirectory()
  let applied = 0
  for (let opening = 1; opening <= 3; opening++) {
    await using store = await EventStore.open(directory)
    await using view = await Projection.open(viewDirectory, store, {
      initial: { events: 0 },
      apply: ({ events }, commit) => {
        applied += 1
        return { events: events + commit.events.length }
      },
      checkpointEvery: 2,
    })
    const controller = new AbortController()
    const following = view.follow(controller.signal)
    for (let i = 0; i < 5; i++) await store.append('s', 'any', [event('a'), event('b')])
    while (view.state.events < 10 * opening) await new Promise(setImmediate)
    controller.abort()
    await inTime('the projection', following)
    assert.is(applied, 5 * opening)
  }
})

test.run()
