// Goal: the command line means what the usage text says, and nonsense is refused with words.
// Method: examples.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { readCommandLine, type RunSettings, usage } from '../../../crash/command-line.ts'

const read = (line: string) => readCommandLine(line.split(' ').filter(Boolean), '/home/caller')
const run = (line: string): RunSettings => read(line) as RunSettings

test('nothing -> everything that the machine allows', () => {
  const { command, layers, mutants, mutantNames, canaries, isFull, budgetCpuSeconds } = run('')
  assert.equal(
    [command, layers, mutants, mutantNames, canaries, isFull, budgetCpuSeconds],
    ['run', [], 'yes', [], true, false, 60],
  )
  assert.ok(run('').seed > 0)
  assert.match(run('').output, /\/build\/crash$/)
})

test('options -> settings', () => {
  assert.equal(run('--layer L1-log,L2 --layer L4').layers, ['L1-log', 'L2', 'L4'])
  assert.is(run('--seed 0').seed, 0)
  assert.is(run('--budget 2.5').budgetCpuSeconds, 2.5)
  assert.is(run('--full').budgetCpuSeconds, 600)
  assert.is(run('--full --budget 5').budgetCpuSeconds, 5)
  assert.is(run('--no-mutants').mutants, 'no')
  assert.is(run('--no-canaries').canaries, false)
  assert.is(run('--output there').output, '/home/caller/there')
})

test('--mutants with and without names -> only mutants', () => {
  for (const line of ['--mutants', '--mutants --seed 4', '--seed 4 --mutants']) {
    assert.equal([run(line).mutants, run(line).mutantNames], ['only', []], line)
  }
  assert.equal(run('--mutants no-promise,no-idle-mark').mutantNames, ['no-promise', 'no-idle-mark'])
})

test('commands', () => {
  const { command, file } = read('replay a.json') as { command: string; file: string }
  assert.equal([command, file], ['replay', '/home/caller/a.json'])
  assert.is(read('shrink /x/a.json').command, 'shrink')
  assert.is(read('list').command, 'list')
  assert.is(read('--help').command, 'help')
})

test('nonsense -> an error that says what is wrong', () => {
  for (const [line, expected] of [
    ['replay', 'replay takes one file'],
    ['shrink a b', 'shrink takes one file'],
    ['play', 'there is no command play'],
    ['list x', 'what is x?'],
    ['--seed -1', '--seed'],
    ['--seed 1.5', '--seed must be an integer'],
    ['--budget 0', '--budget must be a number above 0, not 0'],
    ['--mutants --no-mutants', 'contradict'],
    ['--laier L2', '--laier'],
  ] as const) {
    assert.throws(
      () => read(line),
      (error: Error) => error.message.includes(expected),
      line,
    )
  }
})

test('every option is in the usage text', () => {
  for (const name of ['layer', 'seed', 'budget', 'full', 'mutants', 'no-mutants', 'no-canaries'])
    assert.ok(usage.includes(`--${name}`), name)
})

test.run()
