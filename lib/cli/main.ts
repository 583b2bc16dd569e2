#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

import { SeawallError } from '../errors.ts'
import { exitCodes, RigError } from '../rig/rig-error.ts'
import { runCommand } from './commands.ts'
import { visible, visibleLines } from './terminal/visible.ts'
import { exitCode, UsageError } from './usage-error.ts'

// A sentence is enough for what the caller or the directory is the cause of.
function isExpected(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof RigError || error instanceof SeawallError
}

function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const isSentence = isExpected(error) || !process.env.SEAWALL_DEBUG
  const stack = error instanceof Error ? (error.stack ?? message) : message
  // Names of files are part of it, and they may be anything.
  console.error(isSentence ? `seawall: ${visible(message)}` : visibleLines(stack, false))
}

// 1 and 2 are verdicts of the rig.
const failed = process.argv[2] === 'rig' ? exitCodes.inconclusive : exitCode.failed

// Whoever reads our output may stop reading: that is no failure. What cannot be written is one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCode.good)
  complain(new UsageError(`standard output cannot be written: ${error.message}`))
  process.exit(failed)
})
// Nobody reads what went wrong: the exit code says it, too.
process.stderr.on('error', () => undefined)
// By itself it would look like a finding.
process.on('uncaughtException', (error) => {
  complain(error)
  process.exit(failed)
})

try {
  const self = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)]
  process.exitCode = await runCommand(process.argv.slice(2), self)
} catch (error) {
  process.exitCode = error instanceof RigError ? error.exitCode : failed
  complain(error)
}
