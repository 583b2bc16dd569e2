// Goal: `seawall` says what is wrong with how it was called, and an observer needs no addon.
// Method: real processes; the imports of the observer, followed to their ends.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { colourFor } from '../../lib/cli/terminal/colour.ts'
import { CommandLine } from '../../lib/cli/command-line.ts'

const root = new URL('../..', import.meta.url).pathname

function seawall(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', 'lib/cli/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
}

test('--help -> usage and exit code 0; called wrongly -> a sentence and an exit code that is no verdict', () => {
  const help = seawall('rig', '--help')
  assert.is(help.status, 0)
  assert.match(help.stdout, /agent .*\n.*observer .*\n.*selftest/)
  assert.match(seawall('help', 'rig').stdout, /observer/)
  assert.match(seawall('--version').stdout, /^\d+\.\d+\.\d+\n$/)
  const wrong: [number, string[], RegExp][] = [
    [2, [], /seawall COMMAND/],
    [2, ['rigg'], /did you mean 'rig'/],
    [3, ['rig', 'observe'], /did you mean 'observer'/],
    [3, ['rig', 'observer', '--out', 'x', '--cycle', '3'], /did you mean '--cycles'/],
    [3, ['rig', 'agent', '--observer', 'somewhere'], /must be HOST:PORT/],
  ]
  for (const [code, args, sentence] of wrong) {
    const { status, stderr, stdout } = seawall(...args)
    assert.is(status, code, args.join(' '))
    assert.match(stderr, sentence)
    assert.not.match(stderr, /\n {4}at /, 'no stack')
    assert.is(stdout, '')
  }
})

test('options -> read strictly', () => {
  const rules = {
    size: { value: 'N', help: '' },
    count: { value: 'N', help: '' },
    json: { help: '' },
  }
  const line = (...args: string[]): CommandLine => new CommandLine('x', '', rules, args)
  assert.is(line('--size', '64M').bytes('size', 1), 64 * 1024 * 1024)
  assert.is(line('--size=3').bytes('size', 1), 3)
  assert.is(line('--json').switch('json'), true)
  assert.is(line().integer('count', 4, 0, 9), 4)
  for (const bad of ['', '1.5', '-1', '10', 'x', '1e99']) {
    assert.throws(() => line(`--count=${bad}`).integer('count', 4, 0, 9), /whole number/)
  }
  for (const bad of ['', '0', '1T', '-1']) {
    assert.throws(() => line(`--size=${bad}`).bytes('size', 1), /number of bytes/)
  }
  assert.throws(() => line('--sise', '3'), /did you mean '--size'/)
  assert.throws(() => line('more'), /x has no use for 'more'/)
  assert.throws(() => line('--count'), /--count needs a value: --count N/)
  assert.throws(() => line('--count', '--json'), /--count needs a value/)
  assert.throws(() => line('--json=yes'), /takes no value behind --json/)
  assert.is(line('--count=2', '--count', '3').integer('count', 4, 0, 9), 3)
  const withWords = (...args: string[]): CommandLine =>
    new CommandLine('x', '', rules, args, ['DIR', '[FILE]'])
  assert.is(withWords('a', '--json', 'b').word(1), 'b')
  assert.is(withWords('a').word(1), undefined)
  assert.throws(() => withWords('--json'), /DIR is needed/)
  assert.throws(() => withWords('a', 'b', 'c'), /x has no use for 'c'/)
  assert.is(withWords('--', '--strange').word(0), '--strange')
  assert.is(withWords('--help').isHelp, true)
  assert.is(withWords('-h', '--nonsense', 'a', 'b', 'c').isHelp, true)
})

test('colour -> only on a terminal, and not with NO_COLOR', () => {
  assert.is(colourFor({ isTTY: true }, {}).good('x'), '\x1b[32mx\x1b[0m')
  assert.is(colourFor({ isTTY: true }, { NO_COLOR: '1' }).good('x'), 'x')
  assert.is(colourFor({}, {}).bad('x'), 'x')
})

test('the observer -> reaches neither the addon nor the library, whatever it imports', () => {
  const seen = new Set<string>()
  const follow = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    const source = readFileSync(join(root, path), 'utf8')
    for (const [, name = ''] of source.matchAll(/(?:from|import) '(\..+?)'/g)) {
      follow(normalize(join(dirname(path), name)))
    }
  }
  follow('lib/cli/rig/observer.ts')
  assert.ok(seen.has('lib/rig/judge/engine-judge.ts') && seen.size > 20)
  for (const path of seen) {
    // What every command shares knows the others' names, and loads the one that is asked for.
    if (path === 'lib/cli/commands.ts' || path === 'lib/cli/rig.ts') continue
    assert.match(path, /^lib\/(cli|rig|util)\//)
    assert.ok(existsSync(join(root, path)))
  }
})

test.run()
