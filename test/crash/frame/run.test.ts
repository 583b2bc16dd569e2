// Goal: a run is green only when nothing was found, every canary sang and every layer came to its end; what is found is made
// small and written.
// Method: one whole run, in its child processes, over made-up layers.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { failureText } from '../../../crash/failure-file.ts'
import type { Failure } from '../../../crash/layer.ts'
import { run } from '../../../crash/run.ts'
import { runCorpus } from '../../../crash/run-corpus.ts'
import { contextWith, settingsWith, sourcesOf } from './made-run.ts'
import { madeFailure } from './layers/made.ts'

const onRequest = sourcesOf('mutated').map((source) => ({ ...source, onRequest: true }))
const all = sourcesOf('honest', 'elsewhere', 'failing', 'silent', 'aborting')
const context = contextWith([...all, ...onRequest])
const report = await run(settingsWith({}), context)
const [honest, elsewhere, failing] = report.layers

test('honest layer -> passed, with counts and a canary that sang', () => {
  assert.is(honest?.status, 'passed')
  assert.is(honest?.title, 'made for the tests of the frame')
  assert.is(honest?.result?.counts.states, 100)
  assert.equal(honest?.canary?.oracles, ['I7'])
})

test('not on this machine -> skipped; on request -> not run', () => {
  assert.equal([elsewhere?.status, elsewhere?.why], ['skipped', 'no /dev/fuse here'])
  const names = report.layers.map(({ name }) => name)
  assert.equal(names, ['honest', 'elsewhere', 'failing', 'silent', 'aborting'])
})

test('violations -> shrunk once, written with the command that replays', () => {
  const files = readdirSync(context.output)
  assert.is(files.length, 1)
  assert.ok(failing?.failures[0]?.reproduced)
  const written = JSON.parse(readFileSync(join(context.output, files[0] as string), 'utf8')) as {
    choices: number[]
    parameters: { operations: string[]; sectorBytes: number }
  }
  assert.equal(written.choices, [5])
  assert.equal(written.parameters, { operations: ['write'], sectorBytes: 512 })
})

test('violations, a silent canary, an aborted layer -> red, with the reason', () => {
  const { problems } = report
  assert.equal(problems.slice(0, 2), ['failing: 2 violations', 'silent: the canary did not sing'])
  assert.match(problems[2] ?? '', /^aborting came to no end: ended by SIGABRT: .*end >= published/)
  assert.is(problems.length, 3)
})

test('corpus file -> fails again or passes; only those of the layers that are asked for', async () => {
  const write = (name: string, failure: Failure): void =>
    writeFileSync(
      join(context.corpusDirectory, name),
      failureText({ ...failure, fixed: 'It was fixed.' } as Failure),
    )
  write('a.json', madeFailure('failing', { parameters: { operations: [1] }, choices: [5] }))
  write('b.json', madeFailure('honest'))
  const corpus = await runCorpus(context, [])
  assert.equal(
    corpus.map(({ name, verdict, why }) => [name, verdict, why]),
    [
      ['a.json', 'fails again', 'I1: 1 choices'],
      ['b.json', 'passes', undefined],
    ],
  )
  assert.equal(await runCorpus(context, sourcesOf('silent')), [])
})

test('layer that does not exist -> an error that names those that do', async () => {
  try {
    await run(settingsWith({ layers: ['L9'] }), contextWith(sourcesOf('honest')))
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), 'there is no layer L9; there are honest')
  }
})

test.run()
