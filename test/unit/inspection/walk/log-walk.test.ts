// Goal: damage, the end of a log, what lies behind it, and what its owner truncates meanwhile are
// told apart. Method: logs that are lists of records and gaps; each walk is compared with what it
// must say.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/format/lsn.ts'
import { LogWalk, type Stretch } from '../../../../lib/inspection/walk/log-walk.ts'
import { type FakeLog, FakeSurvey, gap, record, settled } from '../fake-survey.ts'

const lsn = (value: number): LSN => value as LSN

function inWords(stretch: Stretch): string {
  switch (stretch.what) {
    case 'records':
      return `${stretch.place}: ${stretch.records.map((one) => one.lsn).join(' ')}`
    case 'damage':
    case 'rest':
      return `${stretch.what} ${stretch.gap.lsn}-${stretch.gap.endLSN}`
    case 'truncated':
      return `truncated ${stretch.lsn}-${stretch.endLSN}`
    case 'end':
      return `end ${stretch.lsn}`
  }
}

interface Walk {
  readonly from?: number
  readonly to?: number
  readonly pastEnd?: boolean
  /** What the log looks like when it is looked at again. */
  readonly later?: FakeLog
}

async function walked(log: FakeLog, { from = 0, to = 1e9, pastEnd = false, later }: Walk = {}) {
  const opened: FakeSurvey[] = []
  const walk = new LogWalk(settled(log), {
    from: lsn(from),
    to: lsn(to),
    bodyBytesMax: 10,
    pastEnd,
    open: () => {
      opened.push(new FakeSurvey(later ?? log))
      return Promise.resolve(opened[opened.length - 1] as FakeSurvey)
    },
  })
  const words: string[] = []
  for await (const stretch of walk.stretches()) words.push(inWords(stretch))
  assert.ok(
    opened.every((survey) => !survey.isOpen),
    'every survey that it opened is closed',
  )
  return words
}

const whole: FakeLog = {
  items: [record(0, 48), record(48, 80), record(80, 160), gap(160, 1000, true)],
  filesEndLSN: 1000,
  tail: { endLSN: lsn(160) },
}

test('nothing is wrong -> the records, then the end', async () => {
  assert.equal(await walked(whole), ['in the log: 0 48', 'in the log: 80', 'end 160'])
  assert.equal(await walked(whole, { pastEnd: true }), [
    'in the log: 0 48',
    'in the log: 80',
    'end 160',
    'rest 160-1000',
  ])
})

test('a range -> no end when it is not reached', async () => {
  assert.equal(await walked(whole, { from: 48, to: 80 }), ['in the log: 48'])
  assert.equal(await walked(whole, { from: 80, to: 160 }), ['in the log: 80'])
  assert.equal(await walked(whole, { from: 5000 }), ['end 160'])
})

test('a gap between records -> damage, in its place', async () => {
  const log = { ...whole, items: [record(0, 48), gap(48, 80), record(80, 160), gap(160, 1000)] }
  assert.equal(await walked(log), ['in the log: 0', 'damage 48-80', 'in the log: 80', 'end 160'])
})

test('a gap up to the end that was decided -> damage', async () => {
  const log = { ...whole, items: [record(0, 48), gap(48, 1000)] }
  assert.equal(await walked(log), ['in the log: 0', 'damage 48-160', 'end 160'])
})

test('a torn tail -> records behind it belong to nobody, and are no damage', async () => {
  const log: FakeLog = {
    items: [record(0, 48), gap(48, 80), record(80, 160), gap(160, 1000, true)],
    filesEndLSN: 1000,
    tail: { endLSN: lsn(48), verdict: 'torn', cutBytes: 112 },
  }
  assert.equal(await walked(log), ['in the log: 0', 'end 48'])
  assert.equal(await walked(log, { pastEnd: true }), [
    'in the log: 0',
    'end 48',
    'rest 48-80',
    'behind the end: 80',
    'rest 160-1000',
  ])
})

test('an end that is damaged -> on to the end of the files; what was never promised is no damage', async () => {
  const tail = { endLSN: lsn(48), verdict: 'damaged' as const, promiseLSN: lsn(300) }
  const items = [record(0, 48), gap(48, 80), record(80, 160), gap(160, 1000)]
  assert.equal(await walked({ items, filesEndLSN: 1000, tail }), [
    'in the log: 0',
    'damage 48-80',
    'in the log: 80',
    'damage 160-300',
    'rest 300-1000',
    'end 1000',
  ])
})

test('before the log -> what is still there is shown as truncated, its gaps are no damage', async () => {
  const log: FakeLog = {
    ...whole,
    oldestLSN: 80,
    items: [gap(0, 48), record(48, 80), record(80, 160)],
  }
  assert.equal(await walked(log), ['rest 0-48', 'before the log: 48', 'in the log: 80', 'end 160'])
  assert.equal(await walked(log, { from: 80 }), ['in the log: 80', 'end 160'])
})

test('truncated while it is read -> what is gone is no damage; it goes on where the log begins now', async () => {
  const before: FakeLog = { ...whole, items: [record(0, 48), gap(48, 120), record(120, 160)] }
  const later: FakeLog = { ...whole, oldestLSN: 80, items: [record(80, 120), record(120, 160)] }
  assert.equal(await walked(before, { later }), [
    'in the log: 0',
    'truncated 48-80',
    'in the log: 80 120',
    'end 160',
  ])
})

test('files that are gone when they are read -> the same', async () => {
  const failing = new FakeSurvey(whole)
  failing.scan = () => {
    throw new Error('no such file')
  }
  const walk = async (now: FakeLog): Promise<string[]> => {
    const logWalk = new LogWalk(
      { survey: failing, tail: settled(whole).tail },
      {
        from: lsn(0),
        to: lsn(1e9),
        bodyBytesMax: 1,
        open: () => Promise.resolve(new FakeSurvey(now)),
      },
    )
    const words: string[] = []
    for await (const stretch of logWalk.stretches()) words.push(inWords(stretch))
    return words
  }
  const later: FakeLog = { ...whole, oldestLSN: 80, items: [record(80, 160)] }
  assert.equal(await walk(later), ['truncated 0-80', 'in the log: 80', 'end 160'])
  let error: unknown
  await walk(whole).catch((reason: unknown) => (error = reason))
  assert.is((error as Error).message, 'no such file', 'a real failure stays one')
})

test('the files end before the end that was seen -> a writer was faster, that is no damage', async () => {
  const log: FakeLog = {
    items: [record(0, 48), gap(48, 100)],
    filesEndLSN: 100,
    tail: { endLSN: lsn(160) },
  }
  assert.equal(await walked(log), ['in the log: 0', 'rest 48-100', 'end 100'])
})

test.run()
