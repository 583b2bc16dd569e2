import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { measureTransactions, type PgbenchMeasurement } from './pgbench-output.ts'
import { runPgbench } from './pgbench.ts'
import { PostgresServer } from './postgres-server.ts'
import { childrenOf, familyCpuSeconds, familyMemoryBytes } from './server-usage.ts'

export const connectionsMax = 256

// Defaults are fsync, synchronous_commit and full_page_writes = on and wal_sync_method = fdatasync;
// the first two are said aloud. No vacuum, and no checkpoint but those between the measurements.
// Those recycle the WAL's segments, as Seawall's are recycled.
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '128MB',
  autovacuum: 'off',
  max_connections: String(connectionsMax + 10),
  checkpoint_timeout: '1d',
  min_wal_size: '2GB',
  max_wal_size: '16GB',
}
const warmUpSeconds = 0.25
const walBytesToRecycle = 128 * 2 ** 20
const pollMs = 10
const endingMs = 2000

export interface PostgresCommitsRun extends PgbenchMeasurement {
  /** All transactions, those of the warm-up included: what the usage below is for. */
  readonly transactions: number
  /** Of the server's processes, without pgbench. */
  readonly serverCpuSeconds: number
  readonly memoryGrowthBytes: number
}

/** PostgreSQL with a table of nothing but bodies: what is its commit without anything around it? */
export class PostgresCommits {
  readonly #server: PostgresServer

  private constructor(server: PostgresServer) {
    this.#server = server
  }

  /** Rejects when the server does not start. `directory` is removed first. */
  static async start(directory: string): Promise<PostgresCommits> {
    const commits = new PostgresCommits(await PostgresServer.start(directory, settings))
    try {
      // Not to be compressed, and not to be read again by vacuum or analyze.
      commits.#sql(`CREATE TABLE records (body bytea NOT NULL)`)
      commits.#sql(`ALTER TABLE records ALTER COLUMN body SET STORAGE EXTERNAL`)
      const rows = walBytesToRecycle / 1024
      const body = commits.#bodyOf(1024)
      commits.#sql(`INSERT INTO records SELECT ${body} FROM generate_series(1, ${rows})`)
      commits.empty()
    } catch (error) {
      await commits.stop()
      throw error
    }
    return commits
  }

  /** Inserts of rows with a body of that size, each a transaction, over so many connections. */
  async run(bodyBytes: number, clients: number, seconds: number): Promise<PostgresCommitsRun> {
    const server = this.#server
    const pid = server.pid as number
    // The body is a constant of the prepared statement: it is neither sent nor parsed each time.
    const script = join(server.directory, 'commits.sql')
    writeFileSync(script, `INSERT INTO records VALUES (${this.#bodyOf(bodyBytes)});\n`)
    const processes = childrenOf(pid).length
    const cpuBefore = familyCpuSeconds(pid)
    const memoryBefore = familyMemoryBytes(pid)
    let memoryAfter = memoryBefore
    // Once, in the middle: to look is not free.
    const look = setTimeout(() => (memoryAfter = familyMemoryBytes(pid)), 600)
    // Vacuum is for pgbench's own tables, which are not there.
    const all = warmUpSeconds + seconds
    const run = await runPgbench(server, script, clients, all, ['--no-vacuum'])
    clearTimeout(look)
    await this.#disconnected(processes)
    return {
      ...measureTransactions(run.transactions, warmUpSeconds, seconds),
      transactions: run.transactions.length,
      serverCpuSeconds: familyCpuSeconds(pid) - cpuBefore,
      memoryGrowthBytes: Math.max(0, memoryAfter - memoryBefore),
    }
  }

  /** The CPU time of connections counts with their parent once they have ended. */
  async #disconnected(processes: number): Promise<void> {
    const deadline = performance.now() + endingMs
    const pid = this.#server.pid as number
    while (childrenOf(pid).length > processes && performance.now() < deadline) await sleep(pollMs)
  }

  #bodyOf(bytes: number): string {
    return `decode(repeat('a1', ${bytes}), 'hex')`
  }

  /** Removes all rows, and makes the WAL that held them fit to be used again. */
  empty(): void {
    this.#sql('TRUNCATE records')
    this.#sql('CHECKPOINT')
  }

  #sql(statement: string): void {
    this.#server.runBlocking('psql', ['--no-psqlrc', '--quiet', '--command', statement])
  }

  /** Stops the server and removes its directory. */
  async stop(): Promise<void> {
    await this.#server.stop()
  }
}
