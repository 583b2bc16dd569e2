// The same work for every engine: records of a size, committers that wait for each of theirs. Who
// makes how many durable a second, and what does one cost the processor and the drive?
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { cellPlans, isLimitCell, isServerCell, leftOut } from '../commits/cell-plans.ts'
import { deviceCostRows } from '../commits/device-cost.ts'
import { DeviceMeter } from '../commits/device-meter.ts'
import type { Cell, CommitEngine } from '../commits/engine.ts'
import { fioEngines } from '../commits/fio-engines.ts'
import { measureCells } from '../commits/measure-cells.ts'
import { commitPlots } from '../commits/plots.ts'
import { commitRows } from '../commits/rows.ts'
import { postgresEngine, rocksdbEngine } from '../commits/server-engines.ts'
import { peerEngines, seawallEngine } from '../commits/store-engines.ts'
import { noFio } from '../fio/fio.ts'
import { installPostgres, postgresName } from '../install/postgres-packages.ts'
import { installRocksdb } from '../install/rocksdb-packages.ts'
import { spreadOf } from '../measure/spread.ts'
import { PostgresCommits } from '../postgres/postgres-commits.ts'
import { testFsync } from '../postgres/test-fsync.ts'
import type { Row } from '../result/row.ts'

const groupFrom = 4
const syncMethods = ['fdatasync', 'open_datasync']

/** What could be started, why the rest could not, and how to end it all. */
interface Peers {
  readonly engines: readonly CommitEngine[]
  readonly rows: readonly Row[]
  readonly skipped: readonly string[]
  stop(): Promise<void>
}

async function testFsyncRows(context: BenchContext): Promise<Row[]> {
  const rates = await testFsync(context.directoryFor('commits-fsync'), syncMethods)
  return syncMethods.flatMap((method) => {
    const rate = rates.get(method)
    if (rate === undefined) return []
    const label = `pg_test_fsync, 8 kB writes, ${method}`
    return [{ label, measured: spreadOf([rate]), unit: '/s' as const }]
  })
}

async function startPostgres(context: BenchContext, skipped: string[]) {
  const missing = installPostgres(context.say)
  if (missing !== undefined) {
    skipped.push(missing)
    return undefined
  }
  try {
    return await PostgresCommits.start(context.directoryFor('commits-postgres'))
  } catch (error) {
    skipped.push(`${postgresName}: ${(error as Error).message}`)
    return undefined
  }
}

async function startPeers(context: BenchContext, device: DeviceMeter): Promise<Peers> {
  const { settings, peers, say, directoryFor } = context
  const skipped = [...peers.missing]
  if (!settings.withPeers) {
    return { engines: [], rows: [], skipped, stop: () => Promise.resolve() }
  }
  const { emptyWritesPerFlush } = device
  const setup = { directoryFor, emptyWritesPerFlush }
  const reach = (cell: Cell): boolean => isServerCell(settings.full, cell)
  const engines = peerEngines(setup, peers.available)
  const noRocksdb = installRocksdb(say)
  if (noRocksdb !== undefined) skipped.push(noRocksdb)
  else engines.push(rocksdbEngine(directoryFor('commits-rocksdb'), device, reach))
  const server = await startPostgres(context, skipped)
  if (server !== undefined) engines.push(postgresEngine(server, device, reach))
  const rows = server === undefined ? [] : await testFsyncRows(context)
  return { engines, rows, skipped, stop: async () => server?.stop() }
}

export const commits: BenchCase = {
  name: 'commits',
  title: 'Awaited commits of every size, by any number of committers',
  async run(context) {
    const { settings, fio, directoryFor } = context
    const device = DeviceMeter.of(settings.directory)
    const exact = await deviceCostRows(context, device)
    const peers = await startPeers(context, device)
    try {
      const own = seawallEngine({ directoryFor, emptyWritesPerFlush: device.emptyWritesPerFlush })
      const isLimit = (cell: Cell): boolean => isLimitCell(settings.full, cell)
      const limits = fio === undefined ? [] : fioEngines(fio, device, groupFrom, isLimit)
      const engines = [own, ...limits, ...peers.engines]
      const plans = cellPlans(settings)
      const measured = await measureCells(context, engines, plans)
      const skipped = [...peers.skipped, ...measured.skipped]
      if (settings.full) skipped.push(leftOut)
      if (fio === undefined) skipped.push(noFio)
      return {
        rows: [...exact, ...commitRows(measured.cells, engines), ...peers.rows],
        plots: commitPlots(measured.cells, engines),
        notes: engines.map(({ name, durable }) => `${name}: ${durable}`),
        skipped,
      }
    } finally {
      await peers.stop()
    }
  },
}
