// Goal: the ledger keeps what the machine promised, and the judges find lost, torn and invented
// data against it, and nothing in what a correct store may show.
// Method: contents that are made here from the plan alone; then damaged in one place each.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { engineViolation } from '../../../crash/machine/judge-engine.ts'
import { logViolation } from '../../../crash/machine/judge-log.ts'
import { Ledger } from '../../../crash/machine/ledger.ts'
import {
  decodePlan,
  encodePlan,
  type EnginePlan,
  type LogPlan,
} from '../../../crash/machine/plan/machine-plan.ts'
import { indexOf, recordBody } from '../../../crash/machine/plan/record-plan.ts'
import {
  cellBytes,
  cellsPerPage,
  pagesPerClient,
  sharedPage,
  transactionPlan,
  writtenBytes,
} from '../../../crash/machine/plan/transaction-plan.ts'

const enginePlan: EnginePlan = { workload: 'engine', seed: 5, clients: 2, amount: 9, options: {} }
const logPlan: LogPlan = { workload: 'log', seed: 5, clients: 2, amount: 20, options: {} }
const bodyBytes = 4064

const commits = (client: number): number[] =>
  Array.from({ length: 9 }, (_, i) => i + 1).filter(
    (attempt) => transactionPlan(5, client, attempt).ends === 'commit',
  )

/** The shared page has id 2, client 0 has 3 to 9, client 1 has 10 to 16. */
function engineLedger(): Ledger {
  const ledger = new Ledger()
  ledger.take('start v20', 0)
  ledger.take('pages 2 3,4,5,6,7,8,9 10,11,12,13,14,15,16', 100)
  for (const client of [0, 1]) {
    for (const attempt of commits(client)) {
      ledger.take(`intent ${client} ${attempt}`, 100)
      ledger.take(`durable ${client} ${attempt}`, 1000 * attempt)
    }
  }
  return ledger
}

/** What a store shows after the transactions of each client up to `last`. */
function storeAfter(last: readonly number[]): Map<number, Buffer> {
  const pages = new Map<number, Buffer>()
  for (let id = 2; id < 3 + 2 * pagesPerClient; id++) pages.set(id, Buffer.alloc(bodyBytes))
  for (const client of [0, 1]) {
    for (const attempt of commits(client).filter((n) => n <= (last[client] as number))) {
      for (const write of transactionPlan(5, client, attempt).writes) {
        const id = write.page === sharedPage ? 2 : 3 + client * pagesPerClient + write.page
        pages.get(id)?.set(writtenBytes(5, client, attempt, write), write.cell * cellBytes)
      }
    }
  }
  return pages
}

const nth = (client: number, n: number): number => commits(client).at(n) as number

test('every state from what was promised to what was asked for -> no violation', () => {
  const ledger = engineLedger()
  for (const recordBytes of [100, 3000, 9000]) {
    const promised = ledger.promisedWithin(recordBytes)
    for (const first of [0, ...commits(0)]) {
      for (const second of [0, ...commits(1)]) {
        const violation = engineViolation(enginePlan, promised, storeAfter([first, second]))
        const durable = promised.durable
        const isAllowed = first >= (durable[0] as number) && second >= (durable[1] as number)
        assert.is(violation?.oracle, isAllowed ? undefined : 'I1', `${first} ${second}`)
      }
    }
  }
})

test('a promise counts from where the record of the disk was when it came', () => {
  const ledger = engineLedger()
  const last = nth(0, -1)
  assert.ok((ledger.promisedWithin(1000 * last - 1).durable[0] as number) < last)
  assert.is(ledger.promisedWithin(1000 * last).durable[0], last)
  assert.is(ledger.promisedWithin(99).pages, undefined)
})

test('half of a transaction -> I2', () => {
  const promised = engineLedger().promisedWithin(Infinity)
  const last = [nth(0, -1), nth(1, -1)]
  const whole = storeAfter(last)
  const before = storeAfter([nth(0, 0), nth(1, -1)])
  let found = 0
  for (const [id, page] of whole) {
    const old = before.get(id) as Buffer
    // Its number is in the first cell of page 3.
    if (id === 3 || old.equals(page)) continue
    const violation = engineViolation(enginePlan, promised, new Map(whole).set(id, old))
    assert.is(violation?.oracle, 'I2', `page ${id}`)
    found += 1
  }
  const page = Buffer.from(whole.get(9) as Buffer)
  page[cellBytes * cellsPerPage - 1] = 77
  const violation = engineViolation(enginePlan, promised, new Map(whole).set(9, page))
  assert.is(violation?.oracle, 'I2')
  assert.ok(found > 0)
})

test('a transaction that was rolled back or never begun, a page that is gone -> I3, I1', () => {
  const promised = engineLedger().promisedWithin(100)
  const pages = storeAfter([0, 0])
  const page = Buffer.alloc(bodyBytes)
  page.writeUInt32LE(4711, 0)
  const ghost = engineViolation(enginePlan, promised, new Map(pages).set(3, page))
  assert.is(ghost?.oracle, 'I3')
  pages.delete(2)
  assert.is(engineViolation(enginePlan, promised, pages)?.oracle, 'I1')
})

test('a transaction that was undone -> is no state', () => {
  const ledger = engineLedger()
  const undone = nth(0, 0)
  ledger.take(`undone 0 ${undone}`, 100)
  const promised = ledger.promisedWithin(100)
  assert.is(engineViolation(enginePlan, promised, storeAfter([undone, 0]))?.oracle, 'I3')
})

function logLedger(): Ledger {
  const ledger = new Ledger()
  ledger.take('begin', 50)
  for (let index = 0; index < 20; index++) ledger.take(`intent ${index}`, 50)
  ledger.take('durable 9', 1000)
  ledger.take('truncate 4', 2000)
  ledger.take('truncated 4', 3000)
  ledger.take('truncate 6', 3000)
  ledger.take('durable 14', 4000)
  return ledger
}

const bodies = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from }, (_, i) => recordBody(5, from + i))

test('records from an allowed beginning to what was promised -> no violation', () => {
  const ledger = logLedger()
  const oracle = (recordBytes: number, found: Buffer[]): string | undefined =>
    logViolation(logPlan, ledger.promisedWithin(recordBytes), found)?.oracle
  assert.is(oracle(60, []), undefined)
  assert.is(oracle(60, bodies(0, 20)), undefined)
  assert.is(oracle(1000, bodies(0, 10)), undefined)
  assert.is(oracle(1000, bodies(0, 9)), 'I1')
  assert.is(oracle(2000, bodies(4, 10)), undefined)
  assert.is(oracle(2000, bodies(5, 10)), 'I4')
  assert.is(oracle(3000, bodies(0, 10)), 'I4')
  assert.is(oracle(3000, bodies(4, 10)), undefined)
  assert.is(oracle(4000, bodies(6, 15)), undefined)
  assert.is(oracle(4000, bodies(6, 14)), 'I1')
  assert.is(oracle(4000, []), 'I1')
})

test('a record that was not written, changed or in the wrong place -> I3', () => {
  const promised = logLedger().promisedWithin(60)
  const oracle = (found: Buffer[]): string | undefined =>
    logViolation(logPlan, promised, found)?.oracle
  assert.is(oracle(bodies(0, 21)), 'I3')
  assert.is(oracle([...bodies(0, 3), ...bodies(4, 8)]), 'I3')
  const changed = bodies(0, 8)
  const last = changed[7] as Buffer
  last[last.length - 1] = (last[last.length - 1] as number) ^ 1
  assert.is(oracle(changed), 'I3')
})

test('an error, what was tried after it, and the end -> are noted', () => {
  const ledger = new Ledger()
  for (const line of ['failed ERR_SEAWALL_POISONED 61', 'refused X 0', 'accepted', 'closed', 'end'])
    ledger.take(line, 0)
  assert.is(ledger.failure, 'ERR_SEAWALL_POISONED 61')
  assert.is(ledger.refused, 1)
  assert.is(ledger.accepted, 1)
  assert.ok(ledger.isClosed && ledger.hasEnded)
  assert.throws(() => ledger.take('nonsense 1', 0), /nonsense/)
})

test('a plan -> comes through the command line as it was', () => {
  const text = encodePlan(enginePlan)
  assert.match(text, /^[\w-]+$/)
  assert.equal(decodePlan(text), enginePlan)
  assert.is(indexOf(recordBody(5, 17)), 17)
})

test.run()
