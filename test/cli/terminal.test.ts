// timeout: 240s
// Goal: colours and progress are for terminals, --json for programs, and nothing that a log or a name holds reaches a terminal as it is.
// Method: real processes with pipes and in a pseudo terminal, on logs, names and bodies made of escape sequences.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Dirent, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { openSmallEngine } from '../support/open-engine.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { inTerminal, type Run, seawall } from './run-command.ts'

const root = new URL('../..', import.meta.url).pathname
const attack = '\u001b[2J\u001b]0;title\u0007\u001b[10;10H\u009b1A\u0008\u007f\u202e'
// Every control character but those that end a line or a column.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/
const colour = /\u001b\[\d{1,2}m/g

/** A directory whose name takes a terminal over, with a log or a store of such bodies in it. */
async function hostileDirectory(kind: 'log' | 'store'): Promise<string> {
  const directory = join(temporaryDirectory(), `name ${attack}\nseawall: all is well\r`)
  mkdirSync(directory)
  if (kind === 'log') {
    await using log = await openSmall({}, directory)
    for (let i = 0; i < 50; i++) await log.commit(Buffer.from(`${i} ${attack}\r\n`))
  } else {
    await using engine = await openSmallEngine({}, directory)
    await engine.transaction(async (tx) => {
      const page = await tx.allocatePage()
      for (let i = 0; i < 20; i++) tx.write(page, 32 * i, Buffer.from(attack))
    })
  }
  writeFileSync(join(directory, `stray ${attack}\n`), attack)
  return directory
}

const looks = (directory: string): string[][] => [
  ['dump', directory],
  ['dump', directory, '--hex'],
  ['dump', directory, '--json'],
  ['dump', directory, '--stats'],
  ['stat', directory, '--full'],
  ['stat', directory, '--json'],
  ['verify', directory, '--all'],
  ['verify', directory, '--json'],
  ['doctor', directory, '--no-measure'],
  ['doctor', directory, '--no-measure', '--json'],
]

/** What a terminal shows, without what a terminal and a progress line are allowed. */
function withoutOurOwn({ stdout }: Run): string {
  return stdout.replaceAll('\r\n', '\n').replaceAll('\r\u001b[K', '').replace(colour, '')
}

for (const kind of ['log', 'store'] as const) {
  test(`a ${kind} of escape sequences in a directory of such a name -> none reaches a pipe or a terminal`, async () => {
    const directory = await hostileDirectory(kind)
    for (const args of looks(directory)) {
      const name = args.filter((word) => word !== directory).join(' ')
      const piped = await seawall(args)
      assert.ok(piped.status <= 1, `${name}: ${piped.stderr}`)
      assert.ok(piped.stdout.length > 50, name)
      assert.not.match(piped.stdout, control, name)
      assert.not.match(piped.stderr, control, name)
      const shown = await inTerminal(args)
      assert.ok(shown.stdout.length > 50, name)
      assert.not.match(withoutOurOwn(shown), control, name)
    }
  })
}

test('names in sentences about what is wrong -> on one line, escapes as text', async () => {
  const missing = `/nowhere ${attack}\nseawall: all is well`
  const file = join(temporaryDirectory(), `file ${attack}`)
  writeFileSync(file, '')
  const calls = [
    ...['dump', 'stat', 'verify', 'doctor', 'inspect'].map((name) => [name, missing]),
    ...['dump', 'stat', 'verify', 'doctor', 'inspect'].map((name) => [name, file]),
    ['demo', missing],
    ['demo', file],
    ['demo', 'bank', '--accounts', attack],
    ['bench', '--report', missing],
    ['bench', '--only', attack],
    ['rig', 'selftest', '--only', attack],
    ['rig', 'observer', '--out', file],
    ['stat', `--${attack}`],
    [attack],
  ]
  for (const args of calls) {
    const { status, stdout, stderr } = await seawall(args)
    assert.ok(status >= 2, JSON.stringify(args))
    assert.is(stdout, '')
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr)
    assert.not.match(stderr, control, JSON.stringify(args))
  }
})

test('colours -> in a terminal; not with NO_COLOR, not on a dumb one, not in a pipe', async () => {
  const directory = temporaryDirectory()
  await (await openSmall({}, directory)).close()
  const example = join(root, 'bench/results/example')
  const [result = ''] = readdirSync(example).filter((name) => name.endsWith('.json'))
  const file = join(example, result)
  const worse = join(temporaryDirectory(), 'worse.json')
  writeFileSync(worse, readFileSync(file, 'utf8').replaceAll('"median": 1', '"median": 9'))
  for (const args of [
    ['dump', directory],
    ['stat', directory],
    ['verify', directory],
    ['doctor', directory, '--no-measure'],
    ['bench', '--compare', file, worse],
    ['rig', 'selftest', '--only', 'honest device, flushes'],
  ]) {
    const escapes = async (env: NodeJS.ProcessEnv): Promise<number> =>
      ((await inTerminal(args, env)).stdout.match(colour) ?? []).length
    const name = args.join(' ')
    assert.ok((await escapes({ NO_COLOR: undefined })) > 0, `${name} in a terminal`)
    assert.is(await escapes({ NO_COLOR: '1' }), 0, `${name} with NO_COLOR`)
    assert.is(await escapes({ TERM: 'dumb' }), 0, `${name} on a dumb terminal`)
    const { stdout, stderr } = await seawall(args)
    assert.not.match(stdout + stderr, /\u001b/, `${name} in a pipe`)
  }
})

/** What stands there in the end. */
function screenOf(shown: string): string {
  const rows = shown.replace(colour, '').split('\n')
  return rows
    .map((row) => {
      let [text, column] = ['', 0]
      for (const [part = ''] of row.matchAll(/\r|\u001b\[K|[^\r\u001b]+/g)) {
        if (part === '\r') column = 0
        else if (part === '\u001b[K') text = text.slice(0, column)
        else {
          text = text.slice(0, column).padEnd(column) + part + text.slice(column + part.length)
          column += part.length
        }
      }
      return text
    })
    .join('\n')
}

function demoInput(): string {
  const file = join(temporaryDirectory(), 'input')
  writeFileSync(file, Buffer.alloc(30_000_000, 'seawall'))
  return file
}

test('what takes longer than a second -> bar, time left, rate; taken away in the end', async () => {
  const directory = temporaryDirectory()
  const rounds = ['--rounds', '1', '--seconds', '2', '--accounts', '1000']
  for (const [args, line] of [
    [
      ['doctor', directory, '--seconds', '3'],
      /measuring \[#+-+\] \d+ %, \d s left; [\d.]+ s of 3.00 s\r/,
    ],
    [
      ['rig', 'selftest', '--only', 'honest device, flushes'],
      /cases \[#*-+\] \d+ %.*; \d+ of \d+, [\d.]+\/(s|min)\r/,
    ],
    [['demo', demoInput(), '--dir', join(directory, 'demo')], /\[#*\.+\] +\d+ %.*; .* MB\/s/],
    [['demo', 'bank', ...rounds], /\[#+\.+\] +\d+ %.*; .* acknowledged, [\d,]+\/s/],
  ] as const) {
    const { stdout } = await inTerminal(args)
    assert.match(stdout, line)
    assert.not.match(stdout, /NaN|Infinity|undefined/)
    assert.not.match(screenOf(stdout), /\[[#.-]{16,}\]/, `left of it: ${screenOf(stdout)}`)
    for (const piece of stdout.split(/[\r\n]/)) {
      if (/\[[#.-]{16,}\]/.test(piece)) assert.ok(piece.length < 104, piece)
    }
  }
})

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function json(run: Run): Record<string, unknown> {
  assert.not.match(run.stdout, control)
  return JSON.parse(run.stdout) as Record<string, unknown>
}

test('--json -> one JSON value on standard output, whatever the verdict', async () => {
  const whole = temporaryDirectory()
  await (await openSmall({}, whole)).close()
  const damaged = temporaryDirectory()
  await using log = await openSmall({}, damaged)
  for (let i = 0; i < 100; i++) await log.commit(Buffer.alloc(1000, i))
  await log.close()
  const files = readdirSync(damaged, { withFileTypes: true, recursive: true })
  const segment = files
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .find(({ name }) => /^0+\.|^seg/.test(name)) as Dirent
  const path = join(segment.parentPath, segment.name)
  const bytes = readFileSync(path)
  bytes.fill(0xee, 40_000, 40_100)
  writeFileSync(path, bytes)
  for (const [args, status] of [
    [['stat', whole], 0],
    [['stat', damaged, '--full'], undefined],
    [['verify', whole], 0],
    [['verify', damaged], 1],
    [['verify', damaged, '--repair'], 1],
    [['dump', damaged, '--stats'], 1],
    [['doctor', whole, '--no-measure'], undefined],
    [['demo', demoInput(), '--dir', join(temporaryDirectory(), 'demo')], 0],
    [['demo', 'bank', '--accounts', '100', '--rounds', '1', '--seconds', '0.2'], 0],
    [['rig', 'selftest', '--only', 'honest device, flushes'], 0],
  ] as const) {
    const done = await seawall([...args, '--json'])
    assert.is(done.status, status ?? done.status, args.join(' ') + done.stderr)
    assert.ok(Object.keys(json(done)).length >= 2, args.join(' '))
  }
  const lines = (await seawall(['dump', damaged, '--json'])).stdout.trimEnd().split('\n')
  assert.ok(lines.length > 40)
  for (const line of lines) assert.type(JSON.parse(line), 'object')
})

test('the benchmark with --json -> the result, the comparison, the place of the report', async () => {
  const directory = temporaryDirectory()
  const output = join(directory, 'result.json')
  const call = ['--only', 'append', '--rounds', '1', '--seconds', '0.05', '--no-peers']
  const measured = await seawall([
    'bench',
    ...call,
    '--dir',
    directory,
    '--output',
    output,
    '--json',
  ])
  if (/npm run build/.test(measured.stderr)) assert.is(measured.stdout, '')
  else {
    assert.equal(json(measured), JSON.parse(readFileSync(output, 'utf8')))
    assert.match(measured.stderr, /written to /)
    assert.equal(json(await seawall(['bench', '--report', output, '--json'])), {
      report: join(directory, 'result.html'),
    })
    const compared = await seawall(['bench', '--compare', output, output, '--json'])
    assert.equal(json(compared).regressions, [])
  }
})

test('the demo ends with a finding -> JSON that says so, and exit code 1', async () => {
  const directory = join(temporaryDirectory(), 'demo')
  const args = ['--import', 'tsx', 'lib/cli/main.ts', 'demo', '--dir', directory, '--json']
  const demo = spawn(process.execPath, args, { cwd: root })
  let [stdout, stderr, isEnded] = ['', '', false]
  demo.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  demo.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
    if (isEnded || !/new log, opened/.test(stderr)) return
    isEnded = true
    // From outside, and not by the demo.
    for (const child of childrenOf(demo.pid as number)) process.kill(child, 'SIGTERM')
  })
  const [code] = (await once(demo, 'close')) as [number]
  assert.is(code, 1, stderr)
  const found = JSON.parse(stdout) as { outcome: string; problem: string; comparison: unknown }
  assert.is(found.outcome, 'failed')
  assert.match(found.problem, /the child ended by itself/)
  assert.is(found.comparison, null)
  assert.match(stderr, /seawall demo: the child ended by itself/)
})

test.run()
