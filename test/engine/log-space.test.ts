// Goal: the log never becomes so full that a transaction cannot be rolled back or a store not be
// opened; whoever holds the log is named and in the end rolled back (H32, H40, H55).
// Method: small logs, real ones and on the simulated disk with kills at the fullest moment.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions, type SeawallError, type Transaction } from '../../lib/index.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, openSmallEngine, textOf } from '../support/open-engine.ts'
import { simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'

const tightLog: EngineOptions = {
  pageSize: 4096,
  bufferPoolBytes: 16 * 4096,
  segmentBytes: 128 * 1024,
  bufferBytes: 64 * 1024,
  maxLogBytes: 5 * 128 * 1024,
  maxWalBytes: 64 * 1024,
  consistencyChecks: false,
}
const noise = Buffer.alloc(1000)

/** Changes the page until there is no room left, and returns why. */
async function fill(tx: Transaction, pageId: number): Promise<SeawallError> {
  for (let i = 1; ; i++) {
    try {
      const page = await tx.page(pageId)
      for (let j = 0; j < 10; j++) tx.write(page, 0, noise.fill(10 * i + j))
    } catch (error) {
      return error as SeawallError
    }
  }
}

test('H55 transaction fills the log -> typed error, and rolling it back has room', async () => {
  await using engine = await openSmallEngine(tightLog)
  const page = await newPage(engine, 'text')
  const tx = await engine.begin()
  const error = await fill(tx, page)
  assert.is(error.code, 'ERR_SEAWALL_LOG_FULL')
  await tx.rollback()
  assert.is(await textOf(engine, page, 4), 'text')
  assert.is(engine.stats().reservedLogBytes, 0)
  for (let i = 0; i < 300; i++) {
    await engine.transaction(async (other) => {
      other.write(await other.page(page), 4, noise.fill(i))
    })
  }
})

test('H55 killed with the log full of a loser -> opens, again and again', async () => {
  const disk = new SimulatedDisk(1)
  const options = { ...tightLog, nativeBinding: simulatedBinding }
  let engine = await Engine.open(disk.directory, options)
  const page = await newPage(engine, 'text')
  for (let round = 0; round < 3; round++) {
    const tx = await engine.begin()
    // Synchronous all the way, so that nothing makes room meanwhile.
    const held = await tx.page(page)
    const full = await expectError('ERR_SEAWALL_LOG_FULL', () => {
      for (let i = 1; ; i++) tx.write(held, 0, noise.fill(i))
    })
    assert.match(full.message, /held by the transaction/)
    await engine.transaction((other) => other.lock('nothing'), { readOnly: true })
    await flushAll(engine)
    disk.kill(round)
    await engine.close().catch(() => {})
    // A crash in the middle of the undo takes log as well.
    disk.endPowerAfter(5 + round)
    await Engine.open(disk.directory, options).then(
      (opened) => opened.close().catch(() => {}),
      () => {},
    )
    disk.kill(round)
    engine = await Engine.open(disk.directory, options)
    assert.is(await textOf(engine, page, 4), 'text')
  }
  await engine.close()
  disk.forget()
})

test('H55 killed again and again while it opens with a full log -> the slack takes the records of all opens', async () => {
  const disk = new SimulatedDisk(1)
  const options = { ...tightLog, nativeBinding: simulatedBinding }
  let engine = await Engine.open(disk.directory, options)
  const page = await newPage(engine, 'text')
  const tx = await engine.begin()
  const held = await tx.page(page)
  await expectError('ERR_SEAWALL_LOG_FULL', () => {
    for (let i = 1; ; i++) tx.write(held, 0, noise.fill(i))
  })
  await flushAll(engine)
  disk.kill(1)
  await engine.close().catch(() => {})
  for (let round = 0; round < 100; round++) {
    disk.endPowerAfter(3 + (round % 12))
    const opened = await Engine.open(disk.directory, options).catch(() => undefined)
    await opened?.close().catch(() => {})
    disk.kill(round)
  }
  engine = await Engine.open(disk.directory, options)
  assert.is(await textOf(engine, page, 4), 'text')
  assert.ok(engine.stats().log.logBytes <= 5 * 128 * 1024)
  await engine.close()
  disk.forget()
})

async function flushAll(engine: Engine): Promise<void> {
  for (let i = 0; i < 200 && engine.flushedLSN < engine.stats().log.endLSN; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.is(engine.flushedLSN, engine.stats().log.endLSN)
}

test('H40 idle transaction holds the log -> seen in stats, rolled back at the cap, others go on', async () => {
  await using engine = await openSmallEngine(tightLog)
  const [idlePage, busyPage] = [await newPage(engine, 'idle'), await newPage(engine, '')]
  const idle = await engine.begin()
  idle.write(await idle.page(idlePage), 0, Buffer.from('lost'))
  let holder = ''
  for (let i = 0; i < 1500; i++) {
    await engine.transaction(async (tx) => {
      tx.write(await tx.page(busyPage), 0, noise.fill(i))
    })
    if (engine.stats().checkpoints.holder === 'transaction') holder = 'transaction'
    if (i === 100) assert.ok((engine.stats().transactions.oldestAgeMs ?? -1) >= 0)
  }
  assert.is(holder, 'transaction')
  assert.ok(engine.stats().log.oldestLSN > 128 * 1024, 'the log was recycled')
  await expectError('ERR_SEAWALL_LOG_FULL', () => idle.page(idlePage))
  await expectError('ERR_SEAWALL_LOG_FULL', () => idle.commit())
  assert.is(await textOf(engine, idlePage, 4), 'idle')
})

test('H32 log held from an LSN on -> not recycled until it is let go', async () => {
  await using engine = await openSmallEngine({ ...tightLog, maxLogBytes: 64 * 1024 * 1024 })
  const page = await newPage(engine, '')
  const from = engine.flushedLSN
  const release = engine.holdLog(from)
  const write = async (): Promise<void> => {
    for (let i = 0; i < 400; i++) {
      await engine.transaction(async (tx) => void tx.write(await tx.page(page), 0, noise.fill(i)))
    }
    await engine.checkpoint()
  }
  await write()
  assert.ok(engine.stats().log.oldestLSN <= from)
  assert.is(engine.stats().checkpoints.holder, 'hold')
  release()
  await write()
  assert.ok(engine.stats().log.oldestLSN > from)
})

test('work that is only rolled back -> checkpoints are taken all the same', async () => {
  await using engine = await openSmallEngine(tightLog)
  const page = await newPage(engine, '')
  const { count } = engine.stats().checkpoints
  for (let i = 0; i < 200; i++) {
    const tx = await engine.begin()
    tx.write(await tx.page(page), 0, noise.fill(i + 1))
    await tx.rollback()
  }
  assert.ok(engine.stats().checkpoints.count > count)
})

test.run()
