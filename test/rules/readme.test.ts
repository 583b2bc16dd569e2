// Goal: the five lines in README do what they say.
// Method: takes them out of the file and runs them, with the checkout in place of the package.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname

test('code in README -> runs and prints the two records', () => {
  const code = /```ts\n([\s\S]+?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? ''
  const directory = temporaryDirectory()
  const file = join(directory, 'readme.mts')
  writeFileSync(file, code.replace(`'seawall'`, `'${join(root, 'lib/index.ts')}'`))
  const tsx = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href
  const result = spawnSync(process.execPath, ['--import', tsx, file], {
    cwd: directory,
    encoding: 'utf8',
  })
  assert.is(result.status, 0, result.stderr)
  assert.is(result.stdout.trim().split('\n').length, 2, result.stdout)
})

test.run()
