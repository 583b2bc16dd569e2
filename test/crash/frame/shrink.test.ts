// Goal: shrinking ends, keeps the promise that is broken, and leaves nothing that is not needed.
// Method: made-up failures whose smallest forms are known; random ones; limits.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Failure } from '../../../crash/layer.ts'
import { shrink } from '../../../crash/shrink/shrink.ts'
import { Random } from '../../support/random.ts'
import { madeFailure } from './layers/made.ts'

const noLimits = { attemptsMax: 100_000, isOver: () => false }

function replayWhen(fails: (failure: Failure) => boolean, oracle = 'I1') {
  return (failure: Failure): Promise<Failure | undefined> =>
    Promise.resolve(fails(failure) ? { ...failure, oracle } : undefined)
}

async function choicesLeft(choices: number[], fails: (choices: readonly number[]) => boolean) {
  const failure = madeFailure('any', { choices })
  const shrunk = await shrink(
    failure,
    replayWhen((candidate) => fails(candidate.choices)),
    noLimits,
  )
  return shrunk.failure.choices
}

test('choices -> deleted, zeroed, halved, lowered', async () => {
  const many = Array.from({ length: 100 }, (_, i) => i % 7)
  assert.equal(await choicesLeft(many, (choices) => choices.includes(6)), [6])
  assert.equal(await choicesLeft([9, 9, 9], (choices) => choices.length === 3), [0, 0, 0])
  assert.equal(await choicesLeft([1000], ([first = 0]) => first >= 37), [37])
  assert.equal(await choicesLeft([4, 8], ([first = 0, second = 0]) => second > first), [0, 1])
})

test('random conditions -> one step less would not fail any more', async () => {
  const random = new Random(4)
  for (let round = 0; round < 30; round++) {
    const choices = Array.from({ length: random.below(40) + 2 }, () => random.below(20))
    const [a = 0, b = 0] = [random.pick(choices), random.pick(choices)].sort((x, y) => x - y)
    const fails = (list: readonly number[]): boolean =>
      list.filter((choice) => choice >= a).length >= (a === b ? 1 : 2) &&
      list.some((choice) => choice >= b)
    if (!fails(choices)) continue
    const left = await choicesLeft(choices, fails)
    assert.ok(fails(left), `round ${round}`)
    for (let i = 0; i < left.length; i++) {
      const without = left.filter((_, at) => at !== i)
      const lower = left.map((choice, at) => (at === i ? Math.max(0, choice - 1) : choice))
      assert.not(fails(without), `round ${round}: ${left} without ${i}`)
      assert.ok(left[i] === 0 || !fails(lower), `round ${round}: ${left} lower ${i}`)
    }
  }
})

test('lists of parameters, also inner ones -> shrink; everything else stays', async () => {
  const parameters = {
    sectorBytes: 512,
    transactions: [{ operations: ['a', 'b', 'c'] }, { operations: ['x', 'y'] }, { operations: [] }],
  }
  const fails = ({ parameters: now }: Failure): boolean =>
    (now.transactions as { operations: string[] }[]).some(({ operations }) =>
      operations.includes('y'),
    )
  const { failure } = await shrink(madeFailure('any', { parameters }), replayWhen(fails), noLimits)
  assert.equal(failure.parameters, { sectorBytes: 512, transactions: [{ operations: ['y'] }] })
})

test('another promise is broken meanwhile, or the layer throws -> not taken', async () => {
  const failure = madeFailure('any', { choices: [3, 3] })
  const replay = (candidate: Failure): Promise<Failure | undefined> => {
    if (candidate.choices.length < 2) return Promise.reject(new Error('too short'))
    const isSame = candidate.choices.every((choice) => choice === 3)
    return Promise.resolve({ ...candidate, oracle: isSame ? 'I1' : 'I2' })
  }
  const shrunk = await shrink(failure, replay, noLimits)
  assert.equal(shrunk.failure.choices, [3, 3])
})

test('does not fail when it is replayed -> as it was, and it says so', async () => {
  const failure = madeFailure('any', { choices: [1, 2] })
  const shrunk = await shrink(
    failure,
    replayWhen(() => false),
    noLimits,
  )
  assert.equal([shrunk.reproduced, shrunk.attempts, shrunk.failure], [false, 1, failure])
})

test('limits -> the smallest so far; the same twice', async () => {
  const choices = Array.from({ length: 200 }, (_, i) => i)
  const fails = replayWhen((candidate) => candidate.choices.includes(150))
  const run = () =>
    shrink(madeFailure('any', { choices }), fails, { attemptsMax: 9, isOver: () => false })
  const first = await run()
  assert.is(first.attempts, 9)
  assert.ok(first.failure.choices.length < 200 && first.failure.choices.includes(150))
  assert.equal(await run(), first)
  const over = await shrink(madeFailure('any', { choices }), fails, {
    attemptsMax: 9,
    isOver: () => true,
  })
  assert.is(over.attempts, 1)
})

test.run()
