import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { deviceDirectory } from './leftovers.ts'
import { LineProcess } from './line-process.ts'
import { programs } from './programs.ts'

export type FileSystem = 'xfs' | 'ext4'

export interface DeviceOptions {
  readonly fileSystem: FileSystem
  readonly sectorBytes: 512 | 4096
}

/** What becomes of bytes that no flush covered; recording.h. */
export interface Coins {
  readonly seed: number
  /** 0 to 256: how many of 256 atoms survive. */
  readonly keptOf256: number
  /** Bytes that are kept or lost together; 0: each write as a whole. */
  readonly atomBytes: number
}

export interface CrashSummary {
  readonly durableWrites: number
  readonly volatileWrites: number
  readonly keptAtoms: number
  readonly lostAtoms: number
}

/** When it was issued and completed, and how many writes were volatile until then. */
export interface Flush {
  readonly issued: number
  readonly completed: number
  readonly volatileWrites: number
}

export interface DeviceStatistics {
  readonly depth: number
  readonly events: number
  readonly reads: number
  readonly writes: number
  readonly flushes: number
  readonly droppedFlushes: number
  readonly injectedFaults: number
  readonly cpuMicroseconds: number
}

const mib = 2 ** 20
const makeFileSystem = {
  xfs: { bytes: 320 * mib, command: 'mkfs.xfs', args: ['-q', '-f', '-K'], options: 'nouuid' },
  ext4: {
    bytes: 96 * mib,
    command: 'mkfs.ext4',
    args: [
      ...['-q', '-F', '-b', '4096', '-J', 'size=8'],
      ...['-E', 'nodiscard,lazy_itable_init=0,lazy_journal_init=0'],
    ],
    options: 'noinit_itable',
  },
} as const

/**
 * A file system on a loop device on a device server that records everything which comes to it, and
 * can show what a crash at any moment of it may leave. One command at a time.
 */
export class BlockDevice {
  readonly options: DeviceOptions
  /** Where the file system is mounted. */
  readonly mountPoint: string
  readonly #directory: string
  readonly #server: LineProcess
  readonly #mounter: LineProcess
  readonly #eventsFile: number
  /** The block device itself, /dev/loopN. */
  readonly loop: string
  /** What it lies on; reading it shows what the device holds, past every cache. */
  readonly file: string
  readonly #counter = new BigUint64Array(1)
  #isMounted = false

  private constructor(
    options: DeviceOptions,
    directory: string,
    server: LineProcess,
    mounter: LineProcess,
    loop: string,
  ) {
    this.options = options
    this.mountPoint = join(directory, 'mount')
    this.#directory = directory
    this.#server = server
    this.#mounter = mounter
    this.loop = loop
    this.file = join(directory, 'device/disk')
    this.#eventsFile = openSync(join(directory, 'events'), 'r')
  }

  /** Starts a device of zeros in a new folder in `parent`. */
  static async open(parent: string, options: DeviceOptions): Promise<BlockDevice> {
    const directory = deviceDirectory(parent)
    mkdirSync(join(directory, 'mount'), { recursive: true })
    const { bytes } = makeFileSystem[options.fileSystem]
    const server = new LineProcess(programs.server, [directory, String(bytes)])
    const mounter = new LineProcess(programs.mounter)
    try {
      await server.ready()
      const file = join(directory, 'device/disk')
      const loop = await mounter.ask(`attach ${file} ${options.sectorBytes}`)
      return new BlockDevice(options, directory, server, mounter, loop)
    } catch (error) {
      await mounter.end()
      await server.end()
      rmSync(directory, { recursive: true, force: true })
      throw error
    }
  }

  /** Unmounts, detaches, ends. */
  async close(): Promise<void> {
    closeSync(this.#eventsFile)
    await this.#mounter.end()
    await this.#server.end()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** How many events the current recording has. Read at once, without asking the server. */
  readonly events = (): number => {
    readSync(this.#eventsFile, this.#counter, 0, 8, 0)
    return Number(this.#counter[0])
  }

  /** Makes an empty file system. */
  format(): void {
    const { fileSystem, sectorBytes } = this.options
    const { command, args } = makeFileSystem[fileSystem]
    // A torn superblock (1 KiB) would not be mounted for its checksum.
    const isTearable = fileSystem === 'ext4' && sectorBytes === 512
    const features = isTearable ? ['-O', '^metadata_csum'] : []
    execFileSync(command, [...args, ...features, this.loop], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  async mount(): Promise<void> {
    const { fileSystem } = this.options
    const { options } = makeFileSystem[fileSystem]
    await this.#mounter.ask(`mount ${this.loop} ${this.mountPoint} ${fileSystem} ${options}`)
    this.#isMounted = true
  }

  async unmount(): Promise<void> {
    if (!this.#isMounted) return
    this.#isMounted = false
    await this.#mounter.ask(`unmount ${this.mountPoint}`)
  }

  /** The file system stops at once, and forgets what it has not written to its journal. */
  async shutDownFileSystem(): Promise<void> {
    await this.#mounter.ask(`shutdown ${this.mountPoint}`)
  }

  /** The kernel believes that there is no volatile cache, and never flushes; until it is closed. */
  hideVolatileCache(): void {
    const name = this.loop.slice(this.loop.lastIndexOf('/') + 1)
    writeFileSync(`/sys/block/${name}/queue/write_cache`, 'write through')
  }

  /** What the device shows now is the durable base of recording 0; the others are forgotten. */
  async record(): Promise<void> {
    await this.#server.ask('record')
  }

  /**
   * Shows what a crash of recording `depth` before its event `event` may leave; what comes then is
   * recording `depth` + 1. Not while it is mounted.
   */
  async present(depth: number, event: number, coins: Coins): Promise<CrashSummary> {
    const { seed, keptOf256, atomBytes } = coins
    const line = `present ${depth} ${event} ${seed} ${keptOf256} ${atomBytes}`
    return JSON.parse(await this.#server.ask(line)) as CrashSummary
  }

  /** Every flush of a recording. */
  async flushes(depth: number): Promise<Flush[]> {
    const rows = JSON.parse(await this.#server.ask(`flushes ${depth}`)) as [
      number,
      number,
      number,
    ][]
    return rows.map(([issued, completed, volatileWrites]) => ({
      issued,
      completed,
      volatileWrites,
    }))
  }

  async mark(): Promise<number> {
    return Number(await this.#server.ask('mark'))
  }

  /** The `nth` operation of its kind from now on fails; with `sticky` those after it too. */
  async setFault(
    operation: 'read' | 'write' | 'flush',
    nth: number,
    errno: number,
    lasting: 'once' | 'sticky',
  ): Promise<void> {
    await this.#server.ask(`fault ${operation} ${nth} ${errno} ${lasting}`)
  }

  async clearFaults(): Promise<void> {
    for (const operation of ['read', 'write', 'flush'] as const) {
      await this.setFault(operation, 0, 0, 'once')
    }
  }

  /** Every n-th flush is answered and not done; 0: none is. */
  async dropEveryFlush(every: number): Promise<void> {
    await this.#server.ask(`drop ${every}`)
  }

  /** So many of 256 answers come later, by up to so many microseconds. */
  async hold(heldOf256: number, microsecondsMax: number, seed: number): Promise<void> {
    await this.#server.ask(`hold ${heldOf256} ${microsecondsMax} ${seed}`)
  }

  /** Writes the blocks with which the current recording began to a file. */
  async save(path: string): Promise<void> {
    await this.#server.ask(`save ${path}`)
  }

  async load(path: string): Promise<void> {
    await this.#server.ask(`load ${path}`)
  }

  async statistics(): Promise<DeviceStatistics> {
    return JSON.parse(await this.#server.ask('statistics')) as DeviceStatistics
  }

  /** CPU seconds of the two programs so far. */
  async cpuSeconds(): Promise<number> {
    const { cpuMicroseconds } = await this.statistics()
    return (cpuMicroseconds + Number(await this.#mounter.ask('cpu'))) / 1e6
  }
}
