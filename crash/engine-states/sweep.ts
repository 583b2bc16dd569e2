// One fault at one operation of a fixed workload, or of the recovery after it.
import { Engine, SeawallError } from '../../lib/index.ts'
import {
  CrashedDisk,
  type DeviceParameters,
  type DiskFault,
  type OperationKind,
} from '../../simulation/crashed-disk.ts'
import { SteppedWorld } from '../../simulation/stepped-world.ts'
import { generator } from '../../test/support/random.ts'
import { type Bounds, brokenPromise, type Cells, Ledger, stateWithin } from './ledger.ts'
import type { WorkloadBounds } from './operations.ts'
import { recover, type Violation } from './recovery.ts'
import { SmallWorkload } from './small-workload.ts'
import { createStore, readStore, type StoreParameters, storeOptions } from './store.ts'

export type SweepPhase = 'running' | 'recovering'

export interface SweepOutcome {
  /** The fault came to pass. */
  readonly wasHit: boolean
  /** Somebody was told of it. */
  readonly wasReported: boolean
  readonly violation: Violation | undefined
}

interface Attempt {
  readonly bounds: Bounds
  readonly wasReported: boolean
  readonly violation: Violation | undefined
}

const device: DeviceParameters = { sectorBytes: 512, outcomes: 'whole' }
const bounds: WorkloadBounds = {
  transactions: 6,
  operationsPerTransaction: 5,
  pages: 2,
  cellsPerPage: 2,
  checkpoints: 3,
}
const operationsMax = 30
const idleMs = 1000
const noSpaceErrno = 28

/** A workload to be swept: the same operations each time, as far as the fault lets them. */
export class Sweep {
  readonly #store: StoreParameters
  readonly #workloadSeed: number
  readonly #start: CrashedDisk
  readonly #cells: Cells

  private constructor(store: StoreParameters, seed: number, start: CrashedDisk, cells: Cells) {
    this.#store = store
    this.#workloadSeed = seed
    this.#start = start
    this.#cells = cells
  }

  /** `workloadSeed` decides what the workload is. */
  static async prepare(store: StoreParameters, workloadSeed: number): Promise<Sweep> {
    const world = new SteppedWorld(1)
    const disk = CrashedDisk.empty(device)
    const cells = await createStore(world, disk.mount(), store, bounds.pages)
    world.abandon()
    return new Sweep(store, workloadSeed, disk, cells)
  }

  /** How many operations of each kind there are to be hit. */
  async operations(phase: SweepPhase): Promise<Record<OperationKind, number>> {
    const disk = this.#start.copy()
    const { ledger } = await this.#use(disk, phase)
    if (phase === 'running') return disk.operations()
    const crashed = disk.crash('cut', 1)
    await recover(crashed, this.#store, bounds, ledger.boundsAt(Infinity))
    return crashed.operations()
  }

  /** Runs with the fault in its place; then everything works again, and what is there is judged. */
  async run(phase: SweepPhase, fault: DiskFault): Promise<SweepOutcome> {
    const disk = this.#start.copy()
    if (phase === 'running') disk.fault(fault)
    const { ledger, wasReported, violation } = await this.#use(disk, phase)
    const wasHit = disk.hits > 0
    const crashed = disk.crash('cut', 1)
    disk.forget()
    const allowed = ledger.boundsAt(Infinity)
    if (phase === 'running') {
      const late = violation ?? afterFailure(ledger, fault)
      const outcome = await this.#judge(crashed, allowed)
      return { wasHit, wasReported, violation: late ?? outcome }
    }
    crashed.fault(fault)
    const attempt = await this.#attempt(crashed, allowed)
    const hits = crashed.hits
    const again = crashed.crash('cut', 2)
    crashed.forget()
    const outcome = await this.#judge(again, attempt.bounds)
    return { ...attempt, wasHit: hits > 0, violation: attempt.violation ?? outcome }
  }

  async #judge(disk: CrashedDisk, allowed: Bounds): Promise<Violation | undefined> {
    const { violation } = await recover(disk, this.#store, bounds, allowed)
    disk.forget()
    return violation
  }

  /** The events that the ledger counts are faults that came to pass. */
  async #use(
    disk: CrashedDisk,
    phase: SweepPhase,
  ): Promise<{ ledger: Ledger; wasReported: boolean; violation: Violation | undefined }> {
    const world = new SteppedWorld(1)
    const random = generator(this.#workloadSeed)
    let workload: SmallWorkload | undefined
    let wasReported = false
    let violation: Violation | undefined
    try {
      const engine = await world.run(Engine.open(disk.mount(), storeOptions(world, this.#store)))
      workload = new SmallWorkload(world, engine, bounds, this.#cells, () => disk.hits)
      for (let i = 0; i < operationsMax; i++) {
        if ((await workload.next({ pick: (count) => random(count) })) === undefined) break
      }
      await workload.finish()
      // The last batch is promised nowhere before: a sector of it that cannot be read is taken for
      // what a power cut does.
      if (phase === 'recovering') await world.idle(idleMs)
    } catch (error) {
      wasReported = true
      if (!(error instanceof SeawallError)) violation = untyped(error)
    }
    if (workload !== undefined && violation === undefined) {
      violation = await workload.finishAll().then(() => undefined, untyped)
    }
    world.abandon()
    const ledger = workload?.ledger ?? new Ledger(this.#cells)
    return { ledger, wasReported, violation }
  }

  /** A recovery that the fault hits: it fails with a typed error, or shows what it may. */
  async #attempt(disk: CrashedDisk, allowed: Bounds): Promise<Attempt> {
    const world = new SteppedWorld(1)
    const failed = { bounds: allowed, wasReported: true }
    try {
      const engine = await world.run(Engine.open(disk.mount(), storeOptions(world, this.#store)))
      const cells = await world.run(readStore(engine, bounds.pages, bounds.cellsPerPage))
      const state = stateWithin(allowed, cells)
      if (state === undefined) return { ...failed, violation: brokenPromise(allowed, cells) }
      const shown = { ...allowed, first: state, last: state }
      return { bounds: shown, wasReported: false, violation: undefined }
    } catch (error) {
      return { ...failed, violation: error instanceof SeawallError ? undefined : untyped(error) }
    } finally {
      world.abandon()
    }
  }
}

// I14: what was asked for after the log had failed is never promised. Only a full disk may hit a
// segment that is prepared ahead, which the log can do without for the moment.
function afterFailure(ledger: Ledger, fault: DiskFault): Violation | undefined {
  const isOfLog = fault.path === '/wal/' && ['write', 'sync'].includes(fault.operation)
  if (!isOfLog || fault.errno === noSpaceErrno || !ledger.hasPromisedFrom(1)) return undefined
  return { oracle: 'I14', message: 'a commit succeeded after the log had failed' }
}

function untyped(error: unknown): Violation {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { oracle: 'I13', message: `not a typed error: ${message}` }
}
