// Goal: a quick run is short, a full one leaves out nothing without saying so, and what the user
// says about rounds and seconds is never exceeded.
// Method: the plans for made-up settings.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { cellPlans, isLimitCell, isServerCell } from '../../../bench/commits/cell-plans.ts'
import { readSettings } from '../../../bench/settings.ts'

const plansFor = (...args: string[]) => cellPlans(readSettings(args, '/project', '/caller'))

test('quick -> eight cells, sizes in one piece each', () => {
  const plans = plansFor()
  assert.equal(
    plans.map(({ bodyBytes, committers }) => `${bodyBytes} x ${committers}`),
    [
      '128 x 1',
      '128 x 64',
      '128 x 1024',
      '4096 x 1',
      '4096 x 64',
      '65536 x 1',
      '65536 x 4',
      '1048576 x 1',
    ],
  )
})

test('full -> every size by every number of committers, up to 64 MiB under way', () => {
  const plans = plansFor('--full')
  assert.is(plans.length, 28)
  assert.ok(plans.every(({ bodyBytes, committers }) => bodyBytes * committers <= 64 * 2 ** 20))
})

test('rounds and seconds of the user -> never more', () => {
  for (const mode of [[], ['--full']]) {
    for (const plan of plansFor(...mode, '--rounds', '1', '--seconds', '0.2')) {
      assert.is(plan.rounds, 1)
      assert.is(plan.peerRounds, 1)
      assert.is(plan.seconds, 0.2)
    }
  }
})

test('any plan -> the others are measured in the first of the rounds', () => {
  for (const plan of [...plansFor(), ...plansFor('--full')]) {
    assert.ok(plan.peerRounds >= 1 && plan.peerRounds <= plan.rounds)
  }
})

test('programs that take seconds -> few cells of a quick run, all of a full one', () => {
  assert.ok(isServerCell(false, { bodyBytes: 128, committers: 64 }))
  assert.not.ok(isServerCell(false, { bodyBytes: 128, committers: 1024 }))
  assert.not.ok(isServerCell(false, { bodyBytes: 4096, committers: 1 }))
  assert.ok(isServerCell(true, { bodyBytes: 4096, committers: 1 }))
  assert.not.ok(isLimitCell(false, { bodyBytes: 128, committers: 1024 }))
  assert.ok(isLimitCell(true, { bodyBytes: 128, committers: 1024 }))
})

test.run()
