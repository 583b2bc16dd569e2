import type { Fio } from '../fio/fio.ts'
import type { Sample } from '../measure/rounds.ts'
import type { Cell, CommitEngine } from './engine.ts'
import { DeviceMeter } from './device-meter.ts'
import { usageDetails } from './usage.ts'

const pageBytes = 4096
const depthMax = 64

export const fioEveryWrite = 'fio, sync every write'
export const fioEveryGroup = 'fio, sync every group'

/**
 * The limit: O_DIRECT overwrites of a file that was written in full before, in blocks of the
 * record's size rounded up to 4 KiB, as many at once as there are committers, 64 at most. Above a
 * depth of 1 through libaio, which sends exactly as many syncs as it is told to (see FioJob).
 */
function fioEngine(
  definition: Pick<CommitEngine, 'name' | 'durable' | 'cellFor'>,
  fio: Fio,
  device: DeviceMeter,
  isGrouped: boolean,
): CommitEngine {
  const run = async (bodyBytes: number, committers: number, seconds: number): Promise<Sample> => {
    const depth = Math.min(committers, depthMax)
    const blockBytes = Math.ceil(bodyBytes / pageBytes) * pageBytes
    const writesPerSync = isGrouped ? depth : 1
    const engine = depth === 1 ? 'io_uring' : 'libaio'
    const job = { rw: 'write', engine, blockBytes, depth, writesPerSync, seconds } as const
    const before = device.counters()
    const measured = await fio.measure(job)
    const { operations, operationsPerSecond, cpuSeconds } = measured
    const details = usageDetails({
      commits: operations,
      bodyBytes,
      cpuSeconds,
      device: device.since(before),
      emptyWritesPerFlush: device.emptyWritesPerFlush,
    })
    return { value: operationsPerSecond, details: { ...details, commits: operations, depth } }
  }
  return {
    ...definition,
    role: 'limit',
    open: (bodyBytes) =>
      Promise.resolve({
        run: ({ committers }, seconds) => run(bodyBytes, committers, seconds),
        close: () => Promise.resolve(),
      }),
  }
}

export function fioEngines(
  fio: Fio,
  device: DeviceMeter,
  groupFrom: number,
  isReached: (cell: Cell) => boolean,
): CommitEngine[] {
  const everyWrite = {
    name: fioEveryWrite,
    durable: 'What the drive gives when an fdatasync follows every single write.',
    cellFor: (cell: Cell) => (isReached(cell) ? cell : undefined),
  }
  const everyGroup: Pick<CommitEngine, 'name' | 'durable' | 'cellFor'> = {
    name: fioEveryGroup,
    durable:
      'What the drive gives when one fdatasync follows as many writes as are under way at ' +
      'once: the least that a group commit can do.',
    cellFor: (cell) => (cell.committers >= groupFrom && isReached(cell) ? cell : undefined),
  }
  return [fioEngine(everyWrite, fio, device, false), fioEngine(everyGroup, fio, device, true)]
}
