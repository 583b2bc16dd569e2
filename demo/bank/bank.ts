// A bank whose tellers are killed: a child process runs many transfers at a time and is ended with
// SIGKILL at random moments, also while it recovers. After each kill the next one recovers, says
// what it did, and what it finds is held against everything that had been acknowledged.
import { rmSync } from 'node:fs'

import { callerDirectory } from '../../programs/place.ts'
import { type BankArguments, makeDirectory, readArguments, usageOf } from './arguments.ts'
import { Observer } from './observer.ts'
import { grouped } from './words.ts'

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function complain(text: string): void {
  process.stderr.write(`seawall bank: ${text}\n`)
}

/** Ends the process in order on Ctrl-C. */
function onInterrupt(end: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void end().finally(() => process.exit(130))
    })
  }
}

/** True when all was well. */
async function killTellers(bank: BankArguments): Promise<boolean> {
  const { accounts, clients, seed } = bank
  const directory = makeDirectory(bank.directory, callerDirectory())
  let isKept = bank.directory !== undefined
  const remove = (): void => {
    // A teller that is being killed may still be writing.
    if (!isKept) rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  process.once('exit', remove)
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
  try {
    await observer.run()
  } catch (error) {
    // What the end of the teller brings about says nothing new.
    if (isInterrupted) return false
    await observer.stop()
    isKept = true
    complain(error instanceof Error ? error.message : String(error))
    complain(`this was --seed ${seed}; the store is left in ${directory}`)
    return false
  }
  remove()
  say(`${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
  return true
}

/** Runs it. Resolves with the exit code. `name`: how it was called. */
export async function runBank(args: string[], name: string): Promise<number> {
  try {
    if (!args.includes('--help')) {
      return (await killTellers(readArguments(args, callerDirectory()))) ? 0 : 1
    }
    say(usageOf(name))
    return 0
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    return 1
  }
}
