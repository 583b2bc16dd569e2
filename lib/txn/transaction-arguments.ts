import { SeawallError } from '../errors.ts'
import { show } from '../util/show.ts'
import type { LockMode } from './lock-mode.ts'

const lockModes: readonly LockMode[] = ['IS', 'IX', 'S', 'SIX', 'X']

/** Throws when `mode` is no mode of a lock. */
export function checkMode(mode: unknown): void {
  if (!lockModes.includes(mode as LockMode)) throw invalid(`not a lock mode: ${show(mode)}`)
}

export function invalid(detail: string): SeawallError {
  return new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
}
