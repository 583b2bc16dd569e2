// Goal: the records of every transaction are followed, and each way in which they cannot hang
// together is seen; what begins before the log does, or behind a hole, is taken as it comes.
// Method: fields made by hand.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  recordCommit,
  recordCompensation,
  recordEnd,
  recordUpdate,
} from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import { absent } from '../../../../lib/inspection/records/engine-columns.ts'
import { TransactionChains } from '../../../../lib/inspection/verify/transaction-chains.ts'

const lsn = (value: number): LSN => value as LSN

class Chains {
  readonly chains: TransactionChains

  constructor(from = 0) {
    this.chains = new TransactionChains(lsn(from))
  }

  take(
    at: number,
    type: number,
    transactionLSN: number,
    prevLSN: number,
    undoNextLSN = absent,
    pageId = 5,
  ): string | undefined {
    return this.chains.take(lsn(at), type, { transactionLSN, prevLSN, undoNextLSN, pageId })
  }

  update(at: number, transaction: number, prev: number): string | undefined {
    return this.take(at, recordUpdate, transaction, prev)
  }

  clr(at: number, transaction: number, prev: number, undoNext: number): string | undefined {
    return this.take(at, recordCompensation, transaction, prev, undoNext)
  }

  commit(at: number, transaction: number, prev: number): string | undefined {
    return this.take(at, recordCommit, transaction, prev)
  }

  end(at: number, transaction: number, prev: number): string | undefined {
    return this.take(at, recordEnd, transaction, prev)
  }
}

test('commit, rollback, rollback to a savepoint, system change -> nothing wrong', () => {
  const chains = new Chains()
  const problems = [
    chains.update(100, 100, 0),
    chains.update(110, 110, 0),
    chains.update(120, 100, 100),
    chains.clr(130, 100, 120, 100),
    chains.update(140, 100, 130),
    chains.commit(150, 100, 140),
    chains.take(155, recordCompensation, 0, 0, 0),
    chains.clr(160, 110, 110, 0),
    chains.end(170, 110, 160),
  ]
  assert.equal(
    problems.filter((problem) => problem !== undefined),
    [],
  )
  assert.is(chains.chains.running, 0)
})

test('end after stepping over a compensation without a record of it -> nothing wrong', () => {
  const chains = new Chains()
  chains.update(100, 100, 0)
  chains.clr(110, 100, 100, 0)
  chains.update(120, 100, 110)
  // Undone to where the compensation stands; that one leads to the beginning.
  assert.is(chains.clr(130, 100, 120, 110), undefined)
  assert.is(chains.end(140, 100, 130), undefined)
})

test('records that cannot follow -> each is called wrong', () => {
  const wrong: [RegExp, (chains: Chains) => string | undefined][] = [
    [/its prevLSN is 90, the record before it .* is 100/, (c) => c.update(110, 100, 90)],
    [/had ended, or its first record is not there/, (c) => c.update(110, 104, 104)],
    [/behind it/, (c) => c.update(110, 112, 100)],
    [/has a prevLSN/, (c) => c.update(110, 110, 100)],
    [/the first record of a transaction is an update/, (c) => c.clr(110, 110, 0, 0)],
    [/undoNextLSN 110 does not lead back/, (c) => c.clr(110, 100, 100, 110)],
    [/undoNextLSN 40 does not lead back/, (c) => c.clr(110, 100, 100, 40)],
    [/ends with the update at LSN 100 not undone/, (c) => c.end(110, 100, 100)],
    [/it is of no transaction$/, (c) => c.commit(110, 0, 0)],
    [/of no transaction and has a chain/, (c) => c.take(110, recordCompensation, 0, 100, 0)],
    [/changes nothing/, (c) => c.take(110, recordCompensation, 0, 0, 0, absent)],
  ]
  for (const [expected, act] of wrong) {
    const chains = new Chains()
    chains.update(100, 100, 0)
    assert.match(act(chains) ?? 'nothing wrong', expected)
  }
})

test('record of a transaction that committed or ended -> wrong, twice over too', () => {
  for (const end of [recordCommit, recordEnd]) {
    const chains = new Chains()
    chains.update(100, 100, 0)
    chains.clr(110, 100, 100, 0)
    assert.is(chains.take(120, end, 100, 110), undefined)
    assert.match(chains.take(130, end, 100, 120) ?? '', /had ended/)
  }
})

test('transaction from before the log -> taken as it comes, but not after its end', () => {
  const chains = new Chains(1000)
  assert.is(chains.update(1000, 200, 900), undefined)
  assert.match(chains.update(1010, 200, 950) ?? '', /the record before it/)
  assert.is(chains.commit(1020, 200, 1010), undefined)
  assert.match(chains.update(1030, 200, 1020) ?? '', /had ended/)
  assert.match(chains.update(1040, 300, 200) ?? '', /lies outside/)
})

test('hole -> transactions from before it may have gone on or ended in it', () => {
  const chains = new Chains()
  chains.update(100, 100, 0)
  chains.commit(110, 100, 100)
  chains.update(120, 120, 0)
  chains.chains.hole(lsn(500))
  assert.is(chains.update(500, 120, 490), undefined)
  assert.is(chains.update(510, 100, 480), undefined)
  assert.match(chains.update(520, 504, 504) ?? '', /first record is not there/)
})

test('checkpoint -> compared with what runs, both ways', () => {
  const chains = new Chains(50)
  chains.update(100, 100, 0)
  chains.update(110, 110, 0)
  const entry = (transactionLSN: number, lastLSN: number, undoNextLSN: number) => ({
    transactionLSN: lsn(transactionLSN),
    lastLSN: lsn(lastLSN),
    undoNextLSN: lsn(undoNextLSN),
  })
  const both = [entry(100, 100, 100), entry(110, 110, 110)]
  assert.is(chains.chains.compare(both), undefined)
  // From before the log: nothing is known of it.
  assert.is(chains.chains.compare([entry(20, 40, 40), ...both]), undefined)
  assert.match(chains.chains.compare([both[0] as (typeof both)[0]]) ?? '', /110 runs .* not in it/)
  assert.match(chains.chains.compare([...both, entry(104, 104, 104)]) ?? '', /104 does not run/)
  assert.match(
    chains.chains.compare([entry(100, 90, 90), both[1] as (typeof both)[0]]) ?? '',
    /stands at 90/,
  )
})

test.run()
