// timeout: 180s
// Goal: the demo of the bank kills and verifies as it says, and its verdict sees whatever is wrong.
// Method: a small bank as a user would run it; for the verdict, contents that were tampered with.
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Ledger } from '../../demo/bank/ledger.ts'
import type { BankContent } from '../../demo/bank/read-bank.ts'
import { initialBalance, planTransfer } from '../../demo/bank/transfer-plan.ts'
import { judge } from '../../demo/bank/verdict.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname

function bank(args: string[]): { status: number | null; output: string } {
  const result = spawnSync(process.execPath, ['--import', 'tsx', 'demo/bank/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status: result.status, output: `${result.stdout}${result.stderr}` }
}

const count = (text: string, part: string): number => text.split(part).length - 1

for (const [accounts, clients, seed] of [
  [20_000, 16, 1],
  // Everyone wants the same page.
  [5, 8, 2],
] as const) {
  test(`${accounts} accounts, three kills of ${clients} clients -> recovered, verified`, () => {
    const directory = join(temporaryDirectory(), 'bank')
    const options = ['--accounts', `${accounts}`, '--clients', `${clients}`, '--seed', `${seed}`]
    const { status, output } = bank([
      ...options,
      ...['--rounds', '3', '--seconds', '0.5', '--directory', directory],
    ])
    assert.is(status, 0, output)
    assert.is(count(output, '; killed after'), 3, output)
    assert.is(count(output, 'Analysis read'), 4, output)
    const sum = (accounts * initialBalance).toLocaleString('en-US')
    assert.is(count(output, `✓ the balances add up to ${sum}`), 5, output)
    assert.is(count(output, 'acknowledged transfers are there'), 5, output)
    assert.match(output, /Nothing to redo\. Nothing to undo\./)
    assert.match(output, /3 rounds, \d+ kills?, \d+ of them during recovery/)
    assert.match(output, /all verified/)
    assert.ok(readdirSync(directory).length > 0, 'a directory that was asked for stays')
  })
}

test('a directory with something in it, wrong options -> a sentence and exit code 2', () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'precious'), '')
  for (const [args, message] of [
    [['--directory', directory], /is not empty/],
    [['--accounts', '2'], /--accounts must be a whole number from 3/],
    [['--rounds', 'many'], /--rounds must be a whole number/],
    [['--seconds', '0'], /--seconds must be a number above 0/],
    [['--speed', '1'], /has no option '--speed'/],
  ] as const) {
    const { status, output } = bank([...args])
    assert.is(status, 2, output)
    assert.match(output, message)
    assert.is(output.trim().split('\n').length, 1, output)
  }
  assert.equal(readdirSync(directory), ['precious'])
})

const accounts = 100
const seed = 7

/** A ledger with numbers given out, and the first few transfers that would commit acknowledged. */
function someLedger(): { ledger: Ledger; acknowledged: number[]; rolledBack: number } {
  const ledger = new Ledger(seed, accounts)
  const issuedTo = ledger.issue()
  const numbers = Array.from({ length: issuedTo }, (_, number) => number)
  const rollsBack = (number: number): boolean => planTransfer(seed, number, accounts).rollsBack
  const acknowledged = numbers.filter((number) => !rollsBack(number)).slice(0, 20)
  for (const number of acknowledged) ledger.acknowledge(number)
  return { ledger, acknowledged, rolledBack: numbers.find(rollsBack) as number }
}

/** The first transfer after these that would commit. */
function nextAfter(numbers: readonly number[]): number {
  let number = (numbers.at(-1) as number) + 1
  while (planTransfer(seed, number, accounts).rollsBack) number += 1
  return number
}

/** The bank after these transfers. */
function contentAfter(numbers: readonly number[]): BankContent {
  const balances = new Float64Array(accounts).fill(initialBalance)
  const transfers = new Uint32Array(accounts)
  const journal: number[] = []
  for (const number of numbers) {
    const { from, to, amount } = planTransfer(seed, number, accounts)
    balances[from] = (balances[from] as number) - amount
    balances[to] = (balances[to] as number) + amount
    transfers[from] = (transfers[from] as number) + 1
    transfers[to] = (transfers[to] as number) + 1
    journal.push(number, from, to, amount)
  }
  return { balances, transfers, journal: Uint32Array.from(journal) }
}

function expectViolation(ledger: Ledger, content: BankContent, pattern: RegExp): void {
  const { violations } = judge(ledger, content)
  assert.match(violations.join('\n'), pattern)
}

test('exactly what was acknowledged, or one more without an answer -> no violation', () => {
  const { ledger, acknowledged } = someLedger()
  assert.equal(judge(ledger, contentAfter(acknowledged)).violations, [])
  const more = [...acknowledged, nextAfter(acknowledged)]
  assert.equal(judge(someLedger().ledger, contentAfter(more)).violations, [])
})

test('an acknowledged transfer is missing -> seen', () => {
  const { ledger, acknowledged } = someLedger()
  expectViolation(ledger, contentAfter(acknowledged.slice(1)), /1 acknowledged transfers are miss/)
})

test('a transfer without an answer was there after a recovery and is gone later -> seen', () => {
  const { ledger, acknowledged } = someLedger()
  const more = [...acknowledged, nextAfter(acknowledged)]
  assert.equal(judge(ledger, contentAfter(more)).violations, [])
  expectViolation(ledger, contentAfter(acknowledged), /acknowledged transfers are missing/)
})

test('a transfer that was gone after a recovery comes back later -> seen', () => {
  const { ledger, acknowledged } = someLedger()
  assert.equal(judge(ledger, contentAfter(acknowledged)).violations, [])
  const later = contentAfter([...acknowledged, nextAfter(acknowledged)])
  expectViolation(ledger, later, /were rolled back are there/)
})

test('a transfer is there twice, was rolled back, or never issued -> seen', () => {
  const { ledger, acknowledged, rolledBack } = someLedger()
  const [first] = acknowledged as [number]
  expectViolation(ledger, contentAfter([...acknowledged, first]), /are there twice: /)
  const other = someLedger().ledger
  expectViolation(other, contentAfter([...acknowledged, rolledBack]), /were rolled back are there/)
  const third = someLedger().ledger
  const never = contentAfter([...acknowledged, third.issuedTo])
  expectViolation(third, never, /never issued are there/)
})

test('a journal entry, a balance or a counter is wrong -> seen', () => {
  const { ledger, acknowledged } = someLedger()
  const wrongAmount = contentAfter(acknowledged)
  wrongAmount.journal[3] = (wrongAmount.journal[3] as number) + 1
  expectViolation(ledger, wrongAmount, /are not what was asked for/)
  const twoAccounts = contentAfter(acknowledged)
  twoAccounts.balances[0] = (twoAccounts.balances[0] as number) + 1
  twoAccounts.balances[1] = (twoAccounts.balances[1] as number) - 1
  expectViolation(someLedger().ledger, twoAccounts, /2 accounts differ from the journals/)
  const oneMore = contentAfter(acknowledged)
  oneMore.balances[0] = (oneMore.balances[0] as number) + 1
  expectViolation(someLedger().ledger, oneMore, /wrong sum of all balances: 100001, not 100000/)
  const counter = contentAfter(acknowledged)
  counter.transfers[0] = (counter.transfers[0] as number) + 1
  expectViolation(someLedger().ledger, counter, /1 accounts differ from the journals/)
})

test('an acknowledgement that cannot be -> refused', () => {
  const { ledger, acknowledged, rolledBack } = someLedger()
  const [first] = acknowledged as [number]
  assert.throws(() => ledger.acknowledge(first), /it was over/)
  assert.throws(() => ledger.acknowledge(rolledBack), /to be rolled back/)
  assert.throws(() => ledger.noteRolledBack(first), /after it was acknowledged/)
})

test.run()
