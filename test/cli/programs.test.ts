// timeout: 180s
// Goal: `seawall demo` and `seawall bench` do what the programs do, and leave nothing when they are ended in the middle.
// Method: runs them as a user would, from the checkout; ended by signals while their children work.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { endInTheMiddle } from '../support/end-in-the-middle.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
const program = ['--import', 'tsx', 'lib/cli/main.ts']

function seawall(...args: string[]) {
  const result = spawnSync(process.execPath, [...program, ...args], { cwd: root, encoding: 'utf8' })
  const { status, stdout, stderr } = result
  return { status, stdout, stderr, output: stdout + stderr }
}

function started(args: readonly string[]) {
  return { command: process.execPath, args: [...program, ...args], cwd: root }
}

test('--help -> what there is, under the name that was called; exit code 0', () => {
  for (const [args, expected] of [
    [['demo', '--help'], /^seawall demo COMMAND \[OPTIONS\]\n  ingest .*\n  bank /],
    [['demo', 'ingest', '--help'], /^seawall demo ingest \[FILE\] \[OPTIONS\][^]*build\/demo/],
    [['demo', 'bank', '--help'], /^seawall demo bank \[OPTIONS\][^]*--accounts N/],
    [['bench', '--help'], /^seawall bench \[OPTIONS\][^]*seawall bench --compare BEFORE AFTER/],
  ] as const) {
    const { status, stdout, stderr } = seawall(...args)
    assert.is(status, 0, stderr)
    assert.is(stderr, '')
    assert.match(stdout, expected)
    assert.not.match(stdout, /npm run/)
  }
})

test('wrong arguments -> a sentence and exit code 2', () => {
  for (const [args, expected] of [
    [['demo', '--sead', '1'], /seawall demo ingest has no option '--sead'; did you mean '--seed'/],
    [['demo', 'no-such-file'], /there is no file .*no-such-file/],
    [['demo', 'bnak'], /there is no file 'bnak'; did you mean 'seawall demo bank'/],
    [['demo', '--segment-bytes', '5'], /segmentBytes must be/],
    [['demo', 'bank', '--accounts', '2'], /--accounts must be a whole number from 3/],
    [['bench', '--fill'], /seawall bench has no option '--fill'; did you mean '--full'/],
    [['bench', '--only', 'nonsense'], /no such case; there are commit-lone/],
    [['bench', '--report', 'no-such-file'], /no-such-file/],
    [['bench', '--compare', 'a', 'b', '--full'], /--compare has no option '--full'/],
  ] as const) {
    const done = seawall(...args)
    assert.is(done.status, 2, done.output)
    assert.match(done.stderr, expected)
    assert.is(done.stderr.trim().split('\n').length, 1, done.stderr)
  }
})

test('a file -> with and without the word ingest: killed twice, identical; no progress for a pipe', () => {
  const file = join(temporaryDirectory(), 'input')
  writeFileSync(file, Buffer.alloc(300_000, 'seawall'))
  for (const words of [[], ['ingest']]) {
    const directory = join(temporaryDirectory(), 'demo')
    const done = seawall('demo', ...words, file, '--dir', directory, '--segment-bytes', '262144')
    assert.is(done.status, 0, done.output)
    assert.match(done.stdout, /identical with the file, byte for byte/)
    assert.is(done.stdout.split('killed after').length - 1, 2)
    assert.not.match(done.output, /\r|\u001b|\[#/)
    assert.equal(readdirSync(directory).sort(), ['log', 'made-by-the-demo'])
  }
})

test('two results -> compared; a regression is exit code 1', () => {
  const example = join(root, 'bench/results/example')
  const [name = ''] = readdirSync(example).filter((file) => file.endsWith('.json'))
  const file = join(example, name)
  assert.is(seawall('bench', '--compare', file, file).status, 0)
  const result: unknown = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
    key === 'ratio' ? halved(value as Record<string, unknown>) : value,
  )
  const worse = join(temporaryDirectory(), 'worse.json')
  writeFileSync(worse, JSON.stringify(result))
  assert.is(seawall('bench', '--compare', file, worse).status, 1)
})

/** A spread of half of everything. */
function halved(spread: Record<string, unknown>): Record<string, unknown> {
  const half = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(half) : typeof value === 'number' ? value / 2 : value
  return Object.fromEntries(Object.entries(spread).map(([key, value]) => [key, half(value)]))
}

test('the demo ended by SIGKILL, SIGINT or SIGTERM -> no process is left; the next one starts anew', async () => {
  const directory = join(temporaryDirectory(), 'demo')
  const args = ['demo', '--dir', directory, '--seed', '1']
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
    const ended = await endInTheMiddle(started(args), /new log, opened/, signal)
    assert.is(ended.signal, signal, ended.output)
  }
  const file = join(temporaryDirectory(), 'small')
  writeFileSync(file, 'small')
  const done = seawall('demo', file, '--dir', directory)
  assert.is(done.status, 0, done.output)
})

test('the bank ended by SIGTERM or SIGINT -> exit code 130, no process, no temporary directory', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const args = ['demo', 'bank', '--accounts', '1000', '--rounds', '50']
    const { output, code } = await endInTheMiddle(started(args), /a new store/, signal)
    assert.is(code, 130, output)
    const directory = /the store is in (.*)/.exec(output)?.[1] as string
    assert.not.ok(existsSync(directory), directory)
  }
})

test.run()
