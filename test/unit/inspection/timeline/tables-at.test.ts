// Goal: the tables at an LSN are those that a restart would find if the log ended there.
// Method: crashed stores; at the end against the restart walk, at each checkpoint against what it says,
// in between against an analysis from the beginning of the log.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/index.ts'
import { LogIndex } from '../../../../lib/inspection/timeline/log-index.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import { walkRestart } from '../../../../lib/inspection/restart/restart-walk.ts'
import { tablesAt, type TablesAt } from '../../../../lib/inspection/timeline/tables-at.ts'
import type { AnalysisResult } from '../../../../lib/recovery/analysis.ts'
import { describeRecord } from '../../../../lib/recovery/describe-record.ts'
import { crashedStore, damageLog } from '../../../inspector/sample-stores.ts'
import { Random, seedOr } from '../../../support/random.ts'

async function opened(directory: string): Promise<{ survey: LogSurvey; index: LogIndex }> {
  const survey = await LogSurvey.open(directory)
  const index = new LogIndex({ survey, tail: await survey.tail() }, true)
  await index.build(new AbortController().signal)
  return { survey, index }
}

function asValues({ losers, dirtyPages }: AnalysisResult): object {
  const transactions = Array.from(losers.values(), ({ firstLSN, lastLSN, undoNextLSN }) => {
    return { firstLSN, lastLSN, undoNextLSN }
  })
  return {
    transactions: transactions.sort((a, b) => a.firstLSN - b.firstLSN),
    pages: [...dirtyPages].sort(([a], [b]) => a - b),
  }
}

test('the end of the log -> the tables of the restart', async () => {
  for (const seed of [31, 32, 33]) {
    const { survey, index } = await opened(await crashedStore(seed, 150))
    const { tables, isComplete } = await tablesAt(
      survey,
      index.checkpoints,
      (index.toLSN - 1) as LSN,
    )
    const walk = await walkRestart(survey)
    for await (const step of walk.steps()) if (step.phase !== 'analysis') break
    assert.equal(asValues(tables), asValues(walk.tables), `seed ${seed}`)
    assert.is(tables.losers.size, 3)
    assert.ok(isComplete)
    await survey.close()
  }
})

test('the end record of each checkpoint -> the tables hold what it names', async () => {
  const { survey, index } = await opened(await crashedStore(34))
  assert.ok(index.checkpoints.length >= 3)
  for (const { lsn, beginLSN } of index.checkpoints) {
    const { tables, fromLSN } = await tablesAt(survey, index.checkpoints, lsn)
    assert.is(fromLSN, beginLSN)
    for await (const [item] of survey.scan({ from: lsn })) {
      if (item?.what !== 'record') throw new Error('no record')
      const { checkpoint } = describeRecord(lsn, item.type, item.body)
      assert.is(tables.losers.size, checkpoint?.transactions.length)
      assert.is(tables.dirtyPages.size, checkpoint?.pages.length)
      for (const { transactionLSN, lastLSN } of checkpoint?.transactions ?? []) {
        assert.is(tables.losers.get(transactionLSN)?.lastLSN, lastLSN)
      }
      for (const { pageId, recLSN } of checkpoint?.pages ?? []) {
        assert.is(tables.dirtyPages.get(pageId), recLSN)
      }
      break
    }
  }
  await survey.close()
})

test('any LSN -> the transactions that run there, whichever checkpoint it begins from', async () => {
  const seed = seedOr(35)
  const random = new Random(seed)
  const { survey, index } = await opened(await crashedStore(seed))
  const transactionsOf = ({ tables }: TablesAt): object =>
    (asValues(tables) as { transactions: object }).transactions
  for (let round = 0; round < 25; round++) {
    const lsn = (index.fromLSN + random.below(index.toLSN - index.fromLSN)) as LSN
    const told = await tablesAt(survey, index.checkpoints, lsn)
    const slow = await tablesAt(survey, [], lsn)
    // Everything that runs anywhere here has begun behind the beginning of the log.
    assert.equal(transactionsOf(told), transactionsOf(slow), `SEAWALL_SEED=${seed}, LSN ${lsn}`)
    // Without a checkpoint no page is ever known to be written: there may be too many, never too few.
    for (const page of told.tables.dirtyPages.keys()) {
      const isOlder = (told.tables.dirtyPages.get(page) ?? 0) < index.fromLSN
      assert.ok(slow.tables.dirtyPages.has(page) || isOlder, `page ${page}`)
    }
    assert.not(slow.isComplete)
  }
  await survey.close()
})

test('damage on the way -> is passed over', async () => {
  const directory = await crashedStore(36)
  await damageLog(directory)
  const { survey, index } = await opened(directory)
  assert.is(index.problemCount, 1)
  const { tables } = await tablesAt(survey, [], (index.toLSN - 1) as LSN)
  assert.ok(tables.losers.size >= 3)
  await survey.close()
})

test('an aborted signal -> ERR_SEAWALL_ABORTED', async () => {
  const { survey, index } = await opened(await crashedStore(37, 40))
  try {
    await tablesAt(survey, index.checkpoints, index.toLSN, AbortSignal.abort())
    assert.unreachable()
  } catch (error) {
    assert.is((error as { code?: string }).code, 'ERR_SEAWALL_ABORTED')
  }
  await survey.close()
})

test.run()
