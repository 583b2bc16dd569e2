// timeout: 600s
// serial
// Goal: a part of `npm run crash` in every test run: the corpus, and each layer for some seconds, with its canary.
// Method: the layers' own processes, with fixed budgets; SEAWALL_SEED gives another seed.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { budgetedRun } from '../../crash/budgeted.ts'
import { seedOr } from '../support/random.ts'

const cpuSecondsPerLayer = { 'L1-log': 6, 'L1-engine': 12, L2: 10, L3: 8, L4: 8, L5: 8 }
const seed = seedOr(1)

test('corpus and layers -> no violation, every canary sings', async () => {
  const { problems } = await budgetedRun(cpuSecondsPerLayer, seed)
  assert.equal(problems, [], `seed ${seed}`)
})

test.run()
