// Goal: a run is green only when nothing was found, every canary sang and every layer came to its end; what is found is made
// small and written.
// Method: the whole run, in its child processes, over made-up layers.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { failureText } from '../../../crash/failure-file.ts'
import type { Failure } from '../../../crash/layer.ts'
import { run } from '../../../crash/run.ts'
import { contextWith, settingsWith, sourcesOf } from './made-run.ts'
import { madeFailure } from './layers/made.ts'

test('honest layers -> green, with counts and canaries', async () => {
  const context = contextWith(sourcesOf('honest', 'elsewhere'))
  const report = await run(settingsWith({}), context)
  assert.equal(report.problems, [])
  const [honest, elsewhere] = report.layers
  assert.is(honest?.status, 'passed')
  assert.is(honest?.result?.counts.states, 100)
  assert.equal(honest?.canary?.oracles, ['I7'])
  assert.is(elsewhere?.status, 'skipped')
  assert.is(elsewhere?.why, 'no /dev/fuse here')
})

test('a layer that nobody has written yet, one on request -> not built; not run', async () => {
  const [honest, missing] = sourcesOf('honest', 'missing')
  const onRequest = { ...sourcesOf('failing')[0], onRequest: true }
  const context = contextWith([honest, missing, onRequest] as ReturnType<typeof sourcesOf>)
  const report = await run(settingsWith({}), context)
  assert.equal(
    report.layers.map(({ status }) => status),
    ['passed', 'not built'],
  )
  assert.equal(report.problems, [])
})

test('violations -> red, shrunk once, written with the command that replays', async () => {
  const context = contextWith(sourcesOf('failing'))
  const report = await run(settingsWith({}), context)
  assert.equal(report.problems, ['failing: 2 violations'])
  const files = readdirSync(context.output)
  const [first] = report.layers[0]?.failures ?? []
  assert.ok(files.length > 0 && first?.reproduced)
  const written = JSON.parse(readFileSync(join(context.output, files[0] as string), 'utf8')) as {
    choices: number[]
    parameters: { operations: string[]; sectorBytes: number }
  }
  assert.equal(written.choices, [5])
  assert.equal(written.parameters, { operations: ['write'], sectorBytes: 512 })
})

test('silent canary, aborted layer -> red, with the reason', async () => {
  const context = contextWith(sourcesOf('silent', 'aborting'))
  const { problems } = await run(settingsWith({}), context)
  assert.is(problems[0], 'silent: the canary did not sing')
  assert.match(problems[1] ?? '', /^aborting came to no end: ended by SIGABRT: .*end >= published/)
})

test('corpus file that fails again -> red; one that passes -> green', async () => {
  const context = contextWith(sourcesOf('failing', 'honest'))
  const fails = madeFailure('failing', { parameters: { operations: [1] }, choices: [5] })
  const write = (name: string, failure: Failure): void =>
    writeFileSync(
      join(context.corpusDirectory, name),
      failureText({ ...failure, fixed: 'It was fixed.' } as Failure),
    )
  write('a.json', fails)
  write('b.json', madeFailure('honest'))
  const settings = settingsWith({ layers: ['honest'], canaries: false })
  const chosen = await run(settings, context)
  assert.equal(
    chosen.corpus.map(({ name, verdict }) => [name, verdict]),
    [['b.json', 'passes']],
  )
  const report = await run(settingsWith({ layers: ['failing'], canaries: false }), context)
  assert.ok(report.problems.includes('a.json fails again: I1: 1 choices'))
})

test('layer that does not exist -> an error that names those that do', async () => {
  const context = contextWith(sourcesOf('honest'))
  try {
    await run(settingsWith({ layers: ['L9'] }), context)
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), 'there is no layer L9; there are honest')
  }
})

test.run()
