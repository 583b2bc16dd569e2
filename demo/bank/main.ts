// A bank whose tellers are killed: a child process runs many transfers at a time and is ended with
// SIGKILL at random moments, also while it recovers. After each kill the next one recovers, says
// what it did, and what it finds is held against everything that had been acknowledged.
import { rmSync } from 'node:fs'

import { type BankArguments, makeDirectory, readArguments, usage } from './arguments.ts'
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void end().finally(() => process.exit(130))
    })
  }
}

async function runBank(bank: BankArguments): Promise<void> {
  const { accounts, clients, seed } = bank
  const directory = makeDirectory(bank.directory)
  const remove = (): void => {
    if (bank.directory === undefined) rmSync(directory, { recursive: true, force: true })
  }
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
    if (isInterrupted) return
    await observer.stop()
    complain(error instanceof Error ? error.message : String(error))
    complain(`this was --seed ${seed}; the store is left in ${directory}`)
    process.exitCode = 1
    return
  }
  remove()
  say(`${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
}

try {
  const args = process.argv.slice(2)
  if (args.includes('--help')) say(usage)
  else await runBank(readArguments(args, process.env.SEAWALL_CALLER_DIRECTORY ?? process.cwd()))
} catch (error) {
  complain(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
