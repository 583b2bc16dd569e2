// timeout: 300s
// Goal: every command answers in the same way to a call for help, to a wrong call, and to a pipe that is closed.
// Method: the table of all commands; real processes; what the source asks of its command line against the help.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { everyCommand, failedCode, forEach, inShell, type Run, seawall } from './run-command.ts'

const root = new URL('../..', import.meta.url).pathname
const columnsMax = 100

interface Option {
  readonly name: string
  readonly takesValue: boolean
}

const helpOf = new Map<string, string>()

async function help(words: readonly string[]): Promise<string> {
  const key = words.join(' ')
  const known = helpOf.get(key)
  if (known !== undefined) return known
  const { stdout } = await seawall([...words, '--help'])
  helpOf.set(key, stdout)
  return stdout
}

async function optionsOf(words: readonly string[]): Promise<Option[]> {
  const lines = (await help(words)).matchAll(/^ {2}--([a-z][a-z-]*)( [A-Z:]+)? {2,}\S/gm)
  return [...lines].map(([, name = '', value]) => ({ name, takesValue: value !== undefined }))
}

function isSentence({ stdout, stderr, status }: Run, code: number, pattern: RegExp): void {
  assert.match(stderr, pattern)
  assert.is(status, code, stderr)
  assert.is(stdout, '', 'nothing on standard output')
  assert.is(stderr.trim().split('\n').length, 1, `one line: ${stderr}`)
  assert.match(stderr, /^seawall/)
}

/** Two letters in the middle have changed places. */
function withSlip(name: string): string {
  const at = Math.floor(name.length / 2)
  return `${name.slice(0, at - 1)}${name[at]}${name[at - 1]}${name.slice(at + 1)}`
}

test('the table of commands -> what people need most comes first', async () => {
  const { stdout, stderr, status } = await seawall(['--help'])
  const names = [...stdout.matchAll(/^ {2}(\w+) {2,}\w/gm)].map(([, name]) => name)
  const order = ['inspect', 'dump', 'stat', 'verify', 'doctor', 'bench', 'demo', 'rig', 'help']
  assert.equal(names, order)
  assert.is(status, 0)
  assert.is(stderr, '')
  assert.match(stdout.replaceAll('\n', ' '), /Exit code 0: .* 1: .* 2: .*--json/)
})

test('--help, -h and help -> the same usage: exit codes, options, no line too long; exit code 0', async () => {
  const groups = [[], ['demo'], ['rig']]
  await forEach([...groups, ...everyCommand], async (words) => {
    const name = ['seawall', ...words].join(' ')
    const { status, stdout, stderr } = await seawall([...words, '--help'])
    assert.is(status, 0, `${name}: ${stderr}`)
    assert.is(stderr, '')
    assert.ok(stdout.startsWith(`${name} `), stdout)
    assert.match(stdout, /Exit code 0: /, name)
    assert.not.match(stdout, /[\t\r\u001b]| \n|undefined/, name)
    for (const line of stdout.split('\n')) assert.ok(line.length <= columnsMax, line)
    helpOf.set(words.join(' '), stdout)
    for (const call of [
      [...words, '-h'],
      ['help', ...words],
    ]) {
      assert.is((await seawall(call)).stdout, stdout, call.join(' '))
    }
  })
  for (const words of everyCommand) {
    const options = await optionsOf(words)
    assert.ok(options.length >= 2, words.join(' '))
    assert.ok(
      options.some(({ name, takesValue }) => name === 'json' && !takesValue),
      `${words.join(' ')} --json`,
    )
  }
})

test('every option in the help -> the parser knows it, and whether it takes a value', async () => {
  await forEach(everyCommand, async (words) => {
    const args = (await optionsOf(words))
      // These two of the benchmark are commands of their own.
      .filter(({ name }) => words[0] !== 'bench' || !['compare', 'report'].includes(name))
      .flatMap(({ name, takesValue }) => (takesValue ? [`--${name}`, '1'] : [`--${name}`]))
    const name = words.join(' ')
    const done = await seawall([...words, ...args, '--zzzzzzzz'])
    isSentence(done, failedCode(words), new RegExp(`${name} has no option '--zzzzzzzz'; see `))
  })
})

const sourceOf: Readonly<Record<string, string>> = {
  'demo ingest': 'demo/arguments.ts',
  'demo bank': 'demo/bank/arguments.ts',
  bench: 'bench/settings.ts bench/command.ts',
  'rig agent': 'lib/cli/rig/agent.ts',
  'rig observer': 'lib/cli/rig/observer.ts',
  'rig selftest': 'lib/cli/rig/selftest.ts',
}

test('every option that a command asks for -> is in its help', async () => {
  for (const words of everyCommand) {
    const key = words.join(' ')
    const patterns = sourceOf[key]?.split(' ') ?? [`lib/cli/${key}/*.ts`]
    const args = ['ls-files', '-co', '--exclude-standard', ...patterns]
    const paths = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
    const asked = paths.flatMap((path) => {
      const source = readFileSync(join(root, path), 'utf8')
      const calls =
        /line\s*\.(?:text|texts|required|switch|integer|positive|bytes|choice)\(\s*'([a-z-]+)'/g
      return [...source.matchAll(calls)].map(([, name = '']) => name)
    })
    assert.ok(asked.length > 0, key)
    const known = new Set((await optionsOf(words)).map(({ name }) => name))
    for (const name of asked) assert.ok(known.has(name), `${key} --${name} is not in its help`)
  }
})

test('an option with a slip in it -> did you mean; not even with --json a stack or output', async () => {
  await forEach(everyCommand, async (words) => {
    const longest = (await optionsOf(words)).sort((a, b) => b.name.length - a.name.length)[0]
    const name = longest?.name ?? ''
    const done = await seawall([...words, '--json', `--${withSlip(name)}=1`])
    const expected = `has no option '--${withSlip(name)}'; did you mean '--${name}'\\?`
    isSentence(done, failedCode(words), new RegExp(expected))
  })
})

test('short options, values that are missing or too many, words too many -> a sentence', async () => {
  await forEach(everyCommand, async (words) => {
    const code = failedCode(words)
    isSentence(await seawall([...words, '-x']), code, /has no option '-x'; see /)
    const withValue = (await optionsOf(words)).find(({ takesValue }) => takesValue)
    if (withValue !== undefined) {
      const option = `--${withValue.name}`
      isSentence(await seawall([...words, option]), code, new RegExp(`${option} needs a value`))
      const forgotten = await seawall([...words, option, '--json'])
      isSentence(forgotten, code, new RegExp(`${option} needs a value`))
    }
    const valued = await seawall([...words, '--json=yes'])
    isSentence(valued, code, /takes no value behind --json/)
    const crowd = await seawall([...words, 'one', 'two', 'three'])
    isSentence(crowd, code, /has no use for '(one|two)'; see /)
  })
})

test('a word that is needed is missing -> its name', async () => {
  for (const name of ['dump', 'stat', 'verify']) {
    isSentence(await seawall([name, '--json']), 2, /DIR is needed; see seawall \w+ --help/)
  }
  isSentence(await seawall(['rig', 'observer']), 3, /--out is needed/)
  isSentence(await seawall(['rig', 'agent']), 3, /--observer is needed/)
})

test('no command, or one that does not exist -> what there is, on standard error', async () => {
  for (const [words, code] of [
    [[], 2],
    [['rig'], 3],
  ] as const) {
    const { status, stdout, stderr } = await seawall(words)
    assert.is(status, code)
    assert.is(stdout, '')
    assert.match(stderr, /COMMAND \[OPTIONS\]/)
  }
  const known = /there is no command 'seawall dmup'; did you mean 'dump'\?/
  isSentence(await seawall(['dmup', '--json']), 2, known)
  isSentence(await seawall(['help', 'dmup']), 2, known)
  isSentence(await seawall(['xyzxyz']), 2, /see seawall --help/)
  isSentence(await seawall(['rig', 'selftets']), 3, /did you mean 'selftest'\?/)
})

test('--version -> the version, and nothing else', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  for (const args of [['--version'], ['-V'], ['--version', 'more']]) {
    const { status, stdout, stderr } = await seawall(args)
    assert.equal({ status, stdout, stderr }, { status: 0, stdout: `${version}\n`, stderr: '' })
  }
})

test('a directory that does not exist, that is none, with --json or without -> a sentence', async () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'file')
  writeFileSync(file, 'no log')
  for (const name of ['dump', 'stat', 'verify', 'doctor', 'inspect']) {
    for (const path of [join(directory, 'no-such-directory'), file]) {
      isSentence(await seawall([name, path]), 2, /./)
      isSentence(await seawall([name, path, '--json']), 2, /./)
    }
  }
})

async function longLog(): Promise<string> {
  const directory = temporaryDirectory()
  await using log = await openSmall({ segmentBytes: 1024 * 1024 }, directory)
  for (let i = 0; i < 20; i++) {
    const bodies = Array.from({ length: 1000 }, (_, j) => Buffer.from(`record ${i} ${j}`))
    await Promise.all(bodies.map((body) => log.commit(body)))
  }
  return directory
}

test('whoever reads stops reading -> a quiet end', async () => {
  const directory = await longLog()
  const input = join(temporaryDirectory(), 'input')
  writeFileSync(input, Buffer.alloc(300_000, 'seawall'))
  for (const call of [
    `dump '${directory}'`,
    `dump '${directory}' --json`,
    `dump '${directory}' --hex`,
    `stat '${directory}' --json`,
    `verify '${directory}'`,
    `doctor '${directory}' --no-measure`,
    'rig observer --help',
    `demo '${input}' --dir '${join(temporaryDirectory(), 'demo')}'`,
  ]) {
    // The last command of the pipe has gone before the first word is written, or after one line.
    for (const reader of ['true', 'head -1']) {
      const pipe = `seawall ${call} | ${reader} >/dev/null; echo "\${PIPESTATUS[0]}"`
      const { stdout, stderr } = await inShell(pipe)
      assert.is(stderr, '', `${call} | ${reader}`)
      // A report of one line may be out before anyone has stopped.
      assert.match(stdout, call.startsWith('doctor') ? /^[01]\n$/ : /^0\n$/, `${call} | ${reader}`)
    }
  }
})

test('output that cannot be written -> a sentence and no good exit code', async () => {
  const directory = await longLog()
  for (const [call, code] of [
    [`dump '${directory}'`, 2],
    [`stat '${directory}'`, 2],
    [`verify '${directory}' --json`, 2],
    ['--help', 2],
    ['rig --help', 3],
  ] as const) {
    const done = await inShell(`seawall ${call} > /dev/full`)
    isSentence(done, code, /standard output cannot be written: ENOSPC/)
  }
})

test.run()
