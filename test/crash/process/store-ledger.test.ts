// Goal: the judge of a store accepts the states after the last acknowledged commit or any later one
// that was asked for, and no other.
// Method: a table of what a restart found after the same commits.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { PageChange } from '../../../crash/process/protocol.ts'
import { StoreLedger } from '../../../crash/process/store-ledger.ts'

/** Four commits, of which the second was acknowledged last. */
function ledger(): StoreLedger {
  const store = new StoreLedger()
  store.commit(1, [[2, 'a']])
  store.commit(2, [[3, 'b']])
  store.committed(2, 500)
  store.commit(3, [
    [2, 'c'],
    [4, 'd'],
  ])
  store.commit(4, [[3, null]])
  return store
}

const states: readonly { name: string; pages: readonly PageChange[]; oracle?: string }[] = [
  { name: 'nothing', pages: [], oracle: 'I1' },
  { name: 'the first commit only', pages: [[2, 'a']], oracle: 'I1' },
  { name: 'what was acknowledged', pages: [[2, 'a'], [3, 'b']] }, // prettier-ignore
  { name: 'one commit more', pages: [[2, 'c'], [3, 'b'], [4, 'd']] }, // prettier-ignore
  { name: 'all commits', pages: [[2, 'c'], [4, 'd']] }, // prettier-ignore
  { name: 'half of a commit', pages: [[2, 'c'], [3, 'b']], oracle: 'I17' }, // prettier-ignore
  { name: 'the last without the one before', pages: [[2, 'a']], oracle: 'I1' },
  { name: 'a page too many', pages: [[2, 'a'], [3, 'b'], [9, '']], oracle: 'I17' }, // prettier-ignore
  { name: 'another content', pages: [[2, 'a'], [3, 'B']], oracle: 'I17' }, // prettier-ignore
]

for (const { name, pages, oracle } of states) {
  test(`after the restart there is: ${name} -> ${oracle ?? 'all is well'}`, () => {
    assert.is(ledger().recovered(pages)?.oracle, oracle)
  })
}

test('what one restart has shown is gone after the next -> I17', () => {
  const store = ledger()
  const all: PageChange[] = [
    [2, 'c'],
    [4, 'd'],
  ]
  assert.is(store.recovered(all), undefined)
  assert.is(store.recovered(all), undefined)
  assert.is(store.recovered([[2, 'c']])?.oracle, 'I17')
})

test('what one restart has left out is there after the next -> I17', () => {
  const store = ledger()
  const acknowledged: PageChange[] = [
    [2, 'a'],
    [3, 'b'],
  ]
  assert.is(store.recovered(acknowledged), undefined)
  store.commit(5, [[5, 'e']])
  assert.is(store.recovered([...acknowledged, [5, 'e']]), undefined)
  assert.is(store.recovered([[2, 'c'], [4, 'd'], [5, 'e']])?.oracle, 'I17') // prettier-ignore
})

test('the log ends before what was flushed -> I7; begins before where it began -> I9', () => {
  const store = ledger()
  assert.is(store.logRecovered(100, 499)?.oracle, 'I7')
  assert.is(store.logRecovered(100, 500), undefined)
  assert.is(store.logRecovered(99, 500)?.oracle, 'I9')
})

test.run()
