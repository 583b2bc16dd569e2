// Goal: a mutant is killed only by a violation or an assertion, and one that survives makes the run red.
// Method: real mutants of the TypeScript sources, and a made-up layer that sees one of them.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { mutantNamed } from '../../../crash/mutants/table.ts'
import { runControls, runMutants } from '../../../crash/mutants/run-mutants.ts'
import { run } from '../../../crash/run.ts'
import { problemsOf, scoreOf } from '../../../crash/verdict.ts'
import { contextWith, settingsWith, sourcesOf } from './made-run.ts'

const seen = { ...mutantNamed('settled-beyond-the-flush'), killedBy: ['mutated'] }
const unseen = { ...mutantNamed('page-lsn-not-set'), killedBy: ['mutated'] }
const asserted = { ...mutantNamed('log-sync-deleted'), killedBy: ['mutated'] }
const ofAnother = { ...mutantNamed('no-promise'), killedBy: ['elsewhere'] }
const oneTry = { budgets: [1], lanes: 2, alsoBy: [] }

test('mutants -> killed by an oracle, killed by an assertion, not run', async () => {
  const context = contextWith(sourcesOf('mutated', 'elsewhere'), [seen, asserted, ofAnother])
  const report = await run(settingsWith({ mutants: 'only' }), context)
  assert.equal(
    report.mutants.map(({ runs }) => [runs[0]?.verdict, runs[0]?.oracle]),
    [
      ['killed', 'I1'],
      ['killed', 'assertion'],
      ['not run', undefined],
    ],
  )
  assert.equal(scoreOf(report.mutants), { killed: 2, judged: 2, notRun: 1 })
  assert.equal(report.problems, [])
  // None of a layer that cannot run here.
  assert.equal(report.controls, [{ layer: 'mutated', clean: true }])
  assert.equal(readdirSync(join(context.output, 'mutants')), [
    'settled-beyond-the-flush-mutated.json',
  ])
})

test('mutant that nobody sees -> SURVIVED, which is red', async () => {
  const layers = sourcesOf('mutated')
  const mutants = await runMutants([unseen], { ...oneTry, layers }, contextWith(layers))
  assert.equal(mutants[0]?.runs[0]?.verdict, 'survived')
  const problems = problemsOf({ corpus: [], layers: [], controls: [], mutants, figures: [] })
  assert.equal(problems, ['mutant page-lsn-not-set SURVIVED mutated'])
})

test('layer that finds something without any mutant -> the kills prove nothing: red', async () => {
  const layers = sourcesOf('failing')
  const controls = await runControls({ ...oneTry, layers }, contextWith(layers))
  const problems = problemsOf({ corpus: [], layers: [], controls, mutants: [], figures: [] })
  assert.match(problems[0] ?? '', 'failing with no mutant on, in the build of the mutants: I1')
})

test('layer that breaks with a mutant -> undecided, which is red', async () => {
  const throwing = { ...seen, name: 'no such mutant', killedBy: ['honest'] }
  const layers = sourcesOf('honest')
  const mutants = await runMutants([throwing], { ...oneTry, layers }, contextWith(layers))
  const problems = problemsOf({ corpus: [], layers: [], controls: [], mutants, figures: [] })
  assert.match(problems[0] ?? '', /^mutant no such mutant: honest cannot tell/)
})

test.run()
