import { rocksdbName } from '../install/rocksdb-packages.ts'
import { postgresName } from '../install/postgres-packages.ts'
import { connectionsMax, type PostgresCommits } from '../postgres/postgres-commits.ts'
import { fillSync } from '../rocksdb/db-bench.ts'
import type { DeviceMeter } from './device-meter.ts'
import type { Cell, CommitEngine, EngineSession } from './engine.ts'
import { endedChildrenSeconds, statusBytes, usageDetails } from './usage.ts'

/** Which cells a program that takes seconds to run is measured in. */
export type Reach = (cell: Cell) => boolean

const sessionOf = (run: EngineSession['run']): Promise<EngineSession> =>
  Promise.resolve({ run, close: () => Promise.resolve() })

/** db_bench has a thread for each committer: a thousand of them on a few cores measure the scheduler. */
export const rocksdbThreadsMax = 256

export function rocksdbEngine(
  directory: string,
  device: DeviceMeter,
  isReached: Reach,
): CommitEngine {
  const run: EngineSession['run'] = async ({ bodyBytes, committers }, seconds) => {
    const before = device.counters()
    const cpuBefore = endedChildrenSeconds()
    const peakOf = (status: string): number | undefined => statusBytes(status, 'VmHWM')
    const measured = await fillSync(directory, committers, bodyBytes, seconds, peakOf)
    const details = usageDetails({
      commits: measured.operations,
      bodyBytes,
      cpuSeconds: endedChildrenSeconds() - cpuBefore,
      device: device.since(before),
      emptyWritesPerFlush: device.emptyWritesPerFlush,
      memoryGrowthBytes: measured.peakMemoryBytes,
    })
    const { perSecond, operations, p50Us, p99Us } = measured
    const assertions = measured.hasAssertions ? 'built with assertions' : 'built without assertions'
    return {
      value: perSecond,
      details: { ...details, commits: operations, p50Us, p99Us, assertions },
    }
  }
  return {
    name: rocksdbName,
    role: 'peer',
    durable:
      'db_bench fillsync: a put with sync = true waits until the WAL is synced; puts that ' +
      'wait at the same time share a sync; no compression. Debian builds it with ' +
      'assertions, which cost it CPU time.',
    cellFor: (cell) => (cell.committers <= rocksdbThreadsMax && isReached(cell) ? cell : undefined),
    open: () => sessionOf(run),
  }
}

export function postgresEngine(
  server: PostgresCommits,
  device: DeviceMeter,
  isReached: Reach,
): CommitEngine {
  const run: EngineSession['run'] = async ({ bodyBytes, committers }, seconds) => {
    server.empty()
    const before = device.counters()
    const clientBefore = endedChildrenSeconds()
    const measured = await server.run(bodyBytes, committers, seconds)
    const clientSeconds = endedChildrenSeconds() - clientBefore
    const details = usageDetails({
      commits: measured.transactions,
      bodyBytes,
      cpuSeconds: measured.serverCpuSeconds + clientSeconds,
      device: device.since(before),
      emptyWritesPerFlush: device.emptyWritesPerFlush,
      memoryGrowthBytes: measured.memoryGrowthBytes,
    })
    const { perSecond, commits, p50Us, p99Us } = measured
    return { value: perSecond, details: { ...details, commits, p50Us, p99Us } }
  }
  return {
    name: postgresName,
    role: 'peer',
    durable:
      'An INSERT for each commit, fsync and synchronous_commit = on: the WAL is synced with ' +
      'fdatasync before the client hears of it; a connection for each committer, and ' +
      'backends that wait at the same time share a sync. The body is a constant of the ' +
      'prepared statement, so none is sent.',
    cellFor: (cell) => (cell.committers <= connectionsMax && isReached(cell) ? cell : undefined),
    open: () => sessionOf(run),
  }
}
