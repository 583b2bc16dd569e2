// Goal: a survey and the end that goes with it are of one moment.
// Method: a log that is another one at each look.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/format/lsn.ts'
import { settledLog } from '../../../../lib/inspection/survey/settled-log.ts'
import { type FakeLog, FakeSurvey, tailOf } from '../fake-survey.ts'

/** Looks until it is settled. @returns how often, and what at */
async function looksAt(states: readonly FakeLog[]): Promise<{ looks: number; endLSN: number }> {
  const opened: FakeSurvey[] = []
  const { survey, tail } = await settledLog('/fake', () => {
    const state = states[Math.min(opened.length, states.length - 1)] as FakeLog
    opened.push(new FakeSurvey(state))
    return Promise.resolve(opened[opened.length - 1] as FakeSurvey)
  })
  await survey.close()
  assert.ok(opened.every(({ isOpen }) => !isOpen))
  return { looks: opened.length, endLSN: tail.endLSN }
}

function state(endLSN: number, more: Partial<FakeLog> = {}): FakeLog {
  return { items: [], filesEndLSN: 1000, tail: tailOf({ endLSN: endLSN as LSN }), ...more }
}

test('a log at rest -> one look', async () => {
  assert.equal(await looksAt([state(80, { incarnation: 1 })]), { looks: 1, endLSN: 80 })
})

test('the end lies behind the files that were seen -> looked at again', async () => {
  assert.equal(await looksAt([state(80, { filesEndLSN: 60 }), state(90)]), { looks: 2, endLSN: 90 })
})

test('opened again between the survey and its end -> looked at again: its records are no damage', async () => {
  const tail = tailOf({ endLSN: 128 as LSN, incarnation: 2 })
  const between = state(128, { incarnation: 1, tail })
  assert.equal(await looksAt([between, state(128, { incarnation: 2, tail })]), {
    looks: 2,
    endLSN: 128,
  })
})

test('damage that stays -> believed at the second look', async () => {
  const damaged = state(80, { tail: tailOf({ endLSN: 80 as LSN, verdict: 'damaged' }) })
  assert.equal(await looksAt([damaged]), { looks: 2, endLSN: 80 })
})

test.run()
