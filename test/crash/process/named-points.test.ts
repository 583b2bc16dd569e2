// timeout: 300s
// serial
// Goal: a process that is killed at any of the named points leaves what the next one needs, and
// every point is where its name says.
// Method: one client; the points one after the other in the same directory; log and engine at the
// same time, each on the backend that the seed gives it (`npm run crash` has all four pairs).
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { availableBackends } from '../../../crash/process/backends.ts'
import { ProcessPool } from '../../../crash/process/child-process.ts'
import { prepareProgram } from '../../../crash/process/prepared-program.ts'
import { namedPoints, tour } from '../../../crash/process/tour.ts'
import { seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const seed = seedOr(1)

test('names of points -> each one is there once', () => {
  const names = [...namedPoints.log, ...namedPoints.engine].map(({ name }) => name)
  assert.is(new Set(names).size, names.length)
})

test('killed at each named point -> it was reached, and nothing is lost', async () => {
  const workDirectory = temporaryDirectory()
  const backends = await availableBackends(workDirectory)
  const program = await prepareProgram(workDirectory)
  const pool = new ProcessPool(program.script, 2)
  const visit = async (kind: 'log' | 'engine', shift: number): Promise<void> => {
    const backend = backends[(seed + shift) % backends.length] ?? 'threads'
    const options = { kind, backend, acknowledgesEarly: false }
    const points = namedPoints[kind]
    const result = await tour(options, points, { program, pool, workDirectory }, seed)
    const problems = result.violations.map(
      ({ point, violation }) => `${point.name}: ${violation.oracle} ${violation.message}`,
    )
    assert.equal(problems, [], `seed ${seed}, ${backend}`)
    assert.is(result.hit.length, points.length)
  }
  try {
    await Promise.all([visit('log', 0), visit('engine', 1)])
  } finally {
    await pool.close()
  }
})

test.run()
