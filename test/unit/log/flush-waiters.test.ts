// Goal: every waiter settles exactly once, in order, with the right outcome.
// Method: random adds and settles against a plain array.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../lib/format/lsn.ts'
import { FlushWaiters } from '../../../lib/log/flush-waiters.ts'

test('random adds and settles -> settled in order, below the flushed LSN only', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(100))),
      async (steps) => {
        const waiters = new FlushWaiters()
        const settled: number[] = []
        let next = 0
        for (const [adds, settles] of steps) {
          for (let i = 0; i < adds; i++) {
            void waiters.add(next as LSN).then((lsn) => settled.push(lsn))
            next += 1
          }
          waiters.settle(Math.floor((next * settles) / 100))
        }
        waiters.settle(next)
        assert.is(waiters.count, 0)
        await Promise.resolve()
        assert.equal(
          settled,
          Array.from({ length: next }, (_, i) => i),
        )
      },
    ),
    { numRuns: 50 },
  )
})

test('H42 rejectAll -> everyone gets the same error and nobody is left', async () => {
  const waiters = new FlushWaiters()
  const promises = Array.from({ length: 200 }, (_, i) => waiters.add(i as LSN))
  waiters.settle(50)
  const cause = new Error('disk')
  waiters.rejectAll(cause)
  const results = await Promise.allSettled(promises)
  assert.is(results.filter((result) => result.status === 'fulfilled').length, 50)
  assert.ok(
    results.slice(50).every((result) => result.status === 'rejected' && result.reason === cause),
  )
  assert.is(waiters.count, 0)
})

test.run()
