// timeout: 180s
// Goal: every fault of a device or an engine that the rig exists for is reported, and an honest one
// is not blamed: real observers, real agents, simulated power cuts.
// Method: `seawall rig selftest` as users run it.
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Summary } from '../../lib/rig/observer/summary.ts'
import { selftestCases } from '../../lib/rig/selftest/cases.ts'
import { type SelftestRow, whyRed } from '../../lib/rig/selftest/selftest.ts'
import { seedOr } from '../support/random.ts'

const root = new URL('../..', import.meta.url).pathname
const seed = seedOr(11)

test(`seed ${seed}: all cases of the selftest -> as expected`, () => {
  const args = ['lib/cli/main.ts', 'rig', 'selftest', '--json', '--seed', String(seed)]
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 170_000,
  })
  assert.not.equal(stdout, '', stderr)
  const { rows } = JSON.parse(stdout) as { rows: SelftestRow[] }
  assert.is(rows.length, selftestCases.length)
  for (const { name, failure, examples } of rows) {
    assert.is(failure, '', `${name}: ${failure} ${examples.join('; ')}`)
  }
  assert.is(status, 0)
})

test('the selftest can fail: a fault not reported, an honest device blamed, a cut not counted', () => {
  const summary = (losses: Record<string, number>): Summary =>
    ({
      probes: [{ losses, examples: ['x'] }],
      invalid: {},
      validCuts: 3,
      ackedRecords: 9,
    }) as unknown as Summary
  const [honest] = selftestCases
  const broken = selftestCases.find(({ expect }) => expect.verdict === 'FLUSH_LOST')
  assert.ok(honest && broken)
  assert.is(whyRed(honest as never, 0, summary({})), '')
  assert.match(whyRed(honest as never, 2, summary({ FLUSH_LOST: 1 })), /blamed without reason/)
  assert.match(whyRed(honest as never, 0, { ...summary({}), validCuts: 2 }), /2 power cuts counted/)
  assert.is(whyRed(broken as never, 2, summary({ FLUSH_LOST: 1 })), '')
  assert.match(whyRed(broken as never, 0, summary({})), /was not reported/)
  assert.match(whyRed(broken as never, 2, summary({ TORN: 1 })), /FLUSH_LOST was not reported/)
})

test.run()
