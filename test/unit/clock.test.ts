// Goal: a store that is given a clock uses no other time, and refuses what is none (H49).
// Method: the real clock, objects that are not clocks, and an engine in a stepped world, where a
// use of real time would leave the run waiting.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine } from '../../lib/index.ts'
import { isClock, systemClock } from '../../lib/util/clock.ts'
import { SteppedWorld, steppedBinding } from '../../simulation/stepped-world.ts'
import { expectError } from '../support/expect-error.ts'

test('what is a clock and what is not', () => {
  assert.ok(isClock(systemClock))
  for (const value of [undefined, null, 7, {}, { ...systemClock, turn: 1 }]) {
    assert.not(isClock(value))
  }
})

test('a clock without its methods -> ERR_SEAWALL_INVALID_OPTION', async () => {
  const clock = {} as never
  await expectError('ERR_SEAWALL_INVALID_OPTION', () => Engine.open('/nowhere', { clock }))
})

test('timers of the host: called once, or never when cancelled', async () => {
  let calls = 0
  systemClock.after(1, true, () => (calls += 1))
  systemClock.after(1, true, () => (calls += 10)).cancel()
  await new Promise<void>((resolve) => systemClock.after(20, true, resolve))
  await systemClock.turn()
  assert.is(calls, 1)
})

test('a lock is waited for in a stepped world -> its time is over when the clock says so', async () => {
  const world = new SteppedWorld(1)
  const options = { nativeBinding: steppedBinding, clock: world.clock, lockTimeoutMs: 5000 }
  const engine = await world.run(Engine.open(`/stepped/${process.pid}`, options))
  const [first, second] = [await world.run(engine.begin()), await world.run(engine.begin())]
  await world.run(first.lock('key'))
  const before = world.clock.monotonicMs()
  await expectError('ERR_SEAWALL_LOCK_TIMEOUT', () => world.run(second.lock('key')))
  assert.is(world.clock.monotonicMs(), before + 5000)
  world.abandon()
})

test.run()
