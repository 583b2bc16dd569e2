// Goal: what is followed is given once, in order, and only when it is sure (P3).
// Method: a log that is another one at each look.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/format/lsn.ts'
import { LogFollow } from '../../../../lib/inspection/walk/log-follow.ts'
import { expectError } from '../../../support/expect-error.ts'
import { type FakeLog, FakeSurvey, gap, record } from '../fake-survey.ts'

const lsn = (value: number): LSN => value as LSN

interface Options {
  readonly from?: number
  readonly to?: number
  readonly isUndurableShown?: boolean
}

/** Looks at one state after the other, and stops at the end of the last one. */
async function followed(states: readonly FakeLog[], options: Options = {}): Promise<string[]> {
  const stop = new AbortController()
  const opened: FakeSurvey[] = []
  const { from = 0, to = 1e9, isUndurableShown = false } = options
  const follow = new LogFollow('/fake', 'a', {
    from: lsn(from),
    to: lsn(to),
    bodyBytesMax: 10,
    pollMs: 1,
    isUndurableShown,
    signal: stop.signal,
    open: () => {
      const state = states[Math.min(opened.length, states.length - 1)] as FakeLog
      opened.push(new FakeSurvey(state))
      return Promise.resolve(opened[opened.length - 1] as FakeSurvey)
    },
  })
  const words: string[] = []
  for await (const stretch of follow.stretches()) {
    if (stretch === undefined) {
      if (opened.length >= states.length + 2) stop.abort()
    } else if (stretch.what === 'records') {
      words.push(
        ...stretch.records.map((one) => `${one.lsn}${one.problem === undefined ? '' : '!'}`),
      )
    } else if (stretch.what === 'damage' || stretch.what === 'rest') {
      words.push(`${stretch.what} ${stretch.gap.lsn}-${stretch.gap.endLSN}`)
    } else {
      words.push(stretch.what === 'end' ? 'end' : `truncated ${stretch.lsn}-${stretch.endLSN}`)
    }
  }
  assert.ok(
    opened.every((survey) => !survey.isOpen),
    'every survey is closed',
  )
  return words
}

const items = [record(0, 48), record(48, 80), record(80, 160), record(160, 200)]

function state(endLSN: number, promiseLSN = endLSN, more: Partial<FakeLog> = {}): FakeLog {
  const visible = [...items.filter((one) => one.nextLSN <= endLSN), gap(endLSN, 1000, true)]
  return {
    items: visible,
    filesEndLSN: 1000,
    tail: { endLSN: lsn(endLSN), promiseLSN: lsn(promiseLSN) },
    ...more,
  }
}

test('a log that grows -> each record once, when its promise is there', async () => {
  const states = [state(48), state(80, 48), state(80, 48), state(160, 80), state(200, 200)]
  assert.equal(await followed(states), ['0', '48', '80', '160'])
  assert.equal(await followed([state(200, 80)]), ['0', '48'])
  assert.equal(await followed([state(200, 80)], { isUndurableShown: true }), [
    '0',
    '48',
    '80',
    '160',
  ])
})

test('from and to -> begins there, ends there', async () => {
  assert.equal(await followed([state(80), state(200)], { from: 48, to: 160 }), ['48', '80'])
})

test('truncated before it was read -> said once', async () => {
  const states = [state(48), state(200, 200, { oldestLSN: 160 })]
  assert.equal(await followed(states), ['0', 'truncated 48-160', '160'])
})

test('a record whose pieces are not all there -> waited for; cut off -> never given', async () => {
  const part = record(80, 120, { problem: 'its last pieces are missing' })
  const unfinished = state(160, 120, {
    items: [record(0, 48), record(48, 80), part, gap(120, 1000)],
  })
  assert.equal(await followed([unfinished, state(200)]), ['0', '48', '80', '160'])
  const other = record(80, 128, { sort: 'incarnation' })
  const cut = state(128, 128, { items: [record(0, 48), record(48, 80), other, gap(128, 1000)] })
  assert.equal(await followed([unfinished, cut]), ['0', '48', '80'])
})

test('damage -> given once something stands behind it', async () => {
  const open = state(160, 160, { items: [record(0, 48), gap(48, 1000)] })
  const known = state(200, 200, { items: [record(0, 48), gap(48, 160), record(160, 200)] })
  assert.equal(await followed([open, open, known]), ['0', 'damage 48-160', '160'])
})

test('a writer that is faster than the look at its files -> no damage, nothing is left out', async () => {
  const early: FakeLog = {
    items: [record(0, 48), gap(48, 60)],
    filesEndLSN: 60,
    tail: { endLSN: lsn(80), promiseLSN: lsn(80) },
  }
  assert.equal(await followed([...Array.from({ length: 20 }, () => early), state(200)]), [
    '0',
    '48',
    '80',
    '160',
  ])
})

test('another log, or an older state of it -> ERR_SEAWALL_LOG_MISMATCH', async () => {
  const other = state(200, 200, { logId: 'b' })
  await expectError('ERR_SEAWALL_LOG_MISMATCH', () => followed([state(48), other]))
  await expectError('ERR_SEAWALL_LOG_MISMATCH', () => followed([state(200), state(80)]))
})

test('seems damaged for a moment -> looked at again before it is believed', async () => {
  const moment = state(80, 160, {
    tail: { endLSN: lsn(80), promiseLSN: lsn(160), verdict: 'damaged' },
  })
  assert.equal(await followed([moment, state(160)]), ['0', '48', '80'])
})

test.run()
