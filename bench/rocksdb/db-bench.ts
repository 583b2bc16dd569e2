import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { endWithUs } from '../../programs/child-processes.ts'
import { dbBench } from '../install/rocksdb-packages.ts'
import { type DbBenchMeasurement, hasAssertions, parseDbBench } from './db-bench-output.ts'

const execFileAsync = promisify(execFile)
const keyBytes = 8
// Far more than anybody writes: the time is the limit. fillsync uses a thousandth of it.
const keys = 1_000_000_000
const memoryPollMs = 20

export interface FillSync extends DbBenchMeasurement {
  readonly hasAssertions: boolean
  readonly peakMemoryBytes: number | undefined
}

/**
 * RocksDB's own benchmark of synced puts at random keys: `threads` of them, each of which waits for
 * its put. Whole seconds only. The database is new, and gone afterwards.
 */
export async function fillSync(
  directory: string,
  threads: number,
  valueBytes: number,
  seconds: number,
  peakOf: (status: string) => number | undefined,
): Promise<FillSync> {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const args = [
    '--benchmarks=fillsync',
    '--histogram=true',
    '--compression_type=none',
    '--disable_wal=false',
    `--db=${join(directory, 'db')}`,
    `--threads=${threads}`,
    `--key_size=${keyBytes}`,
    `--value_size=${valueBytes}`,
    `--num=${keys}`,
    `--duration=${Math.max(1, Math.round(seconds))}`,
    // Otherwise it looks at the clock every 1,000 operations of a thread only.
    '--ops_between_duration_checks=1',
  ]
  const running = execFileAsync(dbBench, args, { maxBuffer: 16 << 20 })
  endWithUs(running.child)
  let peakMemoryBytes: number | undefined
  // The kernel keeps the peak: the last look before the end is enough.
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${running.child.pid}/status`, 'utf8')
      peakMemoryBytes = peakOf(status) ?? peakMemoryBytes
    } catch {
      // It has ended.
    }
  }, memoryPollMs)
  try {
    const { stdout, stderr } = await running
    const measured = parseDbBench(stdout, 'fillsync')
    return { ...measured, hasAssertions: hasAssertions(stdout + stderr), peakMemoryBytes }
  } finally {
    clearInterval(timer)
    rmSync(directory, { recursive: true, force: true })
  }
}
