// A bank whose tellers are killed: a child process runs many transfers at a time and is ended with
// SIGKILL at random moments, also while it recovers. After each kill the next one recovers, says
// what it did, and what it finds is held against everything that had been acknowledged.
import { rmSync } from 'node:fs'

import { exitCode, visible } from '../../programs/command-line.ts'
import { callerDirectory } from '../../programs/place.ts'
import { bankLine, type BankArguments, makeDirectory, readArguments } from './arguments.ts'
import { Observer } from './observer.ts'
import { grouped } from './words.ts'

function complain(text: string): void {
  process.stderr.write(`seawall bank: ${visible(text)}\n`)
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Ends the process in order on Ctrl-C. */
function onInterrupt(end: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void end().finally(() => process.exit(130))
    })
  }
}

/** Returns the exit code. Throws an Error when it could not begin. */
async function killTellers(bank: BankArguments): Promise<number> {
  const { accounts, clients, seed, isJson } = bank
  const directory = makeDirectory(bank.directory, callerDirectory())
  let isKept = bank.directory !== undefined
  const remove = (): void => {
    // A teller that is being killed may still be writing.
    if (!isKept) rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  process.once('exit', remove)
  const stream = isJson ? process.stderr : process.stdout
  const say = (text: string): void => void stream.write(`${visible(text)}\n`)
  say(`seawall bank: ${grouped(accounts)} accounts, ${clients} clients, seed ${seed}`)
  say(`the store is in ${directory}`)
  const observer = new Observer(bank, directory, say)
  let isInterrupted = false
  onInterrupt(async () => {
    isInterrupted = true
    await observer.stop()
    remove()
  })
  const startedMs = performance.now()
  let problem: string | undefined
  try {
    await observer.run()
  } catch (error) {
    await observer.stop()
    // What the end of the teller brings about says nothing new.
    if (isInterrupted) return exitCode.failed
    if (!observer.hasBegun) throw error
    isKept = true
    problem = inWords(error)
    complain(problem)
    complain(`this was --seed ${seed}; the store is left in ${directory}`)
  }
  remove()
  const seconds = (performance.now() - startedMs) / 1000
  if (isJson) {
    const value = {
      outcome: problem === undefined ? 'verified' : 'failed',
      problem: problem ?? null,
      ...settingsOf(bank),
      directory: isKept ? directory : null,
      ...observer.found(),
      seconds,
    }
    process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }
  if (problem !== undefined) return exitCode.finding
  say(`${seconds.toFixed(0)} s`)
  return exitCode.good
}

function settingsOf({ accounts, rounds, secondsPerRound, clients, seed }: BankArguments): object {
  return { accounts, rounds, secondsPerRound, clients, seed }
}

/** Runs it. Resolves with the exit code. `name`: how it was called. */
export async function runBank(args: readonly string[], name: string): Promise<number> {
  try {
    const line = bankLine(args, name)
    if (!line.isHelp) return await killTellers(readArguments(line, callerDirectory()))
    process.stdout.write(`${line.usage}\n`)
    return exitCode.good
  } catch (error) {
    complain(inWords(error))
    return exitCode.failed
  }
}
