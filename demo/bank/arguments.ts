import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { checkout } from '../../programs/place.ts'
import { mix } from '../chunks.ts'

/** `name`: how it was called. */
export function usageOf(name: string): string {
  const parent = checkout === undefined ? 'the working directory' : 'build/'
  return `${name} [OPTIONS]
  --accounts N     accounts in the bank (default 1,000,000)
  --rounds N       kills while transfers run (default 20)
  --seconds S      how long transfers run in a round, about (default 2.5)
  --clients N      transfers at a time (default 64)
  --seed N         decides every transfer and the moments of the kills
  --directory DIR  where the store goes, and stays (default: a temporary one in ${parent})
  exit code        0; 1 when the store was not what it must be, or the demo could not run`
}

export interface BankArguments {
  readonly accounts: number
  readonly rounds: number
  readonly secondsPerRound: number
  readonly clients: number
  readonly seed: number
  /** undefined: a temporary one. */
  readonly directory: string | undefined
}

const numberMax = 2 ** 32 - 1
const accountsMax = 20_000_000

function integer(
  name: string,
  text: string | undefined,
  otherwise: number,
  min: number,
  max = numberMax,
): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (text !== '' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new Error(`--${name} must be a whole number from ${min} to ${max}, not '${text}'`)
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (text !== '' && Number.isFinite(value) && value > 0) return value
  throw new Error(`--${name} must be a number above 0, not '${text}'`)
}

/** Paths are relative to where the user is. Throws an Error that says what is wrong. */
export function readArguments(args: string[], callerDirectory: string): BankArguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      accounts: text,
      rounds: text,
      seconds: text,
      clients: text,
      seed: text,
      directory: text,
    },
  })
  return {
    accounts: integer('accounts', values.accounts, 1_000_000, 3, accountsMax),
    rounds: integer('rounds', values.rounds, 20, 1),
    secondsPerRound: positive('seconds', values.seconds, 2.5),
    clients: integer('clients', values.clients, 64, 1, 1000),
    seed: integer('seed', values.seed, mix(Date.now() % 2 ** 32, process.pid), 0),
    directory:
      values.directory === undefined ? undefined : resolve(callerDirectory, values.directory),
  }
}

/** A new directory for the store. Throws an Error when the given one has something in it. */
export function makeDirectory(given: string | undefined, callerDirectory: string): string {
  if (given === undefined) {
    if (checkout === undefined) return mkdtempSync(join(callerDirectory, 'seawall-demo-bank-'))
    const build = join(checkout, 'build')
    mkdirSync(build, { recursive: true })
    return mkdtempSync(join(build, 'demo-bank-'))
  }
  if (existsSync(given) && readdirSync(given).length > 0) {
    throw new Error(`${given} is not empty; choose another --directory`)
  }
  mkdirSync(given, { recursive: true })
  return given
}
