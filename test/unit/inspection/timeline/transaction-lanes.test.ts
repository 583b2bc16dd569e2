// Goal: the lanes of a window are the transactions that have records in it, no more and no fewer.
// Method: windows of a real store against a scan of it; more transactions than are shown.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/index.ts'
import { absent, EngineColumns } from '../../../../lib/inspection/records/engine-columns.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import { typeNameOf } from '../../../../lib/inspection/records/record-kinds.ts'
import { isLaneWindow, lanesOf } from '../../../../lib/inspection/timeline/transaction-lanes.ts'
import { crashedStore } from '../../../inspector/sample-stores.ts'
import { Random, seedOr } from '../../../support/random.ts'

interface Seen {
  readonly lsns: number[]
  outcome: string
}

async function scanned(survey: LogSurvey, from: LSN, to: LSN): Promise<Map<number, Seen>> {
  const columns = new EngineColumns()
  const seen = new Map<number, Seen>()
  for await (const items of survey.scan({ to })) {
    for (const item of items) {
      if (item.what === 'gap' || item.lsn < from || !columns.read(item)) continue
      const { transactionLSN } = columns
      if (transactionLSN === absent || transactionLSN === 0) continue
      const entry = seen.get(transactionLSN) ?? { lsns: [], outcome: 'running' }
      seen.set(transactionLSN, entry)
      entry.lsns.push(item.lsn)
      if (typeNameOf(item, true) === 'commit') entry.outcome = 'committed'
      if (typeNameOf(item, true) === 'end') entry.outcome = 'rolled back'
    }
  }
  return seen
}

test('any window -> its transactions, their records in it, and how they end there', async () => {
  const seed = seedOr(21)
  const random = new Random(seed)
  await using survey = await LogSurvey.open(await crashedStore(seed))
  const { endLSN } = await survey.tail()
  const { oldestLSN } = survey.layout
  for (let round = 0; round < 30; round++) {
    const from = (oldestLSN + 8 * random.below((endLSN - oldestLSN) / 8)) as LSN
    const to = Math.min(endLSN, from + random.below(20_000)) as LSN
    const { lanes, isCut } = await lanesOf(survey, from, to)
    const expected = await scanned(survey, from, to)
    assert.not(isCut)
    const told = new Map(lanes.map((lane) => [lane.transactionLSN as number, lane]))
    assert.equal(
      [...told.keys()],
      [...expected.keys()].sort((a, b) => a - b),
      `seed ${seed}`,
    )
    for (const [transactionLSN, { lsns, outcome }] of expected) {
      const lane = told.get(transactionLSN)
      assert.is(lane?.outcome, outcome)
      assert.is(lane?.recordCount, lsns.length)
      assert.equal(
        lane?.records.map(({ lsn }) => lsn as number),
        lsns,
      )
      assert.is(lane?.fromLSN, lsns[0])
    }
  }
})

test('the whole log -> the transactions without an end are those that run', async () => {
  await using survey = await LogSurvey.open(await crashedStore(22))
  const { endLSN } = await survey.tail()
  const { lanes } = await lanesOf(survey, survey.layout.oldestLSN, endLSN)
  assert.is(lanes.filter(({ outcome }) => outcome === 'running').length, 3)
})

test('more transactions than are shown -> the longest ones, those that run among them', async () => {
  const directory = await crashedStore(23, 700)
  await using survey = await LogSurvey.open(directory)
  const { endLSN } = await survey.tail()
  const { lanes, isCut } = await lanesOf(survey, survey.layout.oldestLSN, endLSN)
  assert.ok(isCut)
  assert.is(lanes.length, 400)
  assert.is(lanes.filter(({ outcome }) => outcome === 'running').length, 3)
  const firsts = lanes.map(({ transactionLSN }) => transactionLSN)
  assert.equal(
    firsts,
    [...firsts].sort((a, b) => a - b),
  )
  const shown = new Set<number>(firsts)
  const ended = lanes.filter(({ outcome }) => outcome !== 'running')
  const least = Math.min(...ended.map(({ fromLSN, toLSN }) => toLSN - fromLSN))
  // Equal ones are not all from the beginning.
  const middle = (survey.layout.oldestLSN + endLSN) / 2
  assert.ok(lanes.filter(({ fromLSN }) => fromLSN > middle).length > 100)
  for (const [transactionLSN, { lsns }] of await scanned(survey, survey.layout.oldestLSN, endLSN)) {
    const bytes = (lsns.at(-1) ?? 0) - (lsns[0] ?? 0)
    if (!shown.has(transactionLSN)) assert.ok(bytes <= least, `transaction ${transactionLSN}`)
  }
})

test('a window above 16 MiB -> is not looked at', () => {
  assert.ok(isLaneWindow(0 as LSN, (16 * 1024 * 1024) as LSN))
  assert.not(isLaneWindow(0 as LSN, (16 * 1024 * 1024 + 1) as LSN))
})

test.run()
