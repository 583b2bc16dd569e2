// Goal: a mutant is killed only by a violation or an assertion, and one that survives makes the run red.
// Method: real mutants of the TypeScript sources, and a made-up layer that sees one of them.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { mutantNamed } from '../../../crash/mutants/table.ts'
import { run } from '../../../crash/run.ts'
import { scoreOf } from '../../../crash/verdict.ts'
import { contextWith, settingsWith, sourcesOf } from './made-run.ts'

const seen = { ...mutantNamed('settled-beyond-the-flush'), killedBy: ['mutated'] }
const unseen = { ...mutantNamed('page-lsn-not-set'), killedBy: ['mutated'] }
const asserted = { ...mutantNamed('log-sync-deleted'), killedBy: ['mutated'] }
const ofAnother = { ...mutantNamed('no-promise'), killedBy: ['missing'] }

test('mutants -> killed by an oracle, killed by an assertion, SURVIVED, not run', async () => {
  const sources = sourcesOf('mutated', 'missing')
  const context = contextWith(sources, [seen, unseen, asserted, ofAnother])
  const report = await run(settingsWith({ mutants: 'only' }), context)
  assert.equal(
    report.mutants.map(({ runs }) => [runs[0]?.verdict, runs[0]?.oracle]),
    [
      ['killed', 'I1'],
      ['survived', undefined],
      ['killed', 'assertion'],
      ['not run', undefined],
    ],
  )
  assert.equal(scoreOf(report.mutants), { killed: 2, judged: 3, notRun: 1 })
  assert.equal(report.problems, ['mutant page-lsn-not-set SURVIVED mutated'])
  assert.equal(report.controls, [{ layer: 'mutated', clean: true }])
  assert.equal(readdirSync(join(context.output, 'mutants')), [
    'settled-beyond-the-flush-mutated.json',
  ])
})

test('layer that finds something without any mutant -> the kills prove nothing: red', async () => {
  const context = contextWith(sourcesOf('failing'), [{ ...seen, killedBy: ['failing'] }])
  const { problems } = await run(settingsWith({ mutants: 'only' }), context)
  assert.match(problems[0] ?? '', 'failing with no mutant on, in the build of the mutants: I1')
})

test('layer that breaks with a mutant -> undecided, which is red', async () => {
  const throwing = { ...seen, name: 'no such mutant', killedBy: ['honest'] }
  const context = contextWith(sourcesOf('honest'), [throwing])
  const { problems } = await run(settingsWith({ mutants: 'only' }), context)
  assert.match(problems[0] ?? '', /^mutant no such mutant: honest cannot tell/)
})

test.run()
