import type { Arming, KillPoint } from './protocol.ts'

/** A moment in the life of a store that has a name, and at which a process is killed. */
export interface NamedPoint extends KillPoint {
  readonly name: string
  /** In a directory that does not exist yet. */
  readonly isNew?: boolean
  /** How the process before it was killed, where that matters. */
  readonly before?: KillPoint
  /** What the restart after it must say of itself; otherwise it was not what the name says. */
  readonly leaves?: RegExp
  /** Options of the log or engine that it takes to come there. */
  readonly options?: Record<string, unknown>
}

type Step = [name: string, moment: KillPoint['moment'], count?: number]

/** Several moments of operations on the same file, each with its name. */
export function pointsAt(
  arming: Arming,
  operation: KillPoint['operation'],
  path: string,
  steps: readonly Step[],
  rest: Partial<NamedPoint> = {},
): NamedPoint[] {
  return steps.map(([name, moment, count = 1]) => ({
    ...rest,
    arming,
    operation,
    path,
    moment,
    count,
    name,
  }))
}

/** A kill in the middle of work, so that the next process has something to recover. */
export const inTheMiddleOfWork: KillPoint = {
  arming: 'running',
  operation: 'durableWrite',
  path: 'wal/*.wal',
  moment: 'before',
  count: 40,
}
