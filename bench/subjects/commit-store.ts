// A store that stays open between measurements: the process is told again and again how many
// committers to run, so that neither its start nor compiling its code is measured, and two
// processes can be measured by turns.
import { readFileSync, writeFileSync } from 'node:fs'

import { statusBytes, usageDetails } from '../commits/usage.ts'
import { BlockDevice } from '../measure/block-device.ts'
import { countersBetween } from '../measure/device-counts.ts'
import type { Sample } from '../measure/rounds.ts'
import { runBlocking, runCommitters } from './committers.ts'
import { openStore, type Store, type StoreConfig } from './open-store.ts'

export interface CommitStoreConfig extends StoreConfig {
  readonly bodyBytes: number
  readonly emptyWritesPerFlush: number
  /** A store that has taken in more is begun anew, so that stores do not fill the disk. */
  readonly storeBytesMax: number
}

export interface CommitStoreRequest {
  readonly committers: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

export type CommitStoreReply = { ready: true } | { sample: Sample } | { failure: string }

/** What the process uses while it is measured. */
class UsageMeter {
  readonly #config: CommitStoreConfig
  readonly #device: BlockDevice | undefined
  readonly #openBytes = memoryBytes('VmRSS')
  #begun = { device: undefined as ReturnType<BlockDevice['counters']> | undefined, cpuSeconds: 0 }
  details: Record<string, number> = {}

  constructor(config: CommitStoreConfig) {
    this.#config = config
    this.#device = BlockDevice.of(config.directory)
  }

  begin(): void {
    resetPeakMemory()
    this.#begun = { device: this.#device?.counters(), cpuSeconds: cpuSeconds() }
  }

  end(commits: number): void {
    const cpu = cpuSeconds() - this.#begun.cpuSeconds
    const device = this.#device?.counters()
    const { bodyBytes, emptyWritesPerFlush } = this.#config
    const peak = memoryBytes('VmHWM')
    this.details = usageDetails({
      commits,
      bodyBytes,
      cpuSeconds: cpu,
      device: device && this.#begun.device && countersBetween(this.#begun.device, device),
      emptyWritesPerFlush,
      memoryGrowthBytes: peak && this.#openBytes && Math.max(0, peak - this.#openBytes),
    })
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function memoryBytes(field: 'VmRSS' | 'VmHWM'): number | undefined {
  return statusBytes(readFileSync('/proc/self/status', 'utf8'), field)
}

/** proc(5): 5 resets the peak of the resident set. Where that is forbidden, the peak includes the warm-up. */
function resetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // The peak is a little too high then.
  }
}

class CommitStore {
  readonly #config: CommitStoreConfig
  readonly #body: Buffer
  readonly #meter: UsageMeter
  #store: Store
  #commits = 0

  private constructor(config: CommitStoreConfig, store: Store) {
    this.#config = config
    this.#body = Buffer.alloc(config.bodyBytes, 1)
    this.#store = store
    this.#meter = new UsageMeter(config)
  }

  static async open(config: CommitStoreConfig): Promise<CommitStore> {
    return new CommitStore(config, await openStore(config))
  }

  async run({ committers, seconds, warmUpSeconds }: CommitStoreRequest): Promise<Sample> {
    const { commit, commitSync } = this.#store
    const body = this.#body
    const options = { warmUpSeconds, meter: this.#meter }
    const count = (): void => {
      this.#commits += 1
    }
    const sample =
      commit === undefined
        ? runBlocking(() => (count(), commitSync?.(body)), seconds, options)
        : await runCommitters(() => (count(), commit(body)), committers, seconds, options)
    await this.#beginAnew()
    return { value: sample.value, details: { ...sample.details, ...this.#meter.details } }
  }

  async #beginAnew(): Promise<void> {
    const { bodyBytes, storeBytesMax } = this.#config
    if (this.#commits * bodyBytes <= storeBytesMax) return
    await this.#store.close()
    this.#store = await openStore(this.#config)
    this.#commits = 0
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

function tell(message: CommitStoreReply): void {
  process.send?.(message)
}

function tellFailure(error: unknown): void {
  tell({ failure: error instanceof Error ? error.message : String(error) })
}

async function main(): Promise<void> {
  const store = await CommitStore.open(JSON.parse(process.argv[2] ?? '{}') as CommitStoreConfig)
  process.on('message', (request: CommitStoreRequest | 'close') => {
    if (request === 'close') void store.close().then(() => process.disconnect(), tellFailure)
    else store.run(request).then((sample) => tell({ sample }), tellFailure)
  })
  // Nobody asks any more: the parent has died.
  process.once('disconnect', () => process.exit())
  tell({ ready: true })
}

main().catch(tellFailure)
