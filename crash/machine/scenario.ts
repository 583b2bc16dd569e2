import type { EngineOptions, LogOptions } from '../../lib/index.ts'
import type { Random } from '../../test/support/random.ts'
import type { DiskFault } from './machine-disk.ts'
import type { FileSystem } from './make-disk.ts'
import type { MachinePlan } from './plan/machine-plan.ts'

interface CommonScenario {
  readonly workload: 'engine' | 'log'
  readonly fileSystem: FileSystem
  readonly sectorBytes: 512 | 4096
}

/** Everything that comes to the disk is recorded, and crashed afterwards at many points. */
export interface RecordedScenario extends CommonScenario {
  readonly kind: 'recorded'
}

/** The drive fails, and its driver has its own way to say so. */
export interface FaultScenario extends CommonScenario {
  readonly kind: 'fault'
  readonly disk: 'virtio' | 'nvme'
  readonly operation: DiskFault['operation']
  readonly lasting: DiskFault['lasting']
  /** 0: the driver gives up at once, so that an error that comes once is seen. */
  readonly nvmeRetries: number | undefined
}

/** The machine is killed, its disk keeps everything. */
export interface KilledScenario extends CommonScenario {
  readonly kind: 'killed'
}

/** As recorded, on a disk that a killed machine has left: its recovery is crashed as well. */
export interface RestartedScenario extends CommonScenario {
  readonly kind: 'restarted'
  readonly workload: 'engine'
}

export type Scenario = RecordedScenario | FaultScenario | KilledScenario | RestartedScenario

const recorded = (
  workload: Scenario['workload'],
  fileSystem: FileSystem,
  sectorBytes: Scenario['sectorBytes'],
): Scenario => ({ kind: 'recorded', workload, fileSystem, sectorBytes })

const killed = (workload: Scenario['workload'], fileSystem: FileSystem): Scenario => ({
  kind: 'killed',
  workload,
  fileSystem,
  sectorBytes: 4096,
})

const restarted = (fileSystem: FileSystem, sectorBytes: Scenario['sectorBytes']): Scenario => ({
  kind: 'restarted',
  workload: 'engine',
  fileSystem,
  sectorBytes,
})

const fault = (
  disk: FaultScenario['disk'],
  operation: FaultScenario['operation'],
  lasting: FaultScenario['lasting'],
  workload: Scenario['workload'],
  fileSystem: FileSystem,
  nvmeRetries?: number,
): Scenario => ({
  kind: 'fault',
  disk,
  operation,
  lasting,
  workload,
  fileSystem,
  sectorBytes: 512,
  nvmeRetries,
})

/**
 * A pass goes through all of them. A durable write of the log is one command with FUA on NVMe, and
 * a write and a flush on virtio-blk.
 */
export const scenarios: readonly Scenario[] = [
  recorded('engine', 'ext4', 512),
  fault('nvme', 'write', 'sticky', 'engine', 'xfs'),
  recorded('log', 'xfs', 512),
  fault('nvme', 'flush', 'sticky', 'engine', 'ext4'),
  killed('engine', 'xfs'),
  recorded('engine', 'xfs', 4096),
  fault('nvme', 'write', 'once', 'log', 'ext4', 0),
  fault('nvme', 'flush', 'once', 'engine', 'xfs', 0),
  recorded('log', 'ext4', 4096),
  fault('virtio', 'flush', 'once', 'log', 'xfs'),
  fault('nvme', 'write', 'once', 'engine', 'ext4'),
  restarted('xfs', 512),
  killed('log', 'ext4'),
]

export function scenarioName(scenario: Scenario): string {
  const { kind, workload, fileSystem, sectorBytes } = scenario
  const where = `${workload} on ${fileSystem}, ${sectorBytes} B sectors`
  return kind === 'fault' ? `${where}, ${faultName(scenario)}` : `${where}, ${kind}`
}

export function faultName({ disk, operation, lasting, nvmeRetries }: FaultScenario): string {
  const retries = nvmeRetries === 0 ? ', not retried' : ''
  const name = disk === 'nvme' ? 'NVMe' : 'virtio-blk'
  return `${name} ${operation} error, ${lasting}${retries}`
}

const pageBytes = 4096
const segmentBytes = 64 * 1024

function engineOptions(random: Random): EngineOptions {
  return {
    pageSize: pageBytes,
    bufferPoolBytes: random.pick([24, 64]) * pageBytes,
    segmentBytes,
    bufferBytes: 64 * 1024,
    maxWalBytes: random.pick([64, 128, 256]) * 1024,
    maxLogBytes: 2 ** 20,
    tornPages: random.pick(['doublewrite', 'fullPageImages']),
    padToBlock: random.chance(0.3),
    writerDelayMs: 1,
    idleMarkMs: random.pick([1, 10]),
    checkpointTimeoutMs: random.pick([50, 200]),
    lockTimeoutMs: 10_000,
  }
}

function logOptions(random: Random): LogOptions {
  return {
    segmentBytes,
    bufferBytes: 64 * 1024,
    maxLogBytes: random.pick([4, 8, 16]) * segmentBytes,
    padToBlock: random.chance(0.3),
    writerDelayMs: 1,
    idleMarkMs: random.pick([1, 10]),
  }
}

/** What the machine does in the scenario. */
export function planOf({ workload }: Scenario, random: Random): MachinePlan {
  const seed = random.below(2 ** 31)
  const common = { seed, clients: 2 + random.below(3), amount: 120 }
  return workload === 'engine'
    ? { workload, ...common, options: engineOptions(random) }
    : { workload, ...common, options: logOptions(random) }
}
