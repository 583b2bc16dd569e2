// Goal: whatever the log is filled with, every transaction can be rolled back and two checkpoints be
// taken before it ends; whoever holds the log is named (H40, H55).
// Method: random transactions fill small logs until they are refused, then all of them are rolled back
// with the largest records that there can be.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { LostPages } from '../../../lib/buffer/lost-pages.ts'
import { checkpointEndBytes } from '../../../lib/format/engine-record.ts'
import {
  compensationBody,
  pageHeader,
  recordCompensation,
  recordEnd,
  recordEndCheckpoint,
  recordUpdate,
  transactionBody,
  updateBody,
} from '../../../lib/format/layout.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { LogSpace, recordBytes } from '../../../lib/txn/log-space.ts'
import { type ChangeOptions, compensationExtraBytes } from '../../../lib/txn/page-changes.ts'
import { TransactionState, TransactionTable } from '../../../lib/txn/transaction-table.ts'
import { expectError } from '../../support/expect-error.ts'
import { LogInMemory } from '../../support/log-in-memory.ts'
import { pageBytes } from '../../support/page-file-in-memory.ts'
import { Random, seedOr } from '../../support/random.ts'

const frameCount = 64
const logBytes = 512 * 1024
const pagesOfLogicalUndo = 4

class Rig {
  readonly log = new LogInMemory()
  readonly transactions = new TransactionTable()
  readonly lostPages = new LostPages()
  readonly space: LogSpace
  readonly #options: ChangeOptions
  /** What rolling back appends: bodies of records, by transaction. */
  readonly undo = new Map<TransactionState, number[]>()

  constructor(options: ChangeOptions) {
    this.#options = options
    this.log.limitLSN = this.log.oldestLSN + logBytes
    const extraBytes = compensationExtraBytes(options, pageBytes)
    const { lostPages } = this
    const needs = { pageBytes, compensationExtraBytes: extraBytes, frameCount, lostPages }
    this.space = new LogSpace(this.log.asLog(), this.transactions, needs)
  }

  /** Reserves, logs, and notes what its undo will log. */
  change(state: TransactionState, payloadBytes: number, isLogical: boolean): void {
    this.space.reserve(state, updateBody.bytes + payloadBytes, isLogical)
    this.#pages()
    const lsn = this.log.append(new Uint8Array(updateBody.bytes + payloadBytes), {
      type: recordUpdate,
    })
    if (state.firstLSN === 0) {
      state.firstLSN = lsn
      this.transactions.add(state)
    }
    const undo = this.undo.get(state) ?? []
    this.undo.set(state, undo)
    if (isLogical) undo.push(pagesOfLogicalUndo * pageBytes - recordBytes(0))
    undo.push(payloadBytes)
  }

  rollBack(state: TransactionState): void {
    for (const payloadBytes of this.undo.get(state) ?? []) {
      this.#pages()
      this.log.append(new Uint8Array(compensationBody.bytes + payloadBytes), {
        type: recordCompensation,
      })
    }
    this.log.append(new Uint8Array(transactionBody.bytes), { type: recordEnd })
    this.transactions.remove(state)
    this.space.release(state)
  }

  checkpoint(): void {
    const bytes = checkpointEndBytes(this.transactions.size, frameCount + this.lostPages.size)
    this.log.append(new Uint8Array(bytes), { type: recordEndCheckpoint })
  }

  get isOverfull(): boolean {
    return this.log.endLSN > this.log.limitLSN
  }

  // Image and check.
  #pages(): void {
    const { logsImages, logsChecks } = this.#options
    const body = new Uint8Array(pageBytes - pageHeader.bytes + 16)
    for (const isLogged of [logsImages, logsChecks])
      if (isLogged) this.log.append(body, { type: 5 })
  }
}

test('H55 log filled at random, then everything rolled back -> it fits, with two checkpoints', async () => {
  const first = seedOr(1)
  for (let seed = first; seed < first + 40; seed++) {
    const random = new Random(seed)
    const options = { logsImages: random.chance(0.5), logsChecks: random.chance(0.5) }
    const made = new Rig(options)
    const states = Array.from({ length: 1 + random.below(20) }, () => new TransactionState(0))
    const hasLogical = random.chance(0.5)
    for (let lost = random.below(random.pick([1, 5000])); lost > 0; lost--) {
      made.lostPages.noteGivenUp(lost)
    }
    const fill = (): void => {
      while (true) {
        const isLogical = hasLogical && random.chance(0.3)
        made.change(random.pick(states), random.below(random.pick([64, 2000])), isLogical)
      }
    }
    await expectError('ERR_SEAWALL_LOG_FULL', fill)
    made.checkpoint()
    for (const state of states) made.rollBack(state)
    made.checkpoint()
    assert.not.ok(made.isOverfull, `seed ${seed}: ${made.log.endLSN} of ${made.log.limitLSN}`)
    assert.is(made.space.reservedBytes, 0, `seed ${seed}`)
  }
})

test('H55 refused -> nothing is reserved; while a record is undone -> never refused', async () => {
  const made = new Rig({ logsImages: false, logsChecks: false })
  const state = new TransactionState(0)
  await expectError('ERR_SEAWALL_LOG_FULL', () => {
    while (true) made.change(state, 1000, false)
  })
  const { reservedBytes } = made.space
  assert.is(state.undoBytes, reservedBytes)
  state.undosRunning = 1
  made.space.reserve(state, 1000, false)
  assert.ok(made.space.reservedBytes > reservedBytes)
})

test('H40 log full -> the error names the transaction that holds it, or the pages', async () => {
  const made = new Rig({ logsImages: false, logsChecks: false })
  const [old, young] = [
    new TransactionState(performance.now() - 5000),
    new TransactionState(performance.now()),
  ]
  made.change(old, 10, false)
  const fill = (): void => {
    while (true) made.change(young, 1000, false)
  }
  const held = await expectError('ERR_SEAWALL_LOG_FULL', fill)
  assert.match(held.message, new RegExp(`transaction that began at LSN ${old.firstLSN}, 5 s ago`))
  made.transactions.remove(old)
  young.firstLSN = made.log.endLSN
  const pages = await expectError('ERR_SEAWALL_LOG_FULL', fill)
  assert.match(pages.message, /pages that are not written yet/)
  const recLSN = made.log.oldestLSN
  made.lostPages.note({ pageId: 9, recLSN, lsn: recLSN, code: 'ERR_SEAWALL_DAMAGED_PAGE' })
  const lost = await expectError('ERR_SEAWALL_LOG_FULL', fill)
  assert.match(lost.message, new RegExp(`page 9, which is damaged .* since LSN ${recLSN}`))
  made.lostPages.giveUpBefore(made.log.endLSN)
  const givenUp = await expectError('ERR_SEAWALL_LOG_FULL', fill)
  assert.match(givenUp.message, /pages that are not written yet/)
})

test('H40 three quarters taken -> crowded; recycled -> no more', async () => {
  const made = new Rig({ logsImages: false, logsChecks: false })
  const { log, space } = made
  const state = new TransactionState(0)
  assert.is(space.isCrowded, false)
  await expectError('ERR_SEAWALL_LOG_FULL', () => {
    while (true) made.change(state, 1000, false)
  })
  assert.is(space.isCrowded, true)
  made.rollBack(state)
  log.oldestLSN = log.endLSN
  log.limitLSN = (log.oldestLSN + logBytes) as LSN
  assert.is(space.isCrowded, true, 'not known yet')
  space.logWasTruncated()
  assert.is(space.isCrowded, false)
})

test.run()
