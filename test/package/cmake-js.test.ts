// timeout: 300s
// serial
// Goal: cmake-js builds the same sources into an addon that loads and works.
// Method: builds it into a temporary folder and commits a record through it.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { bodiesOf, openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname

test('built by cmake-js -> loads, commits, reads', async () => {
  const out = temporaryDirectory()
  execFileSync(
    join(root, 'node_modules/.bin/cmake-js'),
    ['compile', '--out', out, '--parallel', '2'],
    {
      cwd: root,
      stdio: 'pipe',
    },
  )
  await using log = await openSmall({ nativeBinding: join(out, 'Release/seawall.node') })
  await log.commit(Buffer.from('built with CMake'))
  assert.equal(await bodiesOf(log), ['built with CMake'])
})

test.run()
