// Goal: subjects alternate, and what was measured on a throttled disk does not count.
// Method: a guard that says what the test wants.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  alternate,
  detailOf,
  type Guard,
  type Subject,
  valuesOf,
} from '../../../bench/measure/rounds.ts'

/** Answers each question after a measurement with the next of `answers`, then with no. */
function guardSaying(answers: boolean[] = []): Guard & { waits: number } {
  return {
    waits: 0,
    repeats: 0,
    measurements: 0,
    isThrottled: () => answers.shift() ?? false,
    async waitUntilFast() {
      this.waits += 1
    },
  }
}

function counting(name: string, order: string[]): Subject {
  let runs = 0
  const run = async () => {
    order.push(name)
    runs += 1
    return { value: runs, details: { twice: 2 * runs } }
  }
  return { name, run }
}

test('two rounds of three subjects -> each runs once a round, beginning with another one', async () => {
  const order: string[] = []
  const subjects = ['a', 'b', 'c'].map((name) => counting(name, order))
  const samples = await alternate(subjects, 2, 0, guardSaying())
  assert.is(order.join(''), 'abcbca')
  assert.equal(valuesOf(samples, 'b').values, [1, 2])
  assert.is(detailOf(samples, 'c', 'twice'), 3)
})

test('throttled during a measurement -> it waits and measures again', async () => {
  const order: string[] = []
  const guard = guardSaying([true, true])
  const samples = await alternate([counting('a', order)], 1, 0, guard)
  assert.is(order.join(''), 'aaa')
  assert.is(guard.repeats, 2)
  assert.is(guard.waits, 3)
  assert.equal(valuesOf(samples, 'a').values, [3], 'only the last one counts')
})

test('throttled for ever -> it gives up repeating', async () => {
  const order: string[] = []
  await alternate([counting('a', order)], 1, 0, guardSaying(new Array(99).fill(true)))
  assert.is(order.length, 4)
})

test.run()
