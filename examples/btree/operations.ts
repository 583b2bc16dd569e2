import type { Operation } from '../../lib/index.ts'
import { recordOperations } from './record-operations.ts'
import { structureOperations } from './structure-operations.ts'

/** For `Engine.open`: an engine with trees in it needs them each time it is opened. */
export const btreeOperations: Readonly<Record<number, Operation>> = {
  ...recordOperations,
  ...structureOperations,
}
