// Goal: an engine that lost, mixed or invented transactions is told from one that did not.
// Method: pages are made from the plan by hand, lane by lane, and judged.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { EngineModel } from '../../lib/rig/judge/engine-model.ts'
import { eventKind } from '../../lib/rig/protocol/events.ts'
import { cellBytes, outcomeOf } from '../../lib/rig/workload/engine-plan.ts'

const shape = { lanes: 4, pagesPerLane: 3, bodyBytes: 1000 }
const seed = 5
const pages = Array.from({ length: 12 }, (_, i) => i + 1)

function model(): EngineModel {
  const made = new EngineModel(
    { kind: 'engine', target: 'x', fingerprint: {}, engine: shape },
    seed,
  )
  made.started(1)
  made.phase({ phase: 'engine-ready', store: 's', pages })
  made.announced(400)
  return made
}

/** The last transaction of `lane` up to `number` that commits. */
function committed(lane: number, number: number): number {
  let n = number - ((number - lane) % shape.lanes)
  while (outcomeOf(seed, n) === 'rollback') n -= shape.lanes
  return n
}

/** All pages when every lane has come to about `number`. */
function image(made: EngineModel, number = 200): Buffer {
  const lanes = [0, 1, 2, 3].map((lane) => made.laneAfter(lane, committed(lane, number)))
  return Buffer.concat(lanes)
}

function acknowledge(made: EngineModel, number = 200): void {
  for (let lane = 0; lane < 4; lane++)
    made.event(eventKind.committed, committed(lane, number), 3, 10)
}

function verdicts(made: EngineModel, bytes: Buffer): string[] {
  const judge = made.judge(50)
  judge.data(0, bytes)
  return judge.end({ durationMs: 0 }).judgement.losses.map(({ verdict }) => verdict)
}

test('exactly what was acknowledged, or more of what was announced -> nothing', () => {
  const made = model()
  acknowledge(made, 150)
  assert.equal(verdicts(made, image(made, 150)), [])
  assert.equal(verdicts(made, image(made, 300)), [])
  assert.is(made.ackedRecords, 12)
})

test('less than what was acknowledged -> ACK_LOST with its age', () => {
  const made = model()
  acknowledge(made, 300)
  const judge = made.judge(50)
  judge.data(0, image(made, 200))
  const { losses } = judge.end({ durationMs: 0 }).judgement
  assert.is(losses.length, 4)
  assert.ok(
    losses.every(({ verdict, msBeforeCut }) => verdict === 'ACK_LOST' && msBeforeCut === 40),
  )
})

test('what an earlier restart has shown and is gone -> ACK_LOST, acknowledged or not', () => {
  const made = model()
  const judge = made.judge(50)
  judge.data(0, image(made, 200))
  made.adopt(judge.end({ durationMs: 0 }).baseline)
  const before = image(model(), 100)
  made.started(made.nextFirst())
  assert.equal(new Set(verdicts(made, before)), new Set(['ACK_LOST']))
})

test('beyond what was announced, or rolled back -> GHOST', () => {
  const made = model()
  assert.equal(new Set(verdicts(made, image(made, 500))), new Set(['GHOST']))
  let rolledBack = 4
  while (outcomeOf(seed, rolledBack) !== 'rollback') rolledBack += 4
  const bytes = image(made)
  bytes.writeDoubleLE(rolledBack, 0)
  assert.equal(verdicts(made, bytes), ['GHOST'])
})

test('one page of an older state -> NOT_ATOMIC', () => {
  const made = model()
  const bytes = image(made, 300)
  image(made, 100).copy(bytes, shape.bodyBytes, shape.bodyBytes, 2 * shape.bodyBytes)
  assert.equal(verdicts(made, bytes), ['NOT_ATOMIC'])
})

test('bytes of no transaction, behind the last cell, a page that is missing -> WRONG_BYTES', () => {
  for (const at of [3 * cellBytes + 9, shape.bodyBytes - 1, 9]) {
    const made = model()
    const bytes = image(made)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    assert.equal(verdicts(made, bytes), ['WRONG_BYTES'], `byte ${at}`)
  }
  const made = model()
  assert.equal(verdicts(made, image(made).subarray(0, 11 * shape.bodyBytes)), ['WRONG_BYTES'])
})

test('an engine that does not open -> OPEN_FAILED; the next agent begins a new store', () => {
  const made = model()
  assert.ok(made.mustResume)
  const { judgement, baseline } = made.judge(50).end({ durationMs: 0, error: 'corrupt' })
  assert.equal(
    judgement.losses.map(({ verdict, detail }) => [verdict, detail]),
    [['OPEN_FAILED', 'corrupt']],
  )
  made.adopt(baseline)
  assert.not.ok(made.mustResume)
})

test.run()
