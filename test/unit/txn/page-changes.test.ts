// Goal: the order of things within one change of a page: record, dirty page table, page; images
// before whatever may tear; nothing at all when a change is refused (H28, H30, H33, H39, H41, H55,
// H56, H57, H58).
// Method: a log in memory, real frames, and a pool that looks at the page when it is told of a change.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { BufferPool } from '../../../lib/buffer/buffer-pool.ts'
import type { Frame } from '../../../lib/buffer/frame.ts'
import { SeawallError } from '../../../lib/errors.ts'
import { noLSN, readLSN } from '../../../lib/format/engine-record.ts'
import {
  compensationBody,
  imageBody,
  recordCompensation,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  updateBody,
} from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import type { LogRecord } from '../../../lib/log/record-batch.ts'
import type { Operation } from '../../../lib/operation/operation.ts'
import { OperationRegistry } from '../../../lib/operation/registry.ts'
import { encodeWriteBytes, writeBytesOperation } from '../../../lib/operation/write-bytes.ts'
import { LogSpace } from '../../../lib/txn/log-space.ts'
import { type ChangeOptions, PageChanges } from '../../../lib/txn/page-changes.ts'
import { TransactionState, TransactionTable } from '../../../lib/txn/transaction-table.ts'
import { expectError } from '../../support/expect-error.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'
import { pageBytes, PageFileInMemory } from '../../support/page-file-in-memory.ts'

const failing: Operation = {
  name: 'fails',
  redo: () => {
    throw new Error('mine')
  },
  undo: (payload) => ({ operation: 64, payload }),
}

interface Rig {
  log: LogInMemory
  pool: BufferPool
  transactions: TransactionTable
  changes: PageChanges
  frame: Frame
  state: TransactionState
}

async function rig(options: Partial<ChangeOptions> = {}, limitLSN = 2 ** 40): Promise<Rig> {
  const log = new LogInMemory()
  log.limitLSN = limitLSN
  const file = new PageFileInMemory(16)
  const pool = new BufferPool(file.asFile(), (error) => assert.unreachable(String(error)))
  const operations = new OperationRegistry({ 64: failing }, file.bodyBytes, false)
  const transactions = new TransactionTable()
  const lostPages = pool.dirtyPages.lost
  const needs = { pageBytes, compensationExtraBytes: 0, frameCount: 16, lostPages }
  const space = new LogSpace(log.asLog(), transactions, needs)
  const changeOptions = { logsImages: false, logsChecks: false, ...options }
  const changes = new PageChanges(
    log.asLog(),
    pool,
    operations,
    transactions,
    space,
    file.bodyBytes,
    changeOptions,
  )
  const frame = await pool.pin(7)
  return { log, pool, transactions, changes, frame, state: new TransactionState(0) }
}

/** Writes a byte at `offset` of the page. */
function put({ changes, state, frame }: Rig, offset: number, value: number): LSN {
  const payload = bytePayload(frame, offset, value)
  return changes.update(state, frame, writeBytesOperation, payload)
}

function bytePayload(frame: Frame, offset: number, value: number): Uint8Array {
  return encodeWriteBytes(frame.body, offset, Uint8Array.of(value), { offset, length: 1 })
}

function compensate({ changes, state, frame }: Rig, undoNextLSN: LSN): LSN {
  const payload = bytePayload(frame, 0, 0x99).slice(0, 5)
  return changes.compensate(state, frame, { operation: writeBytesOperation, payload }, undoNextLSN)
}

const viewOf = ({ body }: LogRecord): DataView =>
  new DataView(body.buffer, body.byteOffset, body.byteLength)
const types = (log: LogInMemory): number[] => log.records.map(({ type }) => type)

test('H30 H58 page is changed -> record, then its recLSN, then the page, in one synchronous step', async () => {
  for (const change of ['update', 'compensation', 'system'] as const) {
    const made = await rig()
    const { log, pool, frame, changes } = made
    const seen: unknown[] = []
    const note = pool.noteChange.bind(pool)
    pool.noteChange = (changed, lsn) => {
      seen.push([log.records.at(-1)?.lsn, lsn, changed.body[0], changed.pageLSN])
      note(changed, lsn)
    }
    if (change === 'update') put(made, 0, 0x99)
    else if (change === 'compensation') compensate(made, noLSN)
    else changes.system(frame, writeBytesOperation, bytePayload(frame, 0, 0x99))
    const lsn = log.records[0]?.lsn as LSN
    assert.equal(seen, [[lsn, lsn, 0, noLSN]], change)
    assert.equal([frame.recLSN, frame.pageLSN, frame.body[0]], [lsn, lsn, 0x99], change)
    assert.equal(pool.dirtyPages.snapshot(), [{ pageId: 7, recLSN: lsn }], change)
  }
})

test('H30 page changed again -> recLSN stays that of the first change', async () => {
  const made = await rig()
  const first = put(made, 0, 1)
  const second = put(made, 1, 2)
  assert.equal([made.frame.recLSN, made.frame.pageLSN], [first, second])
})

test('H39 first record of a transaction -> its LSN is the identity in all that follow', async () => {
  const made = await rig()
  const first = put(made, 0, 1)
  const second = put(made, 1, 2)
  const third = compensate(made, first)
  const [one, two, clr] = made.log.records.map(viewOf) as [DataView, DataView, DataView]
  assert.equal(readLSN(one, updateBody.transactionLSN), noLSN)
  assert.equal(readLSN(two, updateBody.transactionLSN), first)
  assert.equal(readLSN(two, updateBody.prevLSN), first)
  assert.equal(readLSN(clr, compensationBody.transactionLSN), first)
  assert.equal(readLSN(clr, compensationBody.prevLSN), second)
  const [entry] = made.transactions.snapshot()
  assert.equal(entry, { transactionLSN: first, lastLSN: third, undoNextLSN: first })
})

test('H33 compensation, or end of a nested top action -> undo goes on where it says', async () => {
  const made = await rig()
  const { state, changes, log } = made
  const first = put(made, 0, 1)
  put(made, 1, 2)
  compensate(made, first)
  assert.is(readLSN(viewOf(log.records[2] as LogRecord), compensationBody.undoNextLSN), first)
  assert.is(state.undoNextLSN, first)
  const before = state.undoNextLSN
  put(made, 2, 3)
  changes.endNestedTopAction(state, before)
  const dummy = log.records[4] as LogRecord
  assert.is(dummy.type, recordCompensation)
  assert.is(readLSN(viewOf(dummy), compensationBody.undoNextLSN), before)
  assert.is(viewOf(dummy).getUint32(compensationBody.pageId, true), 0)
  assert.equal([state.lastLSN, state.undoNextLSN], [dummy.lsn, before])
  changes.endNestedTopAction(state, before)
  assert.is(log.records.length, 5, 'an action that changed nothing leaves no record')
})

test('H57 H28 first change since a copy was taken -> the page as it was is logged before it', async () => {
  for (const change of ['update', 'compensation', 'system'] as const) {
    const made = await rig({ logsImages: true })
    const { log, frame, changes } = made
    frame.body[5] = 0x55
    if (change === 'update') put(made, 0, 0x99)
    else if (change === 'compensation') compensate(made, noLSN)
    else changes.system(frame, writeBytesOperation, bytePayload(frame, 0, 0x99))
    const [image, record] = log.records as [LogRecord, LogRecord]
    assert.equal(types(log), [
      recordPageImage,
      change === 'update' ? recordUpdate : recordCompensation,
    ])
    assert.is(viewOf(image).getUint32(imageBody.pageId, true), 7)
    assert.equal(
      [...image.body.subarray(imageBody.bytes, imageBody.bytes + 6)],
      [0, 0, 0, 0, 0, 0x55],
    )
    assert.equal([frame.recLSN, frame.pageLSN], [image.lsn, record.lsn], change)
    put(made, 1, 0x98)
    assert.is(log.records.length, 3, 'one image is enough')
  }
})

test('H57 page changed while its copy is being written -> another image: that write may tear', async () => {
  const made = await rig({ logsImages: true })
  const { log, pool, frame } = made
  put(made, 0, 1)
  pool.dirtyPages.beginWrite(frame)
  put(made, 0, 2)
  assert.equal(types(log), [recordPageImage, recordUpdate, recordPageImage, recordUpdate])
  const image = log.records[2] as LogRecord
  assert.is(image.body[imageBody.bytes], 1)
  pool.dirtyPages.endWrite(frame)
  put(made, 0, 3)
  assert.is(log.records.length, 5, 'the image covers the next write as well')
  assert.is(frame.recLSN, image.lsn)
})

test('consistency mode -> the page after the change stands behind its record', async () => {
  const made = await rig({ logsChecks: true })
  const lsn = put(made, 0, 0x99)
  const check = made.log.records[1] as LogRecord
  assert.equal(types(made.log), [recordUpdate, recordPageCheck])
  assert.is(check.body[imageBody.bytes], 0x99)
  assert.is(readLSN(viewOf(check), imageBody.lsn), lsn)
})

test('H41 H55 no log space, an operation that fails, a transaction that is over -> nothing happened', async () => {
  const made = await rig({ logsImages: true }, 8192)
  const { log, frame, state, changes, transactions } = made
  const nothing = (): void => {
    assert.equal(log.records, [])
    assert.equal([frame.recLSN, frame.pageLSN, frame.body[0]], [noLSN, noLSN, 0])
    assert.equal([state.firstLSN, state.undoBytes, transactions.size], [noLSN, 0, 0])
  }
  const failed = (): unknown => changes.update(state, frame, 64, Uint8Array.of(1))
  await expectError('ERR_SEAWALL_OPERATION_FAILED', failed)
  nothing()
  await expectError('ERR_SEAWALL_LOG_FULL', () => put(made, 0, 1))
  nothing()
  state.isOver = true
  await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => put(made, 0, 1))
  nothing()
})

test('H41 log refuses the record -> the page and the transaction are as before', async () => {
  const made = await rig()
  const { log, frame, state, transactions, pool } = made
  log.onStep = () => {
    throw new SeawallError('ERR_SEAWALL_POISONED')
  }
  await expectError('ERR_SEAWALL_POISONED', () => put(made, 0, 1))
  assert.equal([frame.recLSN, frame.pageLSN, frame.body[0]], [noLSN, noLSN, 0])
  assert.equal([state.firstLSN, transactions.size, pool.dirtyPages.size], [noLSN, 0, 0])
})

test('H56 compensation on a page that cannot be used -> logged, so that undo goes on; page untouched', async () => {
  for (const logsImages of [false, true]) {
    const made = await rig({ logsImages })
    const { log, pool, frame, state } = made
    const first = put(made, 0, 1)
    pool.dirtyPages.beginWrite(frame)
    pool.dirtyPages.endWrite(frame)
    const count = log.records.length
    frame.failure = new SeawallError('ERR_SEAWALL_PAGE_AHEAD_OF_LOG', { page: 7 })
    compensate(made, noLSN)
    assert.equal(types(log).slice(count), [recordCompensation])
    assert.equal([frame.body[0], frame.pageLSN, frame.isDirty], [1, first, false])
    assert.is(state.undoNextLSN, noLSN)
  }
})

test('H56 compensation on a damaged page -> the page is lost from that record on, or from earlier', async () => {
  const made = await rig()
  const { log, pool, frame } = made
  put(made, 0, 1)
  pool.dirtyPages.beginWrite(frame)
  pool.dirtyPages.endWrite(frame)
  frame.failure = new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page: 7 })
  compensate(made, noLSN)
  const recLSN = log.records.at(-1)?.lsn as LSN
  assert.equal(pool.dirtyPages.snapshot(), [{ pageId: 7, recLSN }])
  compensate(made, noLSN)
  assert.equal(pool.dirtyPages.snapshot(), [{ pageId: 7, recLSN }])
})

test('H34 H55 transaction over -> nobody in the table, nothing reserved, nothing more logged', async () => {
  for (const end of ['commit', 'end'] as const) {
    const made = await rig()
    const { changes, state, transactions } = made
    put(made, 0, 1)
    assert.ok(state.undoBytes > 0)
    changes[end](state)
    assert.equal([transactions.size, state.undoBytes, state.isOver], [0, 0, true])
    await expectError('ERR_SEAWALL_TRANSACTION_ENDED', () => put(made, 0, 2))
  }
})

test.run()
