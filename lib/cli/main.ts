#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

import { SeawallError } from '../errors.ts'
import { RigError } from '../rig/rig-error.ts'
import { runCommand } from './commands.ts'
import { exitCode, UsageError } from './usage-error.ts'

// Whoever reads our output may stop reading: that is no failure.
process.stdout.on('error', () => process.exit(0))

// A sentence is enough for what the caller or the directory is the cause of.
function isExpected(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof RigError || error instanceof SeawallError
}

try {
  const self = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)]
  process.exitCode = await runCommand(process.argv.slice(2), self)
} catch (error) {
  process.exitCode = error instanceof RigError ? error.exitCode : exitCode.failed
  const isSentence = isExpected(error) || process.env.SEAWALL_DEBUG === undefined
  console.error(isSentence ? `seawall: ${(error as Error).message}` : error)
}
