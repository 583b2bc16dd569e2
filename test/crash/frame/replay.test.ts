// Goal: a failure file fails again in the same way (1), does not any more (0), or cannot be used (2).
// Method: files for made-up layers, through the command's own functions and its own process.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { failureText, readFailure } from '../../../crash/failure-file.ts'
import type { Failure } from '../../../crash/layer.ts'
import { replayFile, shrinkFile } from '../../../crash/replay/replay.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { madeFailure } from './layers/made.ts'
import { sourcesOf } from './made-run.ts'

const sources = sourcesOf('honest', 'failing', 'aborting', 'elsewhere')
const { signal } = new AbortController()

function fileWith(failure: Failure): string {
  const path = join(temporaryDirectory(), 'failure.json')
  writeFileSync(path, failureText(failure))
  return path
}

async function replay(failure: Failure): Promise<[number, string]> {
  const said: string[] = []
  const code = await replayFile(fileWith(failure), sources, signal, (text) => said.push(text))
  return [code, said.at(-1) ?? '']
}

const failing = madeFailure('failing', {
  parameters: { operations: ['write', 'flush'] },
  choices: [1, 2, 6],
})

test('fails again -> 1 and the promise that is broken', async () => {
  assert.equal(await replay(failing), [1, 'FAILS I1: 3 choices'])
})

test('does not fail any more -> 0', async () => {
  assert.equal(await replay(madeFailure('honest')), [0, 'I1 does not fail any more'])
})

test('ended by an assertion -> 1', async () => {
  const [code, said] = await replay(madeFailure('aborting'))
  assert.is(code, 1)
  assert.match(said, /^FAILS I1: ended by SIGABRT/)
})

test('not on this machine -> 2', async () => {
  assert.equal(await replay(madeFailure('elsewhere')), [2, 'cannot replay: no /dev/fuse here'])
})

test('unknown layer, no failure file -> an error', async () => {
  for (const [failure, expected] of [
    [madeFailure('L9'), /no layer L9/],
    [{ ...failing, version: 2 as 1 }, /version 2/],
  ] as const) {
    try {
      await replay(failure)
      assert.unreachable()
    } catch (error) {
      assert.match(String(error), expected)
    }
  }
})

test('shrink -> a smaller file that fails in the same way', async () => {
  const output = temporaryDirectory()
  const said: string[] = []
  const say = (text: string): number => said.push(text)
  assert.is(await shrinkFile(fileWith(failing), output, sources, signal, say), 0)
  const [, path = ''] = /: (.+)$/.exec(said[0] ?? '') ?? []
  const { choices, parameters } = readFailure(path)
  assert.equal([choices, parameters], [[5], { operations: ['write'] }])
  assert.is(readFileSync(path, 'utf8').split('\n').length < 16, true)
})

test('the command: no such file -> 2 and one line that says why', () => {
  const command = (...args: string[]) => {
    const argv = ['--import', 'tsx', 'crash/main.ts', ...args]
    const cwd = new URL('../../..', import.meta.url).pathname
    return spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' })
  }
  const missing = command('replay', '/no/such/file.json')
  assert.is(missing.status, 2)
  assert.match(missing.stderr, /^\/no\/such\/file\.json: ENOENT/)
})

test.run()
