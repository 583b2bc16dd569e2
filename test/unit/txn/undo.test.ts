// Goal: undo steps back as the records say, never undoes a compensation, reads the right record
// whatever it has read before, finds memory for its page, and leaves nothing held when it fails (H33,
// H41, H42, H55).
// Method: a log and a data file in memory; user's operations that throw at chosen moments.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BufferPool } from '../../../lib/buffer/buffer-pool.ts'
import { LostPages } from '../../../lib/buffer/lost-pages.ts'
import { noLSN } from '../../../lib/format/engine-record.ts'
import { recordCompensation, recordUpdate } from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import type { Operation } from '../../../lib/operation/operation.ts'
import { OperationRegistry } from '../../../lib/operation/registry.ts'
import { LogSpace } from '../../../lib/txn/log-space.ts'
import { PageChanges } from '../../../lib/txn/page-changes.ts'
import { TransactionState, TransactionTable } from '../../../lib/txn/transaction-table.ts'
import { type RecordUndo, Undo } from '../../../lib/txn/undo.ts'
import { expectError } from '../../support/expect-error.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'
import { pageBytes, PageFileInMemory } from '../../support/page-file-in-memory.ts'

const fail = (): never => {
  throw new Error('mine')
}

const tooMuch = 77

/** Adds its payload to the first byte. */
const add: Operation = {
  name: 'add',
  redo: (body, [value = 0]) => {
    if (value === tooMuch) fail()
    body[0] = (body[0] ?? 0) + value
  },
  undo: ([value = 0]) => ({ operation: 64, payload: Uint8Array.of(256 - value) }),
}
/** Its compensation cannot be applied. */
const stubborn: Operation = {
  ...add,
  undo: () => ({ operation: 64, payload: Uint8Array.of(tooMuch) }),
}
const broken: Operation = { ...add, undo: fail }

class Rig {
  readonly log = new LogInMemory()
  readonly file = new PageFileInMemory(16)
  readonly pool = new BufferPool(this.file.asFile(), (error) => assert.unreachable(String(error)))
  readonly state = new TransactionState(0)
  readonly changes: PageChanges
  readonly undo: Undo
  /** What logical undo does; and how often its scope was released. */
  logical: (state: TransactionState) => void | Promise<void> = () => {}
  released = 0
  isCompensated = false
  readonly seen: boolean[] = []

  constructor() {
    const logical: Operation = {
      name: 'logical',
      redo: add.redo.bind(add),
      logicalUndo: async () => {
        await Promise.resolve()
        this.seen.push(this.state.undosRunning > 0)
        await this.logical(this.state)
      },
    }
    const users = { 64: add, 65: stubborn, 66: broken, 67: logical }
    const operations = new OperationRegistry(users, this.file.bodyBytes, false)
    const transactions = new TransactionTable()
    const log = this.log.asLog()
    const needs = {
      pageBytes,
      compensationExtraBytes: 0,
      frameCount: 16,
      lostPages: new LostPages(),
    }
    const space = new LogSpace(log, transactions, needs)
    const options = { logsImages: false, logsChecks: false }
    const { bodyBytes } = this.file
    this.changes = new PageChanges(
      log,
      this.pool,
      operations,
      transactions,
      space,
      bodyBytes,
      options,
    )
    const actions = (): RecordUndo => {
      const scope = { isCompensated: this.isCompensated, releaseAll: () => void this.released++ }
      return scope as unknown as RecordUndo
    }
    this.undo = new Undo(log, this.pool, this.changes, operations, actions)
  }

  async change(operation: number, value: number): Promise<LSN> {
    const frame = await this.pool.pin(7)
    const lsn = this.changes.update(this.state, frame, operation, Uint8Array.of(value))
    this.pool.unpin(frame)
    return lsn
  }

  value(): number | undefined {
    return this.pool.peek(7)?.body[0]
  }

  get types(): number[] {
    return this.log.records.map(({ type }) => type)
  }
}

test('H33 undo that is begun again, in steps -> every change undone once, no CLR undone', async () => {
  const made = new Rig()
  const { undo, state } = made
  const first = await made.change(64, 1)
  const second = await made.change(64, 2)
  await made.change(64, 4)
  assert.is(await undo.step(state), true)
  assert.equal([made.value(), state.undoNextLSN], [3, second])
  // As a restart finds it: undo begins with the last record, which is the compensation.
  state.undoNextLSN = state.lastLSN
  assert.is(await undo.step(state), false)
  assert.equal([made.value(), state.undoNextLSN], [3, second])
  await undo.backTo(state, first)
  assert.equal([made.value(), state.undoNextLSN], [1, first])
  state.undoNextLSN = state.lastLSN
  await undo.backTo(state, noLSN)
  assert.is(made.value(), 0)
  assert.equal(made.types.filter((type) => type === recordCompensation).length, 3)
})

test('H41 compensation that cannot be applied -> error with LSN and page, nothing stays pinned', async () => {
  for (const operation of [65, 66]) {
    const made = new Rig()
    const lsn = await made.change(operation, 1)
    const failed = (): unknown => made.undo.step(made.state)
    const error = await expectError('ERR_SEAWALL_OPERATION_FAILED', failed)
    assert.equal([error.lsn, error.page], [lsn, 7])
    assert.is(made.pool.stats().pinnedPages, 0)
    assert.equal(
      [made.state.undoNextLSN, made.value(), made.state.undosRunning > 0],
      [lsn, 1, false],
    )
    assert.equal(made.types, [recordUpdate])
  }
})

test('H41 logical undo ends or throws -> its scope is released', async () => {
  for (const fails of [false, true]) {
    const made = new Rig()
    const lsn = await made.change(67, 1)
    if (fails) made.logical = fail
    const outcome = await made.undo.step(made.state).catch((error: unknown) => error)
    assert.is(outcome instanceof Error, fails)
    assert.is(made.released, 1)
    assert.is(made.state.undoNextLSN, fails ? lsn : noLSN)
  }
})

test('H33 logical undo that had nothing to do -> logged all the same, so that it is not repeated', async () => {
  const made = new Rig()
  await made.change(64, 1)
  await made.change(67, 2)
  await made.undo.step(made.state)
  assert.equal(made.types, [recordUpdate, recordUpdate, recordCompensation])
  const compensated = new Rig()
  compensated.isCompensated = true
  await compensated.change(67, 2)
  await compensated.undo.step(compensated.state)
  assert.equal(compensated.types, [recordUpdate], 'its own compensation says it')
})

/** Evicts the page by pinning others in every frame that is not kept for undo. */
async function pinOthers({ pool }: Rig): Promise<void> {
  for (let pageId = 100; pageId < 112; pageId++) await pool.pin(pageId)
  assert.is(pool.peek(7), undefined)
}

test('H42 page evicted and every other frame pinned -> undone, and nothing of undo stays pinned', async () => {
  const made = new Rig()
  for (const value of [1, 2, 4]) await made.change(64, value)
  await pinOthers(made)
  await made.undo.backTo(made.state, noLSN)
  assert.equal([made.value(), made.pool.stats().pinnedPages], [0, 12])
})

test('H42 undo of a record fails for another reason -> frames for undo are free for the next one', async () => {
  const made = new Rig()
  await made.change(64, 1)
  const broken = await made.change(65, 2)
  await pinOthers(made)
  await expectError('ERR_SEAWALL_OPERATION_FAILED', () => made.undo.step(made.state))
  assert.is(made.state.undoNextLSN, broken)
  const other = { undosRunning: 1 }
  for (let pageId = 1; pageId <= 4; pageId++) made.pool.unpin(await made.pool.pin(pageId, other))
})

test('H55 while a record is undone -> what that takes is not refused; before and after it is', async () => {
  const made = new Rig()
  await made.change(67, 1)
  assert.is(made.state.undosRunning > 0, false)
  await made.undo.step(made.state)
  assert.equal(made.seen, [true])
  assert.is(made.state.undosRunning > 0, false)
})

test('H55 undo within an undo -> what the outer one takes is not refused afterwards either', async () => {
  const made = new Rig()
  const first = await made.change(64, 1)
  await made.change(67, 2)
  const seen: number[] = []
  made.logical = async (state) => {
    state.undoNextLSN = first
    await made.undo.step(state)
    seen.push(state.undosRunning)
  }
  await made.undo.step(made.state)
  assert.equal([...seen, made.state.undosRunning], [1, 0])
})

test('H33 long transactions, read in large steps -> each record is undone in its turn', async () => {
  const made = new Rig()
  const { log, state, undo } = made
  const noise = new Uint8Array(100 * 1024)
  const lsns: LSN[] = []
  for (let i = 0; i < 12; i++) {
    lsns.push(await made.change(64, 1))
    // Of others: marks of the transaction are far apart.
    log.append(noise, { type: recordUpdate })
  }
  await log.flush(log.endLSN)
  for (const lsn of lsns.reverse()) {
    assert.is(state.undoNextLSN, lsn)
    await undo.step(state)
  }
  assert.equal([state.undoNextLSN, made.value()], [noLSN, 0])
})

test.run()
