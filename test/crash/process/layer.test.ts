// timeout: 300s
// serial
// Goal: the layer finds nothing in the store that ships, something in one that acknowledges too
// early, and finds it again from the failure alone.
// Method: runs of some seconds; the failure goes through JSON in between.
import { readdirSync } from 'node:fs'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Failure, LayerContext } from '../../../crash/layer.ts'
import { layer } from '../../../crash/process/layer.ts'
import { seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const seed = seedOr(1)

function context(budgetCpuSeconds: number): LayerContext {
  return { seed, budgetCpuSeconds, workDirectory: temporaryDirectory(), progress: () => {} }
}

test('it runs here', async () => {
  assert.is(await layer.unavailable(), undefined)
})

test('random kills of the store that ships -> no violation, and nothing is left', async () => {
  const place = context(3)
  const { counts, violations } = await layer.run(place)
  assert.equal(violations, [], `seed ${seed}`)
  assert.ok((counts.kills ?? 0) > 5, JSON.stringify(counts))
  assert.ok((counts.acknowledged ?? 0) > 20, JSON.stringify(counts))
  assert.equal(readdirSync(place.workDirectory), ['child.mjs'])
})

test('acknowledged before it is out of the process -> I1, and again when replayed', async () => {
  const { violations } = await layer.canary(context(10))
  for (const kind of ['log', 'engine']) {
    const failure = violations.find(({ parameters }) => parameters.kind === kind)
    assert.is(failure?.oracle, 'I1', `${kind}, seed ${seed}`)
    const again = await layer.replay(JSON.parse(JSON.stringify(failure)) as Failure)
    assert.is(again?.oracle, 'I1', `${kind}, seed ${seed}`)
  }
})

test.run()
