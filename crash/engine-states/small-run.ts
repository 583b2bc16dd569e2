// One run of a small workload to the point where its power goes.
import { Engine } from '../../lib/index.ts'
import { CrashedDisk, type DeviceParameters } from '../../simulation/crashed-disk.ts'
import { SteppedWorld } from '../../simulation/stepped-world.ts'
import type { Choices } from '../choices.ts'
import type { Cells, Ledger } from './ledger.ts'
import type { WorkloadBounds } from './operations.ts'
import { SmallWorkload } from './small-workload.ts'
import { createStore, type StoreParameters, storeOptions } from './store.ts'

export interface SmallScope {
  readonly bounds: WorkloadBounds
  readonly store: StoreParameters
  readonly device: DeviceParameters
  /** Flushes do nothing: for the canary. */
  readonly lies: boolean
}

/** What all runs begin with: a store that was closed in order. */
export interface Beginning {
  readonly disk: CrashedDisk
  readonly cells: Cells
}

export async function prepare(scope: SmallScope): Promise<Beginning> {
  const world = new SteppedWorld(1)
  const disk = CrashedDisk.empty(scope.device)
  const cells = await createStore(world, disk.mount(), scope.store, scope.bounds.pages)
  world.abandon()
  if (scope.lies) disk.lie()
  return { disk, cells }
}

/** What was done, and what it left on the way. The disk has the image after each of its events. */
export interface SmallRun {
  readonly disk: CrashedDisk
  readonly ledger: Ledger
  /** The device's events when the last operation began. */
  readonly lastBeganAt: number
  readonly operations: string[]
  /** Nothing was possible any more before `goesOn` said to stop. */
  readonly isExhausted: boolean
}

/** Runs operations as long as `goesOn` says so, then ends the process. */
export async function runSmallWorkload(
  scope: SmallScope,
  beginning: Beginning,
  choices: Choices,
  goesOn: (operations: number) => boolean,
): Promise<SmallRun> {
  const disk = beginning.disk.copy()
  const world = new SteppedWorld(1)
  const engine = await world.run(Engine.open(disk.mount(), storeOptions(world, scope.store)))
  disk.record()
  const workload = new SmallWorkload(
    world,
    engine,
    scope.bounds,
    beginning.cells,
    () => disk.events,
  )
  const operations: string[] = []
  let lastBeganAt = 0
  let isExhausted = false
  while (goesOn(operations.length)) {
    const beganAt = disk.events
    const operation = await workload.next(choices)
    isExhausted = operation === undefined
    if (operation === undefined) break
    lastBeganAt = beganAt
    operations.push(operation)
  }
  await world.settle()
  world.abandon()
  return { disk, ledger: workload.ledger, lastBeganAt, operations, isExhausted }
}
