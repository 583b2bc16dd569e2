// Goal: every peer is asked for the same transfers.
// Method: many draws, with several seeds.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { accounts, branches, randomTransfers, tellers } from '../../bench/transfers.ts'

function draw(seed: number, count: number) {
  const next = randomTransfers(seed)
  return Array.from({ length: count }, next)
}

test('the same seed -> the same transfers; another one -> others', () => {
  assert.equal(draw(7, 100), draw(7, 100))
  assert.not.equal(draw(7, 100), draw(8, 100))
})

for (const seed of [0, 1, 7, 2 ** 32 - 1]) {
  test(`seed ${seed} -> keys of the whole range and none beside it`, () => {
    const count = 200_000
    const transfers = draw(seed, count)
    const rangeOf = (of: (i: (typeof transfers)[0]) => number) => {
      const values = transfers.map(of)
      return values.reduce(
        ({ least, greatest }, value) => ({
          least: Math.min(least, value),
          greatest: Math.max(greatest, value),
        }),
        { least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY },
      )
    }
    const account = rangeOf((transfer) => transfer.account)
    assert.ok(account.least >= 1 && account.least < accounts / 1000, String(account.least))
    assert.ok(account.greatest <= accounts && account.greatest > accounts * 0.999)
    assert.equal(
      rangeOf((transfer) => transfer.teller),
      { least: 1, greatest: tellers },
    )
    assert.equal(
      rangeOf((transfer) => transfer.branch),
      { least: 1, greatest: branches },
    )
    assert.equal(
      rangeOf((transfer) => transfer.delta),
      { least: -5000, greatest: 5000 },
    )
    // 100,000 accounts drawn 200,000 times: 1 - e^-2 of them are expected to come up.
    const distinct = new Set(transfers.map((transfer) => transfer.account)).size
    assert.ok(Math.abs(distinct / accounts - (1 - Math.exp(-2))) < 0.01, String(distinct))
  })
}

test.run()
