// Goal: every deadlock is found when it arises, the youngest in it gives way, and nobody else has to.
// Method: the classical schedules written out, then transactions that run, wait, and start again with random locks.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { SeawallError } from '../../../lib/errors.ts'
import { type LockKey, type LockMode, LockOwner, LockTable } from '../../../lib/txn/lock-table.ts'
import { expectError } from '../../support/expect-error.ts'
import { generator } from '../../support/random.ts'

const seed = Number(process.env.SEAWALL_SEED ?? 20261121)

function owners(count: number): LockOwner[] {
  return Array.from({ length: count }, (_, i) => new LockOwner(i + 1))
}

/** What is known of a wait: pending, granted or the code of its error. */
function watch(wait: Promise<void> | undefined): { state: string } {
  const watched = { state: wait === undefined ? 'granted' : 'pending' }
  wait?.then(
    () => (watched.state = 'granted'),
    (error: SeawallError) => (watched.state = error.code),
  )
  return watched
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const isVictim = 'ERR_SEAWALL_DEADLOCK'

test('two owners crosswise, the younger closes the cycle -> the younger is the victim', async () => {
  const table = new LockTable()
  const [a, b] = owners(2) as [LockOwner, LockOwner]
  table.tryAcquire(a, 'left', 'X')
  table.tryAcquire(b, 5, 'S')
  const first = watch(table.acquire(a, 5, 'X'))
  const error = await expectError(isVictim, () => table.acquire(b, 'left', 'IS'))
  assert.match(
    error.message,
    'transaction 2 waits for IS on key "left", which transaction 1 holds with X; ' +
      'transaction 1 waits for X on page 5, which transaction 2 holds with S',
  )
  await settled()
  assert.is(first.state, 'pending', 'the victim keeps its locks until it is released')
  assert.is(table.modeOf(b, 5), 'S')
  table.releaseAll(b)
  await settled()
  assert.is(first.state, 'granted')
  assert.is(table.stats().deadlocks, 1)
})

test('two owners crosswise, the older closes the cycle -> the younger is the victim, the older waits on', async () => {
  const table = new LockTable()
  const [a, b] = owners(2) as [LockOwner, LockOwner]
  table.tryAcquire(a, 1, 'X')
  table.tryAcquire(b, 2, 'X')
  const younger = watch(table.acquire(b, 1, 'X'))
  const older = watch(table.acquire(a, 2, 'X'))
  await settled()
  assert.equal([younger.state, older.state], [isVictim, 'pending'])
  table.releaseAll(b)
  await settled()
  assert.is(older.state, 'granted')
})

test('two readers who both want to write -> conversion deadlock, the younger is the victim', async () => {
  for (const firstId of [0, 1]) {
    const table = new LockTable()
    const pair = owners(2)
    const [older, younger] = pair as [LockOwner, LockOwner]
    for (const owner of pair) table.tryAcquire(owner, 'k', 'S')
    const order = firstId === 0 ? [older, younger] : [younger, older]
    const waits = new Map(order.map((owner) => [owner, watch(table.acquire(owner, 'k', 'X'))]))
    await settled()
    assert.equal([waits.get(older)?.state, waits.get(younger)?.state], ['pending', isVictim])
    table.releaseAll(younger)
    await settled()
    assert.is(table.modeOf(older, 'k'), 'X')
  }
})

test('three owners in a circle, in every order of waiting -> the youngest is the victim', async () => {
  const orders = ['012', '021', '102', '120', '201', '210']
  for (const order of orders) {
    const table = new LockTable()
    const all = owners(3)
    all.forEach((owner, i) => table.tryAcquire(owner, i, 'X'))
    const waits: { state: string }[] = []
    for (const i of [...order].map(Number)) {
      waits[i] = watch(table.acquire(all[i] as LockOwner, (i + 1) % 3, 'X'))
    }
    await settled()
    assert.equal(
      waits.map(({ state }) => state),
      ['pending', 'pending', isVictim],
      order,
    )
    table.releaseAll(all[2] as LockOwner)
    await settled()
    assert.is(waits[1]?.state, 'granted')
    assert.is(table.stats().deadlocks, 1)
  }
})

test('wait that closes two cycles -> one victim in each', async () => {
  const table = new LockTable()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.tryAcquire(a, 'a', 'X')
  table.tryAcquire(b, 'shared', 'S')
  table.tryAcquire(c, 'shared', 'S')
  const waits = [watch(table.acquire(b, 'a', 'S')), watch(table.acquire(c, 'a', 'S'))]
  const closing = watch(table.acquire(a, 'shared', 'X'))
  await settled()
  assert.equal([waits[0]?.state, waits[1]?.state], [isVictim, isVictim])
  assert.is(closing.state, 'pending')
  assert.is(table.stats().deadlocks, 2)
})

test('cycle through one who only stands before the other in the queue -> found', async () => {
  const table = new LockTable()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.tryAcquire(a, 'k', 'S')
  table.tryAcquire(c, 'other', 'X')
  const writer = watch(table.acquire(b, 'k', 'X'))
  const reader = watch(table.acquire(c, 'k', 'S'))
  assert.is(table.stats().deadlocks, 0)
  const waiting = table.acquire(b, 'other', 'X')
  await settled()
  assert.is(reader.state, isVictim, 'it waits behind the writer, not for the holder')
  assert.is(writer.state, 'pending')
  table.releaseAll(c)
  await waiting
  table.releaseAll(a)
  await settled()
  assert.is(writer.state, 'granted')
})

test('owner that waits for a set of locks -> any of its waits closes a cycle; only that one is rejected', async () => {
  const table = new LockTable()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.tryAcquire(a, 'a', 'X')
  table.tryAcquire(b, 'b', 'X')
  table.tryAcquire(c, 'c', 'X')
  const waits = [watch(table.acquire(c, 'a', 'X')), watch(table.acquire(c, 'b', 'X'))]
  const older = watch(table.acquire(a, 'c', 'X'))
  await settled()
  assert.equal([waits[0]?.state, waits[1]?.state, older.state], [isVictim, 'pending', 'pending'])
  table.releaseAll(c)
  await settled()
  assert.equal([waits[1]?.state, older.state], ['ERR_SEAWALL_TRANSACTION_ENDED', 'granted'])
})

test('cycle that a grant closes, not a wait -> found', async () => {
  const table = new LockTable()
  const [a, b, c] = owners(3) as [LockOwner, LockOwner, LockOwner]
  table.tryAcquire(c, 'k', 'S')
  table.tryAcquire(a, 'k', 'IS')
  table.tryAcquire(b, 'b', 'X')
  const first = watch(table.acquire(a, 'b', 'X'))
  const second = watch(table.acquire(b, 'k', 'IX'))
  assert.is(table.stats().deadlocks, 0, "the intention to read is in nobody's way")
  assert.ok(table.tryAcquire(a, 'k', 'S'))
  await settled()
  assert.equal([first.state, second.state], ['pending', isVictim])
})

test('long waits without a cycle -> nobody is a victim', async () => {
  const table = new LockTable()
  const all = owners(300)
  all.forEach((owner, i) => table.tryAcquire(owner, i, 'X'))
  const waits = all.slice(1).map((owner, i) => watch(table.acquire(owner, i, 'S')))
  assert.is(table.stats().deadlocks, 0)
  for (const owner of all) table.releaseAll(owner)
  await settled()
  assert.ok(waits.every(({ state }) => state === 'granted'))
})

test('long cycle -> the message stays short', async () => {
  const table = new LockTable()
  const all = owners(100)
  all.forEach((owner, i) => table.tryAcquire(owner, 'k'.repeat(i + 1), 'X'))
  const waits = all.map((owner, i) =>
    Promise.resolve(table.acquire(owner, 'k'.repeat(((i + 1) % 100) + 1), 'X')),
  )
  const { message } = await expectError(isVictim, () => waits[99])
  assert.match(message, 'and 92 more')
  assert.ok(message.length < 2500, `${message.length}`)
  table.close(new Error('end'))
  await Promise.allSettled(waits)
})

test('queue of a thousand who are all waited for -> searched in milliseconds', async () => {
  const table = new LockTable()
  const all = owners(1000)
  const waits: Promise<void>[] = []
  const start = performance.now()
  all.forEach((owner, i) => {
    table.tryAcquire(owner, i, 'X')
    const follower = new LockOwner(10_000 + i)
    waits.push(Promise.resolve(table.acquire(follower, i, 'X')))
    waits.push(Promise.resolve(table.acquire(owner, 'hot', 'X')))
  })
  const perWaitMs = (performance.now() - start) / 2000
  assert.is(table.stats().deadlocks, 0)
  assert.ok(perWaitMs < 5, `${perWaitMs} ms for each wait`)
  table.close(new Error('end'))
  await Promise.allSettled(waits)
})

/** Takes a few random locks, one after the other or at once, and starts again when it is a victim. */
async function run(
  table: LockTable,
  nextId: () => number,
  random: (below: number) => number,
): Promise<number> {
  const modes: LockMode[] = ['IS', 'IX', 'S', 'SIX', 'X']
  const wanted = Array.from({ length: 1 + random(4) }, (): [LockKey, LockMode] => [
    random(5),
    modes[random(modes.length)] as LockMode,
  ])
  const atOnce = random(3) === 0
  for (let attempt = 1; ; attempt++) {
    const owner = new LockOwner(nextId())
    try {
      if (atOnce)
        await Promise.all(wanted.map(async ([key, mode]) => table.acquire(owner, key, mode)))
      else for (const [key, mode] of wanted) await table.acquire(owner, key, mode)
      for (const [key, mode] of wanted) assert.ok(table.covers(owner, key, mode))
      if (random(2) === 0) await settled()
      return attempt
    } catch (error) {
      assert.is((error as SeawallError).code, isVictim)
    } finally {
      table.releaseAll(owner)
    }
    // Those whom it made way for are not starved by a loop of microtasks.
    await settled()
  }
}

test('H41 H42 many transactions that start again after a deadlock -> all finish, nothing is left', async () => {
  console.log(`seed ${seed}`)
  for (let round = 0; round < 10; round++) {
    const random = generator(seed + round)
    const table = new LockTable()
    let lastId = 0
    const nextId = (): number => (lastId += 1)
    const all = Array.from({ length: 200 }, () => run(table, nextId, random))
    const attempts = await Promise.all(all)
    assert.is(attempts.length, 200, `seed ${seed + round}`)
    const { locks, waiters, deadlocks } = table.stats()
    assert.equal({ locks, waiters }, { locks: 0, waiters: 0 }, `seed ${seed + round}`)
    assert.ok(deadlocks > 0, `seed ${seed + round}: no deadlock`)
  }
})

test.run()
