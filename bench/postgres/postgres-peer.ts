import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { runPgbench } from './pgbench.ts'
import { measureTransactions } from './pgbench-output.ts'
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
// As long as that of the other subjects. Every run makes its connections anew, and each begins with
// empty caches and unprepared statements.
const warmUpSeconds = 0.25

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
    const all = warmUpSeconds + seconds
    const run = await runPgbench(this.#server, this.#script, clients, all)
    const measured = measureTransactions(run.transactions, warmUpSeconds, seconds)
    const { perSecond, ...details } = measured
    return {
      value: perSecond,
      details: { ...details, seconds, reportedPerSecond: run.reportedPerSecond },
    }
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
