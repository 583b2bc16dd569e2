// Goal: the parts of the lab that judge and choose do so rightly.
// Method: cases by hand, and random ones against what they must amount to.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { RecoveryReport } from '../../lib/index.ts'
import { Committers } from '../../lib/lab/committers.ts'
import { randomFrom } from '../../lib/lab/random.ts'
import { numberOf, recordBody } from '../../lib/lab/record-body.ts'
import { RecordLedger } from '../../lib/lab/record-ledger.ts'
import { recoverySteps } from '../../lib/lab/recovery-steps.ts'
import { type Acknowledgement, judge } from '../../lib/lab/verdict.ts'

/** `d+` is a durable record that survived, `e-` an early one that did not. */
function records(list: string): Parameters<typeof judge>[0] {
  const kinds = { r: 'recovered', d: 'durable', e: 'early', n: 'none' } as const
  return list.split(' ').map((word, i) => ({
    number: i + 1,
    acknowledgement: kinds[word[0] as keyof typeof kinds] satisfies Acknowledgement,
    hasSurvived: word[1] === '+',
  }))
}

const verdicts: [list: string, hasLied: boolean, outcome: string][] = [
  ['d+ d+ d+', false, 'kept'],
  ['d+ d+ n+ n-', false, 'kept'],
  ['d+ d-', false, 'broken'],
  ['d+ d-', true, 'lied'],
  ['r- d+', false, 'broken'],
  ['r+ e+ e- e-', false, 'allowed'],
  ['e+ e- e+', false, 'broken'],
  ['e- n+', false, 'broken'],
  ['e+ e- n-', true, 'allowed'],
  ['e- d-', false, 'broken'],
  ['r+ d+', true, 'kept'],
]

test('judge -> durable records must be there, early ones may be lost from the end', () => {
  for (const [list, hasLied, outcome] of verdicts)
    assert.is(judge(records(list), hasLied).outcome, outcome, `${list}, lied: ${hasLied}`)
})

test('judge -> every record is counted once, in its row', () => {
  const verdict = judge(records('r+ r+ d+ e+ e- n-'), false)
  assert.equal([verdict.recovered, verdict.recoveredSurvived], [2, 2])
  assert.equal([verdict.acknowledged, verdict.acknowledgedSurvived], [3, 2])
  assert.equal([verdict.unanswered, verdict.unansweredSurvived], [1, 0])
  assert.match(verdict.sentence, /^1 acknowledged record is lost/)
  assert.is(judge([], false).outcome, 'kept')
})

test('recordBody -> is told by its number; with any byte changed it is nobody’s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 16, max: 4096 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (number, bytes, at, change) => {
        const body = recordBody(number, bytes)
        assert.is(numberOf(body), number)
        body[4 + (at % (bytes - 4))]! ^= change
        assert.is(numberOf(body), undefined)
      },
    ),
    { numRuns: 200 },
  )
  assert.is(numberOf(new Uint8Array(3)), undefined)
})

test('randomFrom -> the same numbers for the same seed, evenly from 0 to below 1', () => {
  const [a, b, c] = [randomFrom(9), randomFrom(9), randomFrom(10)]
  const numbers = Array.from({ length: 4000 }, a)
  assert.equal(numbers, Array.from({ length: 4000 }, b))
  assert.is.not(c(), numbers[0])
  const tenths = Array.from({ length: 10 }, (_, i) =>
    numbers.filter((x) => Math.floor(x * 10) === i),
  )
  for (const tenth of tenths) assert.ok(tenth.length > 320 && tenth.length < 480)
})

test('committers in sync mode -> in turn, nobody before the one who waits is answered', () => {
  const committers = new Committers(() => 0, 3)
  assert.equal(committers.due('sync', 1), [0])
  assert.equal(committers.due('sync', 2), [])
  assert.equal(
    committers.views().map(({ state }) => state),
    ['waiting', 'queued', 'queued'],
  )
  committers.acknowledged(0, 'sync', 2)
  assert.equal(committers.due('sync', 3), [1])
  committers.acknowledged(1, 'sync', 3)
  assert.equal(committers.due('sync', 4), [2])
  committers.acknowledged(2, 'sync', 4)
  assert.equal(committers.due('sync', 5), [0])
})

test('fewer committers, or another mode, while some wait -> nobody is forgotten', () => {
  const committers = new Committers(() => 0, 4)
  assert.equal(committers.due('sync', 1), [0])
  committers.setCount(2)
  assert.equal(committers.due('group', 2), [1])
  committers.acknowledged(0, 'group', 2)
  committers.acknowledged(1, 'group', 2)
  assert.equal(committers.due('group', 3), [0, 1])
  committers.setCount(4)
  assert.equal(committers.due('group', 4), [2, 3])
  committers.reset(5)
  assert.equal(committers.due('sync', 5), [0])
})

test('the ledger -> keeps what recovery found, and counts it as recovered from then on', () => {
  const ledger = new RecordLedger()
  for (const committer of [0, 1, 2]) {
    const number = ledger.begin(committer, 64, 'durable')
    ledger.setAppended(number, number * 100)
  }
  ledger.look((number) => (number === 1 ? 'media' : number === 2 ? 'cache' : 'buffer'))
  assert.is(ledger.setAcknowledged(1), 0)
  assert.equal(ledger.cutPower(true), { buffer: 1, cache: 1, media: 1 })
  assert.equal(
    ledger.views(9).map(({ place }) => place),
    ['media', 'unknown', 'gone'],
  )
  ledger.settle(new Set([1, 2]))
  ledger.goOn()
  assert.equal(ledger.answered(), { recovered: 2, acknowledged: 0, unanswered: 0 })
  assert.is(ledger.setAcknowledged(3), undefined)
  assert.equal(
    ledger.views(1).map(({ number }) => number),
    [2],
  )
})

test('recoverySteps -> a torn tail is cut off with its bytes, and records are found once', () => {
  const report = { decision: 'torn-tail', cutBytes: 1234, reason: 'body checksum mismatch' }
  const numbers = {
    scannedFrom: 48,
    scannedRecords: 1,
    keptFrom: 0,
    keptTo: 9000,
    promisedTo: 8000,
  }
  const steps = recoverySteps({
    ...report,
    ...numbers,
    incarnation: 3,
  } as unknown as RecoveryReport)
  assert.is(steps.filter(({ isWhereFound }) => isWhereFound).length, 1)
  const words = steps.map(({ title, text }) => `${title} ${text}`).join('\n')
  assert.match(words, /Cut off 1,234 bytes/)
  assert.match(words, /body checksum mismatch/)
  assert.match(words, /Begin incarnation 3/)
  const created = recoverySteps({ decision: 'created' } as unknown as RecoveryReport)
  assert.is(created.filter(({ isWhereFound }) => isWhereFound).length, 1)
})

test.run()
