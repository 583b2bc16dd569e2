// Goal: the index of a log says what a straight scan of it says, also of a damaged one, in memory that
// does not grow with it.
// Method: real stores and logs; sums, checkpoints, opens and problems are compared with a scan.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { LogIndex } from '../../../../lib/inspection/timeline/log-index.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import { typeNameOf } from '../../../../lib/inspection/records/record-kinds.ts'
import type { ScannedRecord } from '../../../../lib/inspection/survey/survey-types.ts'
import { crashedStore, damageLog, plainLog } from '../../../inspector/sample-stores.ts'
import { openSmall, temporaryDirectory } from '../../../support/temporary-directory.ts'

async function indexOf(directory: string): Promise<{ index: LogIndex; records: ScannedRecord[] }> {
  await using survey = await LogSurvey.open(directory)
  const tail = await survey.tail()
  const index = new LogIndex({ survey, tail }, survey.layout.isStore)
  await index.build(new AbortController().signal)
  const records: ScannedRecord[] = []
  for await (const items of survey.scan({ to: index.toLSN })) {
    for (const item of items) if (item.what === 'record') records.push(item)
  }
  return { index, records }
}

function sums(index: LogIndex, what: 'records' | 'bytes'): Record<string, number> {
  const all: Record<string, number> = {}
  for (const bucket of index.buckets) {
    for (const [name, count] of Object.entries(bucket[what])) all[name] = (all[name] ?? 0) + count
  }
  return all
}

function countsOf(records: readonly ScannedRecord[], isStore: boolean, inBytes: boolean): object {
  const all: Record<string, number> = {}
  for (const record of records) {
    const name = typeNameOf(record, isStore)
    all[name] = (all[name] ?? 0) + (inBytes ? record.nextLSN - record.lsn : 1)
  }
  return all
}

test('a store -> records, bytes, transactions and checkpoints as a scan has them', async () => {
  const { index, records } = await indexOf(await crashedStore(11))
  assert.ok(index.isComplete)
  assert.is(index.records, records.length)
  assert.equal(sums(index, 'records'), countsOf(records, true, false))
  assert.equal(sums(index, 'bytes'), countsOf(records, true, true))
  assert.equal([...index.typeNames].sort(), Object.keys(countsOf(records, true, false)).sort())
  const of = (name: string): number =>
    records.filter((each) => typeNameOf(each, true) === name).length
  assert.is(index.committed, of('commit'))
  assert.is(index.rolledBack, of('end'))
  assert.is(index.running, 3)
  assert.is(index.checkpointCount, of('end-checkpoint'))
  assert.ok(index.checkpointCount >= 3)
  for (const { beginLSN, lsn } of index.checkpoints) {
    const [begin, end] = [beginLSN, lsn].map((at) => records.find((each) => each.lsn === at))
    assert.is(begin === undefined ? '' : typeNameOf(begin, true), 'begin-checkpoint')
    assert.is(end === undefined ? '' : typeNameOf(end, true), 'end-checkpoint')
  }
  assert.is(index.problemCount, 0)
})

test('every bucket -> its bytes fill it, however large a record is', async () => {
  const directory = temporaryDirectory()
  const log = await openSmall({}, directory)
  for (let i = 0; i < 20; i++) log.append(Buffer.alloc(i % 3 === 0 ? 60_000 : 20, 0x61))
  await log.close()
  const { index, records } = await indexOf(directory)
  for (const { lsn, bytes } of index.buckets) {
    const end = Math.min(lsn + index.bucketBytes, index.toLSN)
    const all = Object.values(bytes).reduce((sum, each) => sum + each, 0)
    assert.is(all, end - lsn)
  }
  assert.is(index.records, records.length)
})

test('transactions that never end -> among the longest, as running', async () => {
  const { index, records } = await indexOf(await crashedStore(12))
  const running = index.longest.values().filter(({ outcome }) => outcome === 'running')
  assert.is(running.length, 3)
  for (const { transactionLSN, lastLSN } of running) {
    for (const lsn of [transactionLSN, lastLSN]) assert.ok(records.some((each) => each.lsn === lsn))
    assert.ok(lastLSN > transactionLSN)
  }
})

test('a plain log -> types are numbers, no transactions', async () => {
  const { index, records } = await indexOf(await plainLog())
  assert.equal(sums(index, 'records'), countsOf(records, false, false))
  assert.is(index.committed + index.rolledBack + index.running + index.checkpointCount, 0)
  assert.equal(
    index.incarnations.map(({ incarnation }) => incarnation),
    [1],
  )
})

test('damage in the middle -> one problem where it is, and everything else is counted', async () => {
  const directory = await plainLog()
  const whole = await indexOf(directory)
  const lsn = await damageLog(directory)
  const { index } = await indexOf(directory)
  assert.is(index.problemCount, 1)
  assert.is(index.problems[0]?.lsn, lsn)
  assert.is(index.records, whole.index.records - 1)
  const next = whole.records.find((each) => each.lsn > lsn)
  assert.is(index.problems[0]?.endLSN, next?.lsn)
  assert.is(
    index.buckets.reduce((sum, { problems }) => sum + problems, 0),
    1,
  )
})

test('nothing behind the end is a problem -> zeros up to the end of the files', async () => {
  const directory = await plainLog(3)
  assert.is((await indexOf(directory)).index.problemCount, 0)
})

test('an aborted signal -> stops, and says that it is not complete', async () => {
  const directory = await plainLog()
  await using survey = await LogSurvey.open(directory)
  const tail = await survey.tail()
  const index = new LogIndex({ survey, tail }, false)
  await index.build(AbortSignal.abort())
  assert.not(index.isComplete)
  assert.is(index.records, 0)
})

test('more types than are told apart -> the rest is "other", nothing is lost', async () => {
  const directory = temporaryDirectory()
  const log = await openSmall({}, directory)
  for (let type = 1; type <= 100; type++) log.append(Buffer.from('x'), { type })
  await log.close()
  const { index } = await indexOf(directory)
  const counts = sums(index, 'records')
  assert.ok(Object.keys(counts).length <= 33)
  assert.is(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    index.records,
  )
  assert.ok((counts.other ?? 0) > 60)
})

test.run()
