// Goal: sets of rights say the same about lock modes as the tables of the literature.
// Method: all pairs of modes against the tables in test/support/naive-lock-table.ts.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { conflictsOf, includes, modeWith, noRights, rightsOf } from '../../../lib/txn/lock-mode.ts'
import { converted, lockModes, mayShare } from '../../support/naive-lock-table.ts'

test('two modes -> compatible as in the compatibility matrix, both ways', () => {
  for (const one of lockModes) {
    for (const other of lockModes) {
      const isCompatible = (conflictsOf(rightsOf(one)) & rightsOf(other)) === 0
      assert.is(isCompatible, mayShare(one, other), `${one} beside ${other}`)
      assert.is(isCompatible, mayShare(other, one), `${other} beside ${one}`)
    }
  }
})

test('two modes -> their union is the supremum, which covers both', () => {
  for (const held of lockModes) {
    for (const asked of lockModes) {
      const both = rightsOf(held) | rightsOf(asked)
      assert.is(modeWith(both), converted(held, asked), `${held} + ${asked}`)
      assert.ok(includes(both, rightsOf(held)) && includes(both, rightsOf(asked)))
      assert.is(includes(rightsOf(held), rightsOf(asked)), converted(held, asked) === held)
    }
  }
})

test('conflicts of a union -> the union of the conflicts', () => {
  for (const one of lockModes.map(rightsOf)) {
    for (const other of lockModes.map(rightsOf)) {
      assert.is(conflictsOf(one | other), conflictsOf(one) | conflictsOf(other))
    }
  }
})

test('no rights -> no mode, no conflict', () => {
  assert.is(modeWith(noRights), undefined)
  assert.is(conflictsOf(noRights), noRights)
})

test.run()
