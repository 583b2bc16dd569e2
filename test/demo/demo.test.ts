// timeout: 180s
// Goal: the demo does what it says on a small real file, and says clearly what it cannot do.
// Method: runs it as a user would, with a directory and seed of its own.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname

function demo(...args: string[]): { status: number | null; output: string } {
  const result = spawnSync(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status: result.status, output: `${result.stdout}${result.stderr}` }
}

test('a real file -> killed twice, recovered, identical', () => {
  const directory = temporaryDirectory()
  const file = join(temporaryDirectory(), 'input')
  const data = Buffer.alloc(24 << 20)
  for (let i = 0; i < data.length; i += 4) data.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i)
  writeFileSync(file, data)
  const { status, output } = demo(file, '--dir', directory, '--seed', '7')
  assert.is(status, 0, output)
  assert.is(output.split('killed with').length - 1, 2, output)
  assert.is(output.split('recovery took').length - 1, 2, output)
  assert.match(output, /identical with the file, byte for byte/)
})

test('missing, empty and unsuitable files -> a sentence and exit code 1', () => {
  const empty = join(temporaryDirectory(), 'empty')
  writeFileSync(empty, '')
  for (const [file, message] of [
    ['/nonexistent', /there is no file/],
    [empty, /is empty/],
    ['/tmp', /is not a file/],
  ] as const) {
    const { status, output } = demo(file)
    assert.is(status, 1)
    assert.match(output, message)
  }
})

test.run()
