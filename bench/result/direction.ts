import type { Row, Unit } from './row.ts'

export type Direction = 'higher is better' | 'lower is better'

const directions: Readonly<Record<Unit, Direction>> = {
  '/s': 'higher is better',
  'MB/s': 'higher is better',
  MiB: 'lower is better',
  'per commit': 'lower is better',
  'bytes/byte': 'lower is better',
  's per million': 'lower is better',
  us: 'lower is better',
  ms: 'lower is better',
  s: 'lower is better',
  '%': 'lower is better',
}

/** A row with a target says it itself; otherwise the unit does. Its ratio has the same direction. */
export function directionOf({ unit, target }: Pick<Row, 'unit' | 'target'>): Direction {
  if (target?.text.startsWith('>=')) return 'higher is better'
  if (target?.text.startsWith('<=')) return 'lower is better'
  return directions[unit]
}
