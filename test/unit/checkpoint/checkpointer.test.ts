// Goal: checkpoints are taken when they are due, one at a time, move the redo point on, and let go of
// no log that anyone needs (H31, H32, H40, H42).
// Method: a log and a data file in memory.
import { setTimeout as delay } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BufferPool } from '../../../lib/buffer/buffer-pool.ts'
import { type CheckpointReport, Checkpointer } from '../../../lib/checkpoint/checkpointer.ts'
import { recordBeginCheckpoint, recordUpdate } from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { TransactionState, TransactionTable } from '../../../lib/txn/transaction-table.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'
import { PageFileInMemory } from '../../support/page-file-in-memory.ts'

const intervalBytes = 4096
const periodMs = 20

class Rig {
  readonly log = new LogInMemory()
  readonly file = new PageFileInMemory(16)
  readonly transactions = new TransactionTable()
  readonly reports: CheckpointReport[] = []
  readonly failures: unknown[] = []
  readonly pool = new BufferPool(this.file.asFile(), (error) => this.failures.push(error))
  readonly checkpointer: Checkpointer

  constructor(checkpointTimeoutMs = 60_000) {
    this.checkpointer = new Checkpointer(
      this.log.asLog(),
      this.file.asFile(),
      this.pool,
      this.transactions,
      { maxWalBytes: 2 * intervalBytes, checkpointTimeoutMs },
      (report) => this.reports.push(report),
      (error) => this.failures.push(error),
    )
  }

  /** A record that changes the page. */
  async change(pageId: number, bytes = 100): Promise<LSN> {
    const frame = await this.pool.pin(pageId)
    const lsn = this.log.append(new Uint8Array(bytes), { type: recordUpdate })
    this.pool.noteChange(frame, lsn)
    frame.pageLSN = lsn
    this.pool.unpin(frame)
    return lsn
  }

  begin(lsn: LSN): TransactionState {
    const state = new TransactionState(0)
    state.firstLSN = lsn
    this.transactions.add(state)
    return state
  }

  get checkpoints(): number {
    return this.log.records.filter(({ type }) => type === recordBeginCheckpoint).length
  }
}

test('H32 log behind a checkpoint -> kept for dirty pages, transactions and holds, then let go', async () => {
  const made = new Rig()
  const { log, checkpointer, transactions } = made
  const held = await made.change(1)
  const release = checkpointer.hold(held)
  const first = await made.change(2)
  const state = made.begin(first)
  const dirty = await made.change(3)
  const oldest = async (): Promise<LSN> => (await checkpointer.takeUrgently(dirty)).oldestLSN
  assert.is(await oldest(), held)
  assert.is(checkpointer.holder, 'hold')
  release()
  assert.is(await oldest(), first)
  assert.is(checkpointer.holder, 'transaction')
  transactions.remove(state)
  assert.is(await oldest(), dirty)
  assert.is(checkpointer.holder, 'dirty pages')
  const report = await checkpointer.takeUrgently(log.endLSN)
  assert.is(report.oldestLSN, report.checkpointLSN)
  assert.is(checkpointer.holder, 'checkpoint')
  assert.is(checkpointer.redoLSN, report.checkpointLSN)
})

test('H32 H40 page is lost -> no checkpoint waits for it, the log is kept for it until it is given up', async () => {
  const { log, checkpointer, pool, ...made } = new Rig()
  const first = log.append(new Uint8Array(100), { type: recordUpdate })
  pool.dirtyPages.lost.note({
    pageId: 9,
    recLSN: first,
    lsn: first,
    code: 'ERR_SEAWALL_DAMAGED_PAGE',
  })
  for (let i = 0; i < 3; i++) {
    log.append(new Uint8Array(100), { type: recordUpdate })
    const kept = await checkpointer.takeUrgently(log.endLSN)
    assert.equal([kept.redoLSN, kept.oldestLSN, kept.dirtyPages], [first, first, 1])
    assert.equal([checkpointer.holder, checkpointer.redoLSN], ['damaged pages', first])
  }
  pool.dirtyPages.lost.giveUpBefore(log.endLSN)
  const report = await checkpointer.takeUrgently(log.endLSN)
  assert.equal([report.redoLSN, report.oldestLSN], [report.checkpointLSN, report.checkpointLSN])
  assert.equal([checkpointer.holder, report.dirtyPages], ['checkpoint', 1])
  assert.equal(made.failures, [])
})

test('H32 H31 log is recycled -> only after the master record names the checkpoint', async () => {
  const made = new Rig()
  await made.change(1)
  await made.checkpointer.take()
  const { steps } = made.log
  const master = steps.findIndex((step) => step.startsWith('master'))
  const truncate = steps.findIndex((step) => step.startsWith('truncate'))
  assert.ok(master > 0 && truncate > master, steps.join(', '))
})

test('H40 checkpoint after checkpoint -> pages dirty at the last one are written, the redo point moves on', async () => {
  const made = new Rig()
  const { checkpointer, file } = made
  const old = await made.change(1)
  const first = await checkpointer.take()
  assert.equal([first.redoLSN, first.dirtyPages, file.writes], [old, 1, 0])
  const young = await made.change(2)
  const second = await checkpointer.take()
  assert.equal([second.redoLSN, second.dirtyPages], [young, 1])
  assert.equal(
    [...file.pages].map(([pageId, { pageLSN }]) => [pageId, pageLSN]),
    [[1, old]],
  )
})

test('urgent checkpoint -> every page that was dirty before the LSN is written first', async () => {
  const made = new Rig()
  for (let pageId = 1; pageId < 8; pageId++) await made.change(pageId)
  const report = await made.checkpointer.takeUrgently(made.log.endLSN)
  assert.is(report.dirtyPages, 0)
  assert.is(made.file.pages.size, 7)
})

test('H42 several asked for at once -> one after the other, each begins after its call', async () => {
  const made = new Rig()
  const { checkpointer, log } = made
  let running = 0
  let most = 0
  log.onStep = (step) => {
    if (step === `append ${recordBeginCheckpoint}`) most = Math.max(most, (running += 1))
    if (step.startsWith('truncate')) running -= 1
  }
  log.delay = () => delay(2)
  const taking = [checkpointer.take(), checkpointer.take(), checkpointer.takeUrgently(log.endLSN)]
  const asked = log.endLSN
  const late = checkpointer.take()
  for (const { checkpointLSN } of await Promise.all(taking)) assert.ok(checkpointLSN > 0)
  assert.ok((await late).checkpointLSN >= asked)
  assert.equal([most, made.checkpoints, checkpointer.stats().count], [1, 4, 4])
})

test('H40 log grows by half of maxWalBytes -> a checkpoint begins by itself, and only one', async () => {
  const made = new Rig()
  await made.checkpointer.take()
  await made.change(1, intervalBytes / 2)
  made.checkpointer.logHasGrown()
  assert.is(made.checkpoints, 1)
  await made.change(1, intervalBytes / 2)
  made.checkpointer.logHasGrown()
  made.checkpointer.logHasGrown()
  await delay(5)
  assert.is(made.checkpoints, 2)
})

test('H40 time passes -> a checkpoint when something was written, none when nothing was', async () => {
  const made = new Rig(periodMs)
  await made.checkpointer.take()
  await delay(4 * periodMs)
  assert.is(made.checkpoints, 1)
  await made.change(1)
  await delay(4 * periodMs)
  assert.is(made.checkpoints, 2)
  await made.checkpointer.stop()
  await made.change(1)
  await delay(4 * periodMs)
  assert.is(made.checkpoints, 2, 'none after stop')
})

test('H42 checkpoint in the background fails -> reported, not thrown; one that was asked for rejects', async () => {
  const made = new Rig()
  const { checkpointer, log } = made
  await made.change(1, 2 * intervalBytes)
  const error = new Error('no log')
  log.onStep = (step) => {
    if (step.startsWith('flush')) throw error
  }
  checkpointer.logHasGrown()
  await delay(5)
  assert.equal(made.failures, [error])
  assert.is(await checkpointer.take().catch((caught: unknown) => caught), error)
  assert.equal([checkpointer.stats().count, made.reports], [0, []])
  assert.not.ok(log.steps.some((step) => step.startsWith('truncate')))
  log.onStep = () => {}
  await checkpointer.take()
  assert.is(checkpointer.stats().count, 1)
})

test('H42 stop while one is under way -> resolves after it, also when it fails', async () => {
  for (const fails of [false, true]) {
    const made = new Rig()
    const { checkpointer, log } = made
    let go: (() => void) | undefined
    log.delay = () =>
      new Promise((resolve, reject) => (go = () => (fails ? reject(new Error('no')) : resolve())))
    const outcome = checkpointer.take().catch((error: unknown) => error)
    await delay(1)
    let isStopped = false
    const stopping = checkpointer.stop().then(() => (isStopped = true))
    await delay(1)
    assert.is(isStopped, false)
    log.delay = () => Promise.resolve()
    go?.()
    await stopping
    assert.is((await outcome) instanceof Error, fails)
  }
})

test.run()
