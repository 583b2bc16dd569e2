// timeout: 180s
// Goal: the demo does what it says with files of any size, and says clearly what it cannot do.
// Method: runs it as a user would, with directories and seeds of its own.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { compareWithFile } from '../../demo/compare.ts'
import { Log } from '../../lib/index.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname

interface Outcome {
  readonly status: number | null
  readonly output: string
}

function demo(args: string[], identity: { uid?: number; gid?: number } = {}): Outcome {
  const result = spawnSync(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    ...identity,
  })
  return { status: result.status, output: `${result.stdout}${result.stderr}` }
}

function makeFile(bytes: number): string {
  const file = join(temporaryDirectory(), 'input')
  const data = Buffer.alloc(bytes)
  for (let i = 0; i < bytes; i++) data[i] = (Math.imul(i, 2654435761) >>> 13) & 255
  writeFileSync(file, data)
  return file
}

const count = (text: string, part: string): number => text.split(part).length - 1

for (const [bytes, seed] of [
  [3000, 1],
  [200_000, 2],
  [12_000_000, 3],
] as const) {
  test(`a file of ${bytes} bytes -> killed twice in the middle, recovered, identical`, async () => {
    const file = makeFile(bytes)
    const directory = join(temporaryDirectory(), 'demo')
    const options = ['--dir', directory, '--seed', String(seed), '--segment-bytes', '262144']
    const { status, output } = demo([file, ...options])
    assert.is(status, 0, output)
    assert.is(count(output, 'killed after'), 2, output)
    assert.is(count(output, 'recovery took'), 2, output)
    assert.is(count(output, 'everything acknowledged is there'), 2, output)
    assert.match(output, /identical with the file, byte for byte/)
    // Not only by its own account.
    const comparison = await compareWithFile(join(directory, 'log'), file)
    assert.is(comparison.differsAt, undefined)
    assert.is(comparison.bytes, bytes)
  })
}

test('a log that is not the file -> the comparison names the first byte that differs', async () => {
  const file = makeFile(100)
  const directory = join(temporaryDirectory(), 'log')
  const append = async (offset: number, data: string): Promise<void> => {
    await using log = await Log.open(directory, { segmentBytes: 262_144 })
    const body = Buffer.alloc(8 + data.length)
    body.writeDoubleLE(offset, 0)
    body.write(data, 8)
    await log.commit(body)
  }
  writeFileSync(file, 'abcdefgh')
  await append(0, 'abc')
  assert.is((await compareWithFile(directory, file)).differsAt, 3, 'the end is missing')
  await append(3, 'dXf')
  assert.is((await compareWithFile(directory, file)).differsAt, 3, 'a piece differs')
  writeFileSync(file, 'abcdXf')
  assert.is((await compareWithFile(directory, file)).differsAt, undefined)
  await append(3, 'dXf')
  assert.is((await compareWithFile(directory, file)).differsAt, 6, 'a piece comes twice')
})

test('missing, empty and unsuitable files, wrong options -> a sentence and exit code 2', () => {
  const empty = join(temporaryDirectory(), 'empty')
  writeFileSync(empty, '')
  const file = makeFile(1000)
  for (const [args, message] of [
    [['/nonexistent'], /there is no file/],
    [[empty], /is empty/],
    [['/tmp'], /is not a file/],
    [[file, '--seed', 'x'], /--seed must be a whole number/],
    [[file, file], /has no use for/],
    [[file, '--speed', '1'], /has no option '--speed'/],
  ] as const) {
    const { status, output } = demo([...args])
    assert.is(status, 2, output)
    assert.match(output, message)
    assert.is(output.trim().split('\n').length, 1, output)
  }
})

test('a file without permission -> a sentence and exit code 2', () => {
  const file = makeFile(1000)
  const nobody = 65_534
  // Root may read everything, so the demo runs as nobody, if nobody may read the project.
  const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  if (demo(['--help'], identity).status !== 0) return
  chmodSync(dirname(file), 0o755)
  chmodSync(file, 0)
  const { status, output } = demo([file], identity)
  assert.is(status, 2, output)
  assert.match(output, /cannot be read: no permission/)
})

test("--dir with somebody's files in it -> refused, nothing removed; an earlier demo -> replaced", () => {
  const file = makeFile(1000)
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'precious'), '')
  const refused = demo([file, '--dir', directory])
  assert.is(refused.status, 2)
  assert.match(refused.output, /is not empty and not from an earlier demo/)
  assert.equal(readdirSync(directory), ['precious'])

  const own = join(temporaryDirectory(), 'demo')
  assert.is(demo([file, '--dir', own]).status, 0)
  writeFileSync(join(own, 'log', 'left'), '')
  assert.is(demo([file, '--dir', own]).status, 0)
  assert.not.ok(existsSync(join(own, 'log', 'left')))
})

test.run()
