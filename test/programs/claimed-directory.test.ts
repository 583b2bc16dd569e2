// Goal: a program removes what it made itself, and nothing that anybody else may need.
// Method: directories as the user, an earlier run, or one that still runs would leave them.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { claimDirectory } from '../../programs/claimed-directory.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const marker = 'made-by-the-bench'

test('a new directory, an empty one, one of our own -> ours, with nothing in it', () => {
  const directory = join(temporaryDirectory(), 'deep', 'below')
  claimDirectory(directory, 'bench')
  writeFileSync(join(directory, 'left'), '')
  claimDirectory(directory, 'bench')
  assert.equal(readdirSync(directory), [marker])

  const empty = temporaryDirectory()
  claimDirectory(empty, 'bench')
  assert.equal(readdirSync(empty), [marker])
})

test('something in it that is not ours, or of the other program -> refused, untouched', () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'precious'))
  assert.throws(() => claimDirectory(directory, 'bench'), /not empty and not from an earlier bench/)
  const demo = temporaryDirectory()
  claimDirectory(demo, 'demo')
  assert.throws(() => claimDirectory(demo, 'bench'), /choose another --dir/)
  assert.ok(existsSync(join(directory, 'precious')) && existsSync(join(demo, 'made-by-the-demo')))
})

test('the process that made it runs -> refused; its number belongs to another by now -> removed', () => {
  const other = spawn('sleep', ['60'])
  try {
    const directory = temporaryDirectory()
    const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    writeFileSync(join(directory, marker), `${other.pid} ${startTime}`)
    assert.throws(() => claimDirectory(directory, 'bench'), /another bench \(process \d+\) uses/)
    writeFileSync(join(directory, marker), `${other.pid} 1`)
    claimDirectory(directory, 'bench')
    assert.match(readFileSync(join(directory, marker), 'utf8'), new RegExp(`^${process.pid} \\d+$`))
  } finally {
    other.kill('SIGKILL')
  }
})

test.run()
