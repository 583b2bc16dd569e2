// Goal: the log is never recycled below what anyone needs (H32).
// Method: a table of who needs what.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { holderOf, type LogNeeds, oldestNeededLSN } from '../../../lib/checkpoint/retention.ts'
import type { LSN } from '../../../lib/index.ts'

function needs(
  checkpoint: number,
  redo: number | undefined,
  transaction: number | undefined,
  holds: number[],
  lost?: number,
): LogNeeds {
  return {
    checkpointLSN: checkpoint as LSN,
    lostLSN: lost as LSN | undefined,
    redoLSN: redo as LSN | undefined,
    oldestTransactionLSN: transaction as LSN | undefined,
    holds: holds as LSN[],
  }
}

test('H32 whoever needs the oldest record -> decides', () => {
  const table: [LogNeeds, number, string][] = [
    [needs(100, undefined, undefined, []), 100, 'checkpoint'],
    [needs(100, 80, undefined, []), 80, 'dirty pages'],
    [needs(100, undefined, 60, []), 60, 'transaction'],
    [needs(100, 80, 60, []), 60, 'transaction'],
    [needs(100, 50, 60, []), 50, 'dirty pages'],
    [needs(100, 50, 60, [40]), 40, 'hold'],
    [needs(100, 50, 60, [70, 90]), 50, 'dirty pages'],
    [needs(100, undefined, undefined, [120]), 100, 'checkpoint'],
    [needs(100, 50, undefined, [], 50), 50, 'damaged pages'],
    [needs(100, 50, undefined, [], 70), 50, 'dirty pages'],
    [needs(100, 50, 40, [], 50), 40, 'transaction'],
    [needs(100, 50, undefined, [40], 50), 40, 'hold'],
  ]
  for (const [given, expected, holder] of table) {
    assert.is(oldestNeededLSN(given), expected)
    assert.is(holderOf(given), holder)
  }
})

test.run()
