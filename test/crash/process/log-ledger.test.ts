// Goal: the judge of a log lets pass what D <= R <= I allows, and names the promise that is broken
// by anything else.
// Method: a table of stories: what clients reported, what a restart found, what must be said.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { LogLedger } from '../../../crash/process/log-ledger.ts'
import type { FoundRecord } from '../../../crash/process/protocol.ts'
import { hashOf, RecordContents } from '../../../crash/process/record-content.ts'

const contents = new RecordContents(7)
const end = 10_000

/** Record `index` as it must be found; records lie 100 bytes apart, the first one at 100. */
function found(index: number, lsn: number = 100 * index): FoundRecord {
  const { type, body } = contents.of(index)
  return [lsn, type, body.length, hashOf(body)]
}

/** Records 1 to `count` were asked for and put where `found` expects them. */
function ledgerOf(count: number, acknowledged: number): LogLedger {
  const ledger = new LogLedger(contents)
  for (let index = 1; index <= count; index++) {
    ledger.issue(index)
    ledger.placed(index, 100 * index)
  }
  if (acknowledged > 0) ledger.durable(acknowledged)
  return ledger
}

interface Story {
  readonly name: string
  readonly ledger?: () => LogLedger
  readonly keptFrom?: number
  readonly keptTo?: number
  readonly records: readonly FoundRecord[]
  /** Undefined: all is well. */
  readonly oracle?: string
}

const [second, type, bytes] = found(2)
const truncating = (answered: boolean) => (): LogLedger => {
  const ledger = ledgerOf(4, 4)
  ledger.truncate(300)
  if (answered) ledger.truncated(300)
  return ledger
}
const refused = (): LogLedger => {
  const ledger = ledgerOf(2, 2)
  ledger.issue(3)
  ledger.rejected(3)
  return ledger
}
const unplaced = (): LogLedger => {
  const ledger = ledgerOf(2, 2)
  ledger.issue(3)
  return ledger
}

const stories: readonly Story[] = [
  { name: 'nothing was asked for, nothing is there', ledger: () => ledgerOf(0, 0), records: [] },
  { name: 'what was acknowledged is there', records: [found(1), found(2)] },
  { name: 'what was asked for is there too', records: [found(1), found(2), found(3), found(4)] },
  { name: 'a part of what was asked for is there', records: [found(1), found(2), found(3)] },
  { name: 'an acknowledged record is missing', records: [found(1)], oracle: 'I1' },
  { name: 'everything is missing', records: [], oracle: 'I1' },
  { name: 'the first one is missing', records: [found(2), found(3)], oracle: 'I1' },
  { name: 'a hole', records: [found(1), found(2), found(4)], oracle: 'I4' },
  { name: 'wrong order', records: [found(2), found(1)], oracle: 'I1' },
  { name: 'a record twice', records: [found(1), found(1)], oracle: 'I6' },
  { name: 'LSNs that go down', records: [found(1, 300), found(2, 200)], oracle: 'I1' },
  { name: 'a record at another LSN', records: [found(1), found(2, 204)], oracle: 'I1' },
  {
    name: 'another body of the same length',
    records: [found(1), [second, type, bytes, hashOf(Buffer.from('another'))]],
    oracle: 'I4',
  },
  {
    name: 'another type',
    records: [found(1), [second, type + 1, bytes, found(2)[3]]],
    oracle: 'I4',
  },
  {
    name: 'more than was asked for',
    records: [found(1), found(2), found(3), found(4), found(5)],
    oracle: 'I3',
  },
  { name: 'a refused record is not there', ledger: refused, records: [found(1), found(2)] },
  {
    name: 'a refused record is there',
    ledger: refused,
    records: [found(1), found(2), found(3)],
    oracle: 'I3',
  },
  {
    name: 'killed before anyone heard where the record is',
    ledger: unplaced,
    records: [found(1), found(2), found(3, 477)],
  },
  {
    name: 'truncated, and answered',
    ledger: truncating(true),
    keptFrom: 300,
    records: [found(3), found(4)],
  },
  {
    name: 'truncated, answered, and all is there again',
    ledger: truncating(true),
    records: [found(1), found(2), found(3), found(4)],
    oracle: 'I9',
  },
  {
    name: 'killed while truncating: not done',
    ledger: truncating(false),
    records: [found(1), found(2), found(3), found(4)],
  },
  {
    name: 'killed while truncating: done',
    ledger: truncating(false),
    keptFrom: 300,
    records: [found(3), found(4)],
  },
  {
    name: 'truncated further than anyone asked for',
    ledger: truncating(true),
    keptFrom: 400,
    records: [found(4)],
    oracle: 'I1',
  },
]

for (const { name, ledger, keptFrom, keptTo, records, oracle } of stories) {
  test(`${name} -> ${oracle ?? 'all is well'}`, () => {
    const judge = ledger?.() ?? ledgerOf(4, 2)
    assert.is(judge.recovered(keptFrom ?? 0, keptTo ?? end, records)?.oracle, oracle)
  })
}

test('a record that one restart has shown is missing after the next -> I1', () => {
  const ledger = ledgerOf(4, 2)
  assert.is(ledger.recovered(0, end, [found(1), found(2), found(3)]), undefined)
  assert.is(ledger.recovered(0, end, [found(1), found(2)])?.oracle, 'I1')
})

test('a record that one restart has cut off is there after the next -> I3', () => {
  const ledger = ledgerOf(4, 2)
  assert.is(ledger.recovered(0, end, [found(1), found(2)]), undefined)
  assert.is(ledger.recovered(0, end, [found(1), found(2), found(3)])?.oracle, 'I3')
})

test('the place of a record that was cut off is used again -> all is well', () => {
  const ledger = ledgerOf(4, 2)
  assert.is(ledger.recovered(0, end, [found(1), found(2)]), undefined)
  ledger.issue(77)
  ledger.placed(77, 300)
  ledger.durable(77)
  assert.is(ledger.recovered(0, end, [found(1), found(2), found(77, 300)]), undefined)
})

test('the log ends before an earlier end -> I5', () => {
  const ledger = ledgerOf(2, 2)
  assert.is(ledger.recovered(0, end, [found(1), found(2)]), undefined)
  assert.is(ledger.recovered(0, end - 8, [found(1), found(2)])?.oracle, 'I5')
})

test.run()
