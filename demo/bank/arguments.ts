import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { CommandLine, type OptionRule, UsageError } from '../../programs/command-line.ts'
import { checkout } from '../../programs/place.ts'
import { mix } from '../chunks.ts'

const numberMax = 2 ** 32 - 1
const accountsMax = 20_000_000
const place = checkout === undefined ? 'the working directory' : 'build/'

const rules: Record<string, OptionRule> = {
  accounts: { value: 'N', help: 'accounts in the bank (default 1000000)' },
  rounds: { value: 'N', help: 'kills while transfers run (default 20)' },
  seconds: { value: 'S', help: 'how long transfers run in a round, about (default 2.5)' },
  clients: { value: 'N', help: 'transfers at a time (default 64)' },
  seed: { value: 'N', help: 'decides every transfer and the moments of the kills' },
  directory: {
    value: 'DIR',
    help: `where the store goes, and stays (default: a temporary one in ${place})`,
  },
  json: { help: 'print what was found as JSON; the words go to standard error' },
}

/** `name`: how it was called. @throws UsageError */
export function bankLine(args: readonly string[], name: string): CommandLine {
  return new CommandLine(
    name,
    'Processes that run transfers between accounts are killed, also while they recover. Every ' +
      'time what is in the store is held against what was acknowledged.\n' +
      'Exit code 0: nothing was lost, nothing is there twice; 1: the store was not what it must ' +
      'be, or a teller failed; 2: it could not begin.',
    rules,
    args,
  )
}

export interface BankArguments {
  readonly accounts: number
  readonly rounds: number
  readonly secondsPerRound: number
  readonly clients: number
  readonly seed: number
  /** undefined: a temporary one. */
  readonly directory: string | undefined
  readonly isJson: boolean
}

/** Paths are relative to where the user is. @throws UsageError */
export function readArguments(line: CommandLine, callerDirectory: string): BankArguments {
  const directory = line.text('directory')
  return {
    accounts: line.integer('accounts', 1_000_000, 3, accountsMax),
    rounds: line.integer('rounds', 20, 1, numberMax),
    secondsPerRound: line.positive('seconds', 2.5),
    clients: line.integer('clients', 64, 1, 1000),
    seed: line.integer('seed', mix(Date.now() % 2 ** 32, process.pid), 0, numberMax),
    directory: directory === undefined ? undefined : resolve(callerDirectory, directory),
    isJson: line.switch('json'),
  }
}

/** A new directory for the store. @throws UsageError when the given one has something in it */
export function makeDirectory(given: string | undefined, callerDirectory: string): string {
  if (given === undefined) {
    if (checkout === undefined) return mkdtempSync(join(callerDirectory, 'seawall-demo-bank-'))
    const build = join(checkout, 'build')
    mkdirSync(build, { recursive: true })
    return mkdtempSync(join(build, 'demo-bank-'))
  }
  if (existsSync(given) && readdirSync(given).length > 0) {
    throw new UsageError(`${given} is not empty; choose another --directory`)
  }
  mkdirSync(given, { recursive: true })
  return given
}
