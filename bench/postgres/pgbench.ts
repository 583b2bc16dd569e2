import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { parsePgbenchLog, parsePgbenchRate, type PgbenchTransaction } from './pgbench-output.ts'
import type { PostgresServer } from './postgres-server.ts'

const threads = 2
const logPrefix = 'pgbench-log'

export interface PgbenchRun {
  readonly transactions: readonly PgbenchTransaction[]
  readonly reportedPerSecond: number
}

/** Runs `script` by so many connections at once, for whole seconds. */
export async function runPgbench(
  server: PostgresServer,
  script: string,
  clients: number,
  seconds: number,
  options: readonly string[] = [],
): Promise<PgbenchRun> {
  const printed = await server.runClient('pgbench', [
    '--protocol=prepared',
    ...options,
    `--client=${clients}`,
    `--jobs=${Math.min(threads, clients)}`,
    `--time=${Math.ceil(seconds)}`,
    `--file=${script}`,
    '--log',
    `--log-prefix=${join(server.directory, logPrefix)}`,
  ])
  return {
    transactions: parsePgbenchLog(takeLog(server.directory)),
    reportedPerSecond: parsePgbenchRate(printed),
  }
}

/** Every thread of pgbench writes a file of its own. */
function takeLog(directory: string): string {
  const paths = readdirSync(directory)
    .filter((name) => name.startsWith(`${logPrefix}.`))
    .map((name) => join(directory, name))
  const log = paths.map((path) => readFileSync(path, 'utf8')).join('')
  for (const path of paths) rmSync(path)
  return log
}
