// One recovery of a small store after a crash, and what it shows.
import { Engine } from '../../lib/index.ts'
import type { CrashedDisk } from '../../simulation/crashed-disk.ts'
import { SteppedWorld } from '../../simulation/stepped-world.ts'
import { type Bounds, brokenPromise, type Cells, stateWithin } from './ledger.ts'
import type { WorkloadBounds } from './operations.ts'
import { readStore, type StoreParameters, storeOptions } from './store.ts'

export interface Violation {
  /** Which promise was broken: I1 to I18. */
  readonly oracle: string
  readonly message: string
}

export interface RecoveryOutcome {
  readonly violation: Violation | undefined
  /** The number of the state that it showed. */
  readonly state: number
  /** The device's events when the store was open, and later when it had been read. */
  readonly openedAt: number
}

/** Opens the store on `disk`, reads all of it, and ends the process. */
export async function recover(
  disk: CrashedDisk,
  parameters: StoreParameters,
  { pages, cellsPerPage }: WorkloadBounds,
  bounds: Bounds,
): Promise<RecoveryOutcome> {
  const world = new SteppedWorld(1)
  let openedAt = 0
  let cells: Cells
  try {
    const engine = await world.run(Engine.open(disk.mount(), storeOptions(world, parameters)))
    openedAt = disk.events
    cells = await world.run(readStore(engine, pages, cellsPerPage))
  } catch (error) {
    const message = `recovery failed: ${error instanceof Error ? error.message : String(error)}`
    return { violation: { oracle: 'I13', message }, state: 0, openedAt }
  } finally {
    world.abandon()
  }
  const state = stateWithin(bounds, cells)
  if (state === undefined) return { violation: brokenPromise(bounds, cells), state: 0, openedAt }
  return { violation: undefined, state, openedAt }
}
