import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { measureTransactions, parsePgbenchLog, parsePgbenchRate } from './pgbench-output.ts'
import { installPostgres, postgresName } from '../install/postgres-packages.ts'
import { PostgresServer } from './postgres-server.ts'
import type { Sample } from '../measure/rounds.ts'
import { pgbenchScript } from '../transfers.ts'

// A transaction is durable when its COMMIT returns: fsync, synchronous_commit, full_page_writes and
// wal_sync_method (fdatasync on Linux) are the defaults, the first two said aloud. Nothing but
// transfers runs: no vacuum, and no checkpoint within a day or 16 GB of WAL, so that PostgreSQL
// neither writes pages nor images of pages to its WAL while it is measured.
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '128MB',
  autovacuum: 'off',
  max_connections: '100',
  checkpoint_timeout: '1d',
  max_wal_size: '16GB',
}
const threads = 2
// As long as that of the other subjects. Every run makes its connections anew, and each begins with
// empty caches and unprepared statements.
const warmUpSeconds = 0.25
const logPrefix = 'transfers'

/** PostgreSQL on the file system that is measured, with the tables of TPC-B at scale 1. */
export class PostgresPeer {
  readonly #server: PostgresServer
  readonly #script: string

  private constructor(server: PostgresServer) {
    this.#server = server
    this.#script = join(server.directory, 'script.sql')
  }

  /** Rejects when the server does not start. `directory` is removed first. */
  static async start(directory: string): Promise<PostgresPeer> {
    const server = await PostgresServer.start(directory, settings)
    const peer = new PostgresPeer(server)
    try {
      writeFileSync(peer.#script, pgbenchScript)
      server.runBlocking('pgbench', ['--initialize', '--scale=1', '--quiet'])
    } catch (error) {
      await server.stop()
      throw error
    }
    return peer
  }

  /**
   * Transfers a second by `clients` connections, 90 at most, each of which waits for its commit
   * before it begins the next transfer.
   */
  async transfer(clients: number, seconds: number): Promise<Sample> {
    const printed = await this.#server.runClient('pgbench', [
      '--protocol=prepared',
      `--client=${clients}`,
      `--jobs=${threads}`,
      // Whole seconds only.
      `--time=${Math.ceil(warmUpSeconds + seconds)}`,
      `--file=${this.#script}`,
      '--log',
      `--log-prefix=${join(this.#server.directory, logPrefix)}`,
    ])
    const transactions = parsePgbenchLog(this.#takeLog())
    const measured = measureTransactions(transactions, warmUpSeconds, seconds)
    const { perSecond, ...details } = measured
    return {
      value: perSecond,
      details: { ...details, seconds, reportedPerSecond: parsePgbenchRate(printed) },
    }
  }

  /** Every thread of pgbench writes a file of its own. */
  #takeLog(): string {
    const { directory } = this.#server
    const paths = readdirSync(directory)
      .filter((name) => name.startsWith(`${logPrefix}.`))
      .map((name) => join(directory, name))
    const log = paths.map((path) => readFileSync(path, 'utf8')).join('')
    for (const path of paths) rmSync(path)
    return log
  }

  /** Stops the server and removes its directory. */
  async stop(): Promise<void> {
    await this.#server.stop()
  }
}

/** PostgreSQL, or why there is none. */
export type StartedPostgres = { readonly peer: PostgresPeer } | { readonly missing: string }

/** Installs it when it is missing, and starts it. Does not throw. */
export async function startPostgres(
  directory: string,
  say: (text: string) => void,
): Promise<StartedPostgres> {
  const missing = installPostgres(say)
  if (missing !== undefined) return { missing }
  try {
    return { peer: await PostgresPeer.start(directory) }
  } catch (error) {
    return { missing: `${postgresName}: ${(error as Error).message}` }
  }
}
