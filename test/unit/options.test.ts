// Goal: H49 - no NaN, fraction, negative or oversized number ever reaches the native side.
// Method: arbitrary values for every option.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { SeawallError } from '../../lib/errors.ts'
import { resolveLogOptions } from '../../lib/options.ts'

const names = Object.keys(resolveLogOptions())

test('H49 arbitrary option values -> refused, or resolved to safe integers in range', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.anything(), (name, value) => {
      try {
        const resolved = resolveLogOptions({ [name]: value }) as unknown as Record<string, unknown>
        const result = resolved[name]
        if (typeof result === 'number') assert.ok(Number.isSafeInteger(result) && result >= 0)
      } catch (error) {
        assert.instance(error, SeawallError)
        assert.is((error as SeawallError).code, 'ERR_SEAWALL_INVALID_OPTION')
      }
    }),
    { numRuns: 2000 },
  )
})

test('nothing given -> documented defaults, frozen', () => {
  const options = resolveLogOptions()
  assert.is(options.bufferBytes, 16 << 20)
  assert.is(options.maxRecordBytes, 64 << 20)
  assert.is(options.durability, 'flush')
  assert.ok(Object.isFrozen(options))
})

test.run()
