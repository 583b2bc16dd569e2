// Goal: `seawall inspect` as a user starts and ends it.
// Method: the real program in a process of its own: what it prints, how it ends, what it leaves.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'
import { crashedStore, plainLog } from './sample-stores.ts'

const root = new URL('../..', import.meta.url).pathname
const command = ['--import', 'tsx', join(root, 'lib/cli/main.ts'), 'inspect']
// Scratch directories are made here, so that one that is left over is seen.
const temporary = temporaryDirectory()
const env = { ...process.env, TMPDIR: temporary }

function run(args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [...command, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 20_000,
  })
}

async function started(
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcessWithoutNullStreams; line: string }> {
  const child = spawn(process.execPath, [...command, ...args], {
    cwd: root,
    env: { ...env, ...more },
  })
  let text = ''
  let complaint = ''
  child.stderr.on('data', (part: Buffer) => (complaint += part.toString()))
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    text += part.toString()
    if (text.includes('\n')) break
  }
  assert.ok(text.includes('\n'), complaint)
  return { child, line: text.trim() }
}

async function end(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): Promise<number> {
  const began = Date.now()
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code, by] = (await ended) as [number | null, string | null]
  assert.is(by, null)
  assert.is(code, 0)
  return Date.now() - began
}

const leftovers = (): string[] =>
  readdirSync(temporary).filter((name) => name.startsWith('seawall-inspect-'))

test('DIR -> prints the address and nothing else, serves, ends at once on a signal', async () => {
  const directory = await crashedStore(61, 60)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { child, line } = await started([directory])
    assert.match(line, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22,}\/$/)
    const summary = (await (await fetch(`${line}api/summary`)).json()) as { directory: string }
    assert.is(summary.directory, directory)
    // Somebody listens and somebody asks.
    await fetch(`${line}lab/events`)
    const origin = new URL(line).origin
    const headers = { 'Content-Type': 'application/json', Origin: origin }
    await fetch(`${line}lab/command`, {
      method: 'POST',
      headers,
      body: '{"do":"run","speed":"normal"}',
    })
    assert.is(leftovers().length, 1)
    assert.ok((await end(child, signal)) < 1500)
    assert.equal(leftovers(), [])
  }
})

test('--json, without DIR, on a port -> the address as JSON; the lab', async () => {
  const { child, line } = await started(['--json', '--port', '0'])
  const { address } = JSON.parse(line) as { address: string }
  const port = Number(new URL(address).port)
  assert.equal(await (await fetch(`${address}api/summary`)).json(), { isLabOnly: true })
  const second = run(['--port', String(port)])
  assert.is(second.status, 2)
  assert.match(second.stderr, new RegExp(`^seawall: .*port ${port} is in use`))
  await end(child, 'SIGINT')
})

test('--open -> the browser is given the address; when there is none, a sentence', async () => {
  const bin = temporaryDirectory()
  const asked = join(bin, 'asked')
  const browser = join(bin, 'xdg-open')
  writeFileSync(browser, `#!/bin/sh\necho "$1" > ${asked}.part && mv ${asked}.part ${asked}\n`)
  chmodSync(browser, 0o755)
  const { child, line } = await started(['--open'], { PATH: `${bin}:${process.env.PATH}` })
  for (let i = 0; i < 200 && !existsSync(asked); i++)
    await new Promise((done) => setTimeout(done, 20))
  assert.is(readFileSync(asked, 'utf8').trim(), line)
  await end(child, 'SIGINT')
  const empty = temporaryDirectory()
  const without = await started(['--open'], { PATH: empty })
  const [complaint] = (await once(without.child.stderr, 'data')) as [Buffer]
  assert.match(complaint.toString(), /no browser could be started/)
  await end(without.child, 'SIGINT')
})

test('what cannot be looked at -> a sentence that says what to do, exit code 2', async () => {
  const empty = temporaryDirectory()
  const file = join(empty, 'notes.txt')
  writeFileSync(file, 'text')
  const closed = join(temporaryDirectory(), 'closed')
  mkdirSync(closed)
  const cases: [string[], RegExp][] = [
    [[join(empty, 'no')], /^seawall: .*does not exist/],
    [[empty], /^seawall: .*not a Seawall log/],
    [[file], /^seawall: .*not a Seawall log: not a directory/],
    [[empty, empty], /^seawall: .*has no use for/],
    [['--prot', '1'], /^seawall: .*did you mean '--port'/],
    [['--port', '70000'], /^seawall: --port must be a whole number from 0 to 65535/],
    [['--port', 'x'], /^seawall: --port must be/],
  ]
  for (const [args, sentence] of cases) {
    const { status, stdout, stderr } = run(args)
    assert.is(status, 2, args.join(' '))
    assert.is(stdout, '')
    assert.match(stderr, sentence)
    assert.is(stderr.trim().split('\n').length, 1, stderr)
  }
  assert.equal(leftovers(), [])
})

test('--help -> every option, exit code 0', () => {
  const { status, stdout } = run(['--help'])
  assert.is(status, 0)
  for (const word of ['[DIR]', '--port', '--open', '--json']) assert.ok(stdout.includes(word), word)
})

test('a plain log -> is served, too', async () => {
  const { child, line } = await started([await plainLog(10)])
  assert.is((await fetch(line)).status, 200)
  await end(child, 'SIGINT')
})

test.run()
