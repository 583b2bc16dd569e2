#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

import { RigError } from '../rig/rig-error.ts'
import { runCommand } from './commands.ts'

// Whoever reads our output may stop reading: that is no failure.
process.stdout.on('error', () => process.exit(0))

try {
  const self = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)]
  process.exitCode = await runCommand(process.argv.slice(2), self)
} catch (error) {
  process.exitCode = error instanceof RigError ? error.exitCode : 3
  const isOurs = error instanceof RigError || process.env.SEAWALL_DEBUG === undefined
  console.error(isOurs ? `seawall: ${(error as Error).message}` : error)
}
