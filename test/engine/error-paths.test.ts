// Goal: whatever goes wrong in the middle of a transaction, it holds no page and no lock longer than
// it should, others see nothing of it, and every wait ends (H34, H41, H42).
// Method: real stores; errors by log limits, unknown pages, aborts and operations that throw. Pins
// are looked at while the transaction still runs: its end would hide what an error path forgot.
import { getEventListeners } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type Operation, type Transaction } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, openSmallEngine, textOf } from '../support/open-engine.ts'
import { diskOperation, simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'
import { fillLog, tightLog } from '../support/tight-log.ts'

const text = (value: string): Buffer => Buffer.from(value)
const pinned = (engine: Engine): number => engine.stats().bufferPool.pinnedPages

/** Adds its payload to the first byte; its undo throws as long as `isBroken`. */
class Adder implements Operation {
  readonly name = 'add'
  isBroken = true

  redo(body: Uint8Array, payload: Uint8Array): void {
    body[0] = ((body[0] ?? 0) + (payload[0] ?? 0)) & 255
  }

  undo(payload: Uint8Array): { operation: number; payload: Uint8Array } {
    if (this.isBroken) throw new Error('mine')
    return { operation: 64, payload: Buffer.from([256 - (payload[0] ?? 0)]) }
  }
}

test('H34 transaction killed while others wait for its page -> they see what was before it', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const controller = new AbortController()
  const tx = await engine.begin({ signal: controller.signal })
  const held = await tx.page(page)
  for (let i = 0; i < 20; i++) tx.write(held, 0, text(`two ${i}`))
  const reading = textOf(engine, page, 3)
  await delay(5)
  controller.abort()
  assert.is(await reading, 'one')
})

test('H34 change after a rollback has begun -> refused; it would never be undone', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  const held = await tx.page(page)
  for (const value of ['two', 'six', 'ten']) tx.write(held, 0, text(value))
  const savepoint = tx.savepoint()
  tx.write(held, 0, text('red'))
  const back = tx.rollbackTo(savepoint)
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.write(held, 0, text('x')))
  await back
  const rollback = tx.rollback()
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.write(held, 0, text('x')))
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.commit())
  await rollback
  assert.is(await textOf(engine, page, 3), 'one')
})

test('H34 savepoint rolled back to -> locks stay', async () => {
  await using engine = await openSmallEngine({ lockTimeoutMs: 10 })
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  const savepoint = tx.savepoint()
  tx.write(await tx.page(page), 0, text('two'))
  await tx.rollbackTo(savepoint)
  await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => textOf(engine, page, 3))
  await tx.rollback()
})

test('H34 key locked, but not its page, or not in mode X -> change refused, and the other way round', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  await tx.lock('key')
  const unlocked = await tx.page(page, { lock: 'none' })
  await expectError('ERR_SEAWALL_NOT_LOCKED', () =>
    tx.write(unlocked, 0, text('x'), { key: 'key' }),
  )
  const intended = await tx.page(page, { lock: 'IX' })
  await expectError('ERR_SEAWALL_NOT_LOCKED', () => tx.write(intended, 0, text('x')))
  await expectError('ERR_SEAWALL_NOT_LOCKED', () =>
    tx.write(intended, 0, text('x'), { key: 'another' }),
  )
  tx.write(intended, 0, text('x'), { key: 'key' })
  await tx.rollback()
  const reader = await engine.begin()
  await reader.lock('key', 'S')
  const six = await reader.page(page, { lock: 'SIX' })
  await expectError('ERR_SEAWALL_NOT_LOCKED', () => reader.write(six, 0, text('x')))
  await expectError('ERR_SEAWALL_NOT_LOCKED', () => reader.write(six, 0, text('x'), { key: 'key' }))
  await reader.rollback()
})

test('H41 page that cannot be used is asked for -> not held', async () => {
  await using engine = await openSmallEngine()
  await newPage(engine, 'one')
  const tx = await engine.begin()
  for (const id of [1, 200, 201]) {
    await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => tx.page(id))
    assert.is(pinned(engine), 0, `page ${id}`)
  }
  await tx.rollback()
})

test('H41 one page asked for twice at once, from the disk -> let go when it is released twice', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  await engine.close()
  await using again = await openSmallEngine({}, engine.directory)
  const tx = await again.begin()
  const [one, two] = await Promise.all([tx.page(page), tx.page(page)])
  one.release()
  assert.is(pinned(again), 1)
  two.release()
  assert.is(pinned(again), 0)
  await tx.rollback()
})

test('H41 page that arrives after its transaction has ended -> refused, not held', async () => {
  const engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  await engine.close()
  await using again = await openSmallEngine({}, engine.directory)
  const tx = await again.begin()
  const late = expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => tx.page(page))
  await tx.rollback()
  await late
  assert.is(pinned(again), 0)
})

test('H41 log full in the middle of allocate and free -> nothing held, the page can be had later', async () => {
  await using engine = await openSmallEngine(tightLog)
  const [page, other] = [await newPage(engine, 'one'), await newPage(engine, 'two')]
  const tx = await engine.begin()
  const freed = await tx.page(other)
  await fillLog(tx, page)
  const before = pinned(engine)
  await expectError('ERR_SEAWALL_LOG_FULL', () => tx.freePage(freed))
  assert.is(pinned(engine), before, 'free')
  // No room is waited for inside a nested top action.
  await expectError('ERR_SEAWALL_LOG_FULL', () =>
    tx.nestedTopAction((actions) => actions.allocatePage()),
  )
  assert.is(pinned(engine), before, 'allocate, nested top action')
  await tx.rollback()
  assert.is(pinned(engine), 0)
  assert.is(await newPage(engine, ''), Math.max(page, other) + 1)
})

test('H41 H56 allocation map is damaged -> allocate and free refused, nothing held or changed', async () => {
  const engine = await openSmallEngine({ tornPages: 'none' })
  const page = await newPage(engine, 'one')
  await engine.close()
  const path = join(engine.directory, 'pages')
  const bytes = readFileSync(path)
  bytes[4096 + 100] = (bytes[4096 + 100] ?? 0) ^ 1
  writeFileSync(path, bytes)
  await using again = await openSmallEngine({ tornPages: 'none' }, engine.directory)
  const { endLSN } = again.stats().log
  const tx = await again.begin()
  const held = await tx.page(page)
  for (const action of [() => tx.allocatePage(), () => tx.freePage(held)]) {
    const error = await expectError('ERR_SEAWALL_DAMAGED_PAGE', action)
    assert.is(error.page, 1)
    assert.equal([pinned(again), again.stats().log.endLSN], [1, endLSN])
  }
  await tx.rollback()
  assert.is(await textOf(again, page, 3), 'one')
})

test('H41 nested top action throws -> lets its pages go, undoes itself, is of no more use', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  const before = pinned(engine)
  let left: (() => Promise<unknown>) | undefined
  let lost = 0
  const error = new Error('mine')
  const thrown = await tx
    .nestedTopAction(async (actions) => {
      left = () => actions.page(page)
      await actions.page(page)
      const made = await actions.allocatePage()
      lost = made.id
      actions.apply(made, 8, Buffer.from([0, 0, 1]))
      await actions
        .nestedTopAction(() => Promise.reject(error))
        .catch((caught: unknown) => assert.is(caught, error))
      await actions.page(page)
      throw error
    })
    .catch((caught: unknown) => caught)
  assert.is(thrown, error)
  assert.is(pinned(engine), before)
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => left?.())
  await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => tx.page(lost))
  assert.is(pinned(engine), before)
  await tx.commit()
  await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => textOf(engine, lost, 1))
})

test('pages taken by what was rolled back, whole or in part -> given to the next ones', async () => {
  await using engine = await openSmallEngine()
  const first = (await newPage(engine, 'one')) + 1
  for (let round = 0; round < 20; round++) {
    const tx = await engine.begin()
    const savepoint = tx.savepoint()
    for (let i = 0; i < 3; i++) await tx.allocatePage()
    if (round % 2 === 0) await tx.rollback()
    else {
      await tx.rollbackTo(savepoint)
      await tx.commit()
    }
  }
  const ids = [await newPage(engine, ''), await newPage(engine, ''), await newPage(engine, '')]
  assert.equal(ids, [first, first + 1, first + 2])
})

test('H41 transaction with a time limit and a signal ends -> no timer and no listener stays', async () => {
  await using engine = await openSmallEngine()
  const { signal } = new AbortController()
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  for (const end of ['commit', 'rollback'] as const) {
    const tx = await engine.begin({ timeoutMs: 60_000, signal })
    assert.equal([timers(), getEventListeners(signal, 'abort').length], [before + 1, 1])
    await tx[end]()
    assert.equal([timers(), getEventListeners(signal, 'abort').length], [before, 0], end)
  }
})

/** A store with one page whose last change cannot be undone at the moment. */
async function brokenUndo(): Promise<{
  engine: Engine
  adder: Adder
  page: number
  tx: Transaction
}> {
  const adder = new Adder()
  const engine = await openSmallEngine({ operations: { 64: adder }, lockTimeoutMs: 60_000 })
  const page = await newPage(engine, '')
  const tx = await engine.begin()
  return { engine, adder, page, tx }
}

for (const how of ['rollback', 'rollbackTo', 'kill'] as const) {
  test(`H41 H42 undo fails in a ${how} -> engine stops, every wait ends, the next open undoes`, async () => {
    const { engine, adder, page, tx } = await brokenUndo()
    const bystander = await engine.begin()
    const other = await bystander.allocatePage()
    const savepoint = tx.savepoint()
    tx.apply(await tx.page(page), 64, Buffer.from([5]))
    const waiting = expectError('ERR_SEAWALL_POISONED', () => textOf(engine, page, 1))
    await delay(5)
    if (how === 'kill') tx.kill(new Error('enough'))
    else {
      await expectError('ERR_SEAWALL_OPERATION_FAILED', () =>
        how === 'rollback' ? tx.rollback() : tx.rollbackTo(savepoint),
      )
    }
    await waiting
    const poisoned = [
      () => engine.begin(),
      () => engine.checkpoint(),
      () => bystander.page(page),
      () => bystander.write(other, 0, text('x')),
      () => bystander.commit(),
      () => engine.transaction(() => {}),
    ]
    for (const action of poisoned) await expectError('ERR_SEAWALL_POISONED', action)
    const { count } = engine.stats().checkpoints
    await expectError('ERR_SEAWALL_POISONED', () => engine.close())
    const { bufferPool, locks, checkpoints } = engine.stats()
    assert.equal([bufferPool.pinnedPages, locks.locks, locks.waiters], [0, 0, 0])
    assert.is(checkpoints.count, count, 'no checkpoint of what cannot be trusted')
    adder.isBroken = false
    await using again = await Engine.open(engine.directory, { operations: { 64: adder } })
    assert.is((await textOf(again, page, 1)).charCodeAt(0), 0)
    await expectError('ERR_SEAWALL_UNKNOWN_PAGE', () => textOf(again, other.id, 1))
  })
}

test('H41 open fails, up to its last step -> everything is let go, the next open succeeds', async () => {
  const options = { ...tightLog, nativeBinding: simulatedBinding, pageSize: 4096 }
  let failures = 0
  for (let hasFailed = true; hasFailed;) {
    const disk = new SimulatedDisk(1)
    const engine = await Engine.open(disk.directory, options)
    const page = await newPage(engine, 'one')
    await engine.close()
    disk.fail(diskOperation.write, '/master', constants.errno.EIO, 1, failures)
    const opened = await Engine.open(disk.directory, options).catch(() => undefined)
    hasFailed = opened === undefined
    if (hasFailed) failures += 1
    await opened?.close().catch(() => {})
    const again = await Engine.open(disk.directory, options)
    assert.is(await textOf(again, page, 3), 'one')
    await again.close()
    disk.forget()
  }
  // The log writes it first, and last of all the checkpoint after the restart.
  assert.ok(failures >= 2, `${failures} writes of the master record`)
})

test('H42 killed before anybody looks -> the transaction rejects all the same', async () => {
  await using engine = await openSmallEngine()
  const controller = new AbortController()
  await expectError('ERR_SEAWALL_ABORTED', () =>
    engine.transaction(
      () => {
        controller.abort()
        return new Promise<void>(() => {})
      },
      { signal: controller.signal },
    ),
  )
  assert.is(engine.stats().transactions.active, 0)
})

test('H42 killed while it rolls back to a savepoint -> rolled back to the end', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const controller = new AbortController()
  const tx = await engine.begin({ signal: controller.signal })
  const held = await tx.page(page)
  tx.write(held, 0, text('two'))
  const savepoint = tx.savepoint()
  for (let i = 0; i < 50; i++) tx.write(held, 0, text(`six ${i}`))
  const back = tx.rollbackTo(savepoint)
  controller.abort()
  await back
  const { active, rolledBack } = engine.stats().transactions
  assert.equal([active, rolledBack, tx.phase], [0, 1, 'rolled back'])
  assert.is(await textOf(engine, page, 3), 'one')
})

test('H42 rollback while a nested top action runs -> waits for its end, undoes the rest', async () => {
  await using engine = await openSmallEngine()
  const page = await newPage(engine, 'one')
  const tx = await engine.begin()
  tx.write(await tx.page(page), 0, text('two'))
  let goOn: (() => void) | undefined
  let made = 0
  const action = tx.nestedTopAction(async (actions) => {
    const inner = await actions.allocatePage()
    made = inner.id
    await new Promise<void>((resolve) => (goOn = resolve))
    actions.apply(inner, 8, Buffer.from([0, 0, 7]))
  })
  while (goOn === undefined) await delay(1)
  const rollback = tx.rollback()
  await delay(5)
  assert.is(tx.phase, 'rolling back')
  goOn()
  await Promise.all([action, rollback])
  assert.is(await textOf(engine, page, 3), 'one')
  await engine.transaction(async (reader) => {
    assert.equal([...reader.records.read(await reader.page(made), 0)], [7])
  })
})

test('H34 room on a page that others may still need, under a key lock -> page full', async () => {
  await using engine = await openSmallEngine()
  const record = Buffer.alloc(1500, 1)
  const page = await engine.transaction(async (tx) => {
    const made = await tx.allocatePage()
    for (let i = 0; i < 2; i++) tx.records.insert(made, record)
    return made.id
  })
  await engine.transaction(async (tx) => tx.records.delete(await tx.page(page), 0))
  const tx = await engine.begin()
  await tx.lock('key')
  const shared = await tx.page(page, { lock: 'IX' })
  await expectError('ERR_SEAWALL_PAGE_FULL', () =>
    tx.records.insert(shared, record, { key: 'key' }),
  )
  await tx.rollback()
  await engine.transaction(async (alone) => {
    assert.is(alone.records.insert(await alone.page(page), record), 0)
  })
})

test.run()
