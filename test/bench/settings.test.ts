// Goal: options do what --help says; wrong ones are refused before anything is measured.
// Method: the parser, and the program itself with a case that does not exist.
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { readCommand } from '../../bench/command.ts'
import { readSettings, usageOf } from '../../bench/settings.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (...args: string[]) => readSettings(args, '/project', '/caller')

test('no options -> a quick run in the build folder', () => {
  const settings = read()
  assert.is(settings.rounds, 3)
  assert.is(settings.full, false)
  assert.is(settings.directory, '/project/build/bench')
  assert.is(settings.output, '/project/bench/results/latest.json')
  assert.equal(settings.only, [])
  assert.is(settings.withPeers, true)
})

test('no options in the installed package -> everything where the command was given', () => {
  const settings = readSettings([], undefined, '/caller')
  assert.is(settings.directory, '/caller/seawall-bench')
  assert.is(settings.output, '/caller/seawall-bench.json')
})

test('usage -> the name that was called, and the places that are used', () => {
  const ofCheckout = usageOf('npm run bench --', '/project')
  assert.match(ofCheckout, /^npm run bench -- \[OPTIONS\][^]*\(default: build\/bench\)/)
  assert.not.match(ofCheckout, /installed package/)
  const ofPackage = usageOf('seawall bench', undefined)
  assert.match(ofPackage, /seawall bench --report FILE[^]*nothing is built or installed/)
  assert.not.match(ofPackage, /npm run|build\/bench|bench\/results/)
})

test('options -> taken; paths are relative to the caller, and --dir gets a folder of its own', () => {
  const settings = read('--only', 'commit', '--only', 'read', '--dir', 'x', '--full', '--no-peers')
  assert.equal(settings.only, ['commit', 'read'])
  assert.is(settings.directory, '/caller/x/seawall-bench')
  assert.is(settings.rounds, 5)
  assert.is(settings.full, true)
  assert.is(settings.withPeers, false)
  assert.is(read('--full', '--seconds', '0.5').seconds, 0.5)
})

test('wrong options -> refused by name', () => {
  assert.throws(() => read('--rounds', 'many'), /--rounds must be a number above 0, not 'many'/)
  assert.throws(() => read('--seconds', '-1'), /seconds/)
  assert.throws(() => read('--fast'), /--fast/)
})

test('comparing and reporting -> commands of their own, with paths of the caller', () => {
  const command = (...args: string[]) => readCommand(args, '/project', '/caller')
  const compared = { does: 'compare', before: '/caller/a.json', after: '/b.json', isJson: false }
  assert.equal(command('--compare', 'a.json', '/b.json'), compared)
  assert.equal(command('a.json', '/b.json', '--compare'), compared)
  assert.equal(command('--report', 'a.json'), {
    does: 'report',
    result: '/caller/a.json',
    isJson: false,
  })
  assert.equal(command('--report=a.json'), {
    does: 'report',
    result: '/caller/a.json',
    isJson: false,
  })
  assert.equal(command('--help', '--nonsense'), { does: 'help' })
  assert.equal(command('--compare', '-h'), { does: 'help' })
  assert.equal(command('--report', 'a.json', '--json'), {
    does: 'report',
    result: '/caller/a.json',
    isJson: true,
  })
  assert.is(command('--full').does, 'measure')
})

test('comparing and reporting with too little, too much or other options -> refused', () => {
  const command = (...args: string[]) => readCommand(args, '/project', '/caller')
  assert.throws(() => command('--compare'), /two results, before and after, not 0/)
  assert.throws(() => command('--compare', 'a', 'b', 'c'), /has no use for 'c'/)
  assert.throws(() => command('--compare', 'a', 'b', '--full'), /--full/)
  assert.throws(() => command('--report'), /--report/)
  assert.throws(() => command('--report', 'a', 'b'), /has no use for 'b'/)
})

test('a case that does not exist -> exit code 2, and the names of those that do', () => {
  const args = ['--import', 'tsx', 'bench/main.ts', '--only', 'nonsense']
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  assert.is(result.status, 2)
  assert.match(result.stderr, /no such case; there are commit-lone, commits/)
})

test.run()
