// Goal: the last records are found without reading the whole log, and none of them is a part of
// another one.
// Method: long lists of records; what was read is counted.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/format/lsn.ts'
import { startOfWalk } from '../../../../lib/inspection/survey/first-record.ts'
import { startOfLast } from '../../../../lib/inspection/survey/last-records.ts'
import type { ScanOptions } from '../../../../lib/inspection/survey/survey-types.ts'
import { FakeSurvey, gap, record } from '../fake-survey.ts'

const recordBytes = 1000
const count = 100_000
const lsn = (value: number): LSN => value as LSN
const endLSN = lsn(count * recordBytes)

function longLog(): { survey: FakeSurvey; lowestLSN: () => number } {
  const items = Array.from({ length: count }, (_, i) => {
    return record(i * recordBytes, (i + 1) * recordBytes, {
      type: i % 1000,
      body: new Uint8Array(0),
    })
  })
  const survey = new FakeSurvey({ items, filesEndLSN: endLSN, tail: { endLSN } })
  let lowest: number = endLSN
  const scan = survey.scan.bind(survey)
  survey.scan = (options: ScanOptions = {}) => {
    lowest = Math.min(lowest, options.from ?? 0)
    return scan(options)
  }
  return { survey, lowestLSN: () => lowest }
}

test('a few of many -> only the end of the log is read', async () => {
  const { survey, lowestLSN } = longLog()
  const start = await startOfLast(survey, 3, lsn(0), endLSN, 0, () => true)
  assert.is(start, endLSN - 3 * recordBytes)
  assert.ok(lowestLSN() > endLSN - 2 * 1024 * 1024)
})

test('rare ones -> as far back as they are', async () => {
  const { survey } = longLog()
  const start = await startOfLast(survey, 5, lsn(0), endLSN, 0, ({ type }) => type === 7)
  assert.is(start, (count - 5000 + 7) * recordBytes)
})

test('more than there are, none, and an end within the log -> from the beginning, the end, before it', async () => {
  const { survey } = longLog()
  assert.is(await startOfLast(survey, count + 1, lsn(0), endLSN, 0, () => true), 0)
  assert.is(await startOfLast(survey, 0, lsn(0), endLSN, 0, () => true), endLSN)
  assert.is(await startOfLast(survey, 1, lsn(0), lsn(5000), 0, () => true), 4000)
  assert.is(await startOfLast(survey, 9, lsn(3000), lsn(5000), 0, () => true), 3000)
})

test('an LSN within a record -> the next one; within a gap or at a record -> itself', async () => {
  const survey = new FakeSurvey({
    items: [record(0, 48), record(48, 80), gap(80, 200), record(200, 300), gap(300, 1000, true)],
    filesEndLSN: 1000,
    tail: { endLSN: lsn(300) },
  })
  const expected: [number, number][] = [
    [0, 0],
    [1, 48],
    [48, 48],
    [50, 80],
    [100, 100],
    [200, 200],
    [201, 300],
    [500, 500],
    [2000, 2000],
  ]
  for (const [given, start] of expected) assert.is(await startOfWalk(survey, lsn(given)), start)
})

test.run()
