import type { ProbeKind } from '../protocol/messages.ts'
import { exitCodes } from '../rig-error.ts'

/** Who is to blame. */
export type Culprit =
  | 'none'
  | 'device'
  | 'file system or mount'
  | 'device or file system'
  | 'engine'
  | 'engine or below'

/**
 * Whatever lies lowest and has lost something is to blame: what stands on it cannot do better. A
 * layer is cleared only by a probe below it that lost nothing.
 */
export function culpritOf(kinds: readonly ProbeKind[], dirty: ReadonlySet<ProbeKind>): Culprit {
  if (dirty.has('device')) return 'device'
  if (dirty.has('file')) {
    return kinds.includes('device') ? 'file system or mount' : 'device or file system'
  }
  if (dirty.has('engine')) return kinds.includes('file') ? 'engine' : 'engine or below'
  return 'none'
}

export function exitCodeOf(culprit: Culprit, cleanValidCuts: number): number {
  switch (culprit) {
    case 'none':
      return cleanValidCuts > 0 ? exitCodes.clean : exitCodes.inconclusive
    case 'engine':
    case 'engine or below':
      return exitCodes.engine
    case 'device':
    case 'device or file system':
    case 'file system or mount':
      return exitCodes.device
  }
}
