// Goal: of any number of transactions the longest 200 are kept, whatever order they come in.
// Method: seeded random spans against a sort of all of them.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/index.ts'
import {
  LongestSpans,
  type TransactionSpan,
} from '../../../../lib/inspection/timeline/longest-spans.ts'
import { Random, seedOr } from '../../../support/random.ts'

function spanOf(first: number, bytes: number): TransactionSpan {
  return { transactionLSN: first as LSN, lastLSN: (first + bytes) as LSN, outcome: 'committed' }
}

const bytesOf = ({ transactionLSN, lastLSN }: TransactionSpan): number => lastLSN - transactionLSN

for (const count of [0, 1, 200, 201, 5000]) {
  test(`${count} spans -> the longest ones, by first LSN`, () => {
    const seed = seedOr(count + 1)
    const random = new Random(seed)
    const spans = Array.from({ length: count }, (_, i) => spanOf(i * 8, random.below(1_000_000)))
    const longest = new LongestSpans()
    for (const span of spans) longest.note(span)
    const kept = longest.values()
    const expected = spans
      .map(bytesOf)
      .sort((a, b) => b - a)
      .slice(0, 200)
    assert.equal(
      kept.map(bytesOf).sort((a, b) => b - a),
      expected,
      `SEAWALL_SEED=${seed}`,
    )
    const firsts = kept.map(({ transactionLSN }) => transactionLSN)
    assert.equal(
      firsts,
      [...firsts].sort((a, b) => a - b),
    )
  })
}

test.run()
