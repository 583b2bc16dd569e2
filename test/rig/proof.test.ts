// Goal: only a power cut counts as one, blame goes to the lowest layer that lost something, and the
// statement about probability is the one that the cuts allow.
// Method: tables of cases.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { culpritOf, exitCodeOf } from '../../lib/rig/judge/attribution.ts'
import { proofOf } from '../../lib/rig/judge/proof.ts'
import { cutKinds, parseCutKinds, planCut } from '../../lib/rig/observer/cut-plan.ts'
import { cutsForBound, histogramOf, lossBound95 } from '../../lib/rig/observer/statistics.ts'
import type { Hello, ProbeKind } from '../../lib/rig/protocol/messages.ts'

function hello(agentId: string, bootId: string, counters?: [number, number]): Hello {
  const probe = { kind: 'device' as const, target: 'x', fingerprint: {} }
  const [powerCycles, unsafeShutdowns] = counters ?? [0, 0]
  const probes = [
    counters === undefined ? probe : { ...probe, counters: { powerCycles, unsafeShutdowns } },
  ]
  return { tool: '1', bootId, agentId, machine: {}, probes }
}

test('boot id and SMART counters -> label, and whether it counts', () => {
  const cases: [Hello, Hello, boolean, string, boolean][] = [
    [hello('a', '1', [5, 2]), hello('b', '2', [6, 3]), true, 'power cut', true],
    [hello('a', '1', [5, 2]), hello('b', '2', [5, 2]), true, 'reset only', false],
    [hello('a', '1', [5, 2]), hello('b', '2', [6, 2]), true, 'clean shutdown', false],
    [hello('a', '1', [5, 2]), hello('b', '2', [7, 4]), true, 'unclear', false],
    [hello('a', '1', [5, 2]), hello('b', '1', [5, 2]), true, 'process kill', false],
    [hello('a', '1', [5, 2]), hello('a', '1', [5, 2]), false, 'connection lost', false],
    [hello('a', '1'), hello('b', '2'), true, 'power cut', true],
    [hello('a', '1'), hello('b', '2'), false, 'unclear', false],
    // Proved by its counters, whoever cut it.
    [hello('a', '1', [5, 2]), hello('b', '2', [6, 3]), false, 'power cut', true],
  ]
  for (const [before, after, wasCut, label, valid] of cases) {
    const proof = proofOf(before, after, wasCut)
    assert.is(proof.label, label)
    assert.is(proof.valid, valid, label)
  }
})

test('which probes lost something -> who is to blame, and the exit code', () => {
  const cases: [ProbeKind[], ProbeKind[], string, number][] = [
    [['device', 'engine', 'file'], [], 'none', 0],
    [['device', 'engine', 'file'], ['device', 'engine', 'file'], 'device', 2],
    [['device', 'engine', 'file'], ['engine', 'file'], 'file system or mount', 2],
    [['device', 'engine', 'file'], ['engine'], 'engine', 1],
    [['engine', 'file'], ['file'], 'device or file system', 2],
    [['engine'], ['engine'], 'engine or below', 1],
  ]
  for (const [kinds, dirty, culprit, exitCode] of cases) {
    const found = culpritOf(kinds, new Set(dirty))
    assert.is(found, culprit)
    assert.is(exitCodeOf(found, 10), exitCode)
  }
  assert.is(exitCodeOf('none', 0), 3, 'nothing proved')
})

test('N clean cuts -> a bound of about 3 / N', () => {
  assert.is(lossBound95(0), 1)
  assert.is(lossBound95(1), 1)
  assert.ok(Math.abs(lossBound95(430) - 0.00697) < 1e-5)
  assert.ok(Math.abs(lossBound95(1000) - 0.002996) < 1e-6)
  for (const bound of [0.1, 0.01, 0.003]) assert.ok(lossBound95(cutsForBound(bound)) <= bound)
  assert.is(cutsForBound(0.01), 300)
})

test('milliseconds -> classes', () => {
  assert.equal(histogramOf([0, 0.5, 2, 29, 30, 50_000]), {
    '<1 ms': 2,
    '<3 ms': 1,
    '<30 ms': 1,
    '<100 ms': 1,
    '>=10000 ms': 1,
  })
})

test('seed and session -> the same cut again; every kind occurs, within its limits', () => {
  const ranges = { kinds: cutKinds, minMs: 20, maxMs: 40, idleMs: [0, 5] }
  const seen = new Set<string>()
  for (let session = 1; session < 200; session++) {
    const plan = planCut(3, session, ranges, { recover: true, checkpoint: true })
    assert.equal(plan, planCut(3, session, ranges, { recover: true, checkpoint: true }))
    assert.ok(plan.workMs >= 20 && plan.workMs <= 40)
    if (plan.kind === 'idle') assert.ok([0, 5].includes(plan.afterMs))
    seen.add(plan.kind)
  }
  assert.equal([...seen].sort(), [...cutKinds].sort())
})

test('no engine, nothing to recover -> no cuts in checkpoints or recovery', () => {
  const ranges = { kinds: parseCutKinds('checkpoint,recovery'), minMs: 1, maxMs: 1, idleMs: [0] }
  const plan = planCut(3, 1, ranges, { recover: false, checkpoint: false })
  assert.is(plan.kind, 'uniform')
  assert.throws(() => parseCutKinds('uniform,sometimes'), /no 'sometimes'/)
})

test.run()
