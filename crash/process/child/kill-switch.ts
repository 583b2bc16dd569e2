import { createRequire } from 'node:module'

import { type Arming, type Command, moments, operations } from '../protocol.ts'

type KillAt = (
  operation: number,
  path: string,
  moment: number,
  count: number,
  delayUs: number,
) => void

const require = createRequire(import.meta.url)

/** From here on the operations that the command's point names are counted, if it says so. */
export function arm({ point, nativeBinding }: Command, arming: Arming): void {
  if (point?.arming !== arming) return
  const { killAt } = require(nativeBinding) as { killAt: KillAt }
  const { operation, path, moment, count, delayUs } = point
  killAt(operations.indexOf(operation), path, moments.indexOf(moment), count, delayUs ?? 0)
}
