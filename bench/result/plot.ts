import type { Spread } from '../measure/spread.ts'
import type { Unit } from './row.ts'

export interface Axis {
  readonly label: string
  /** Undefined: a plain number, such as committers or a share. */
  readonly unit?: Unit
  readonly scale: 'linear' | 'log'
}

/** Who a line is about: it has the same colour in every plot of the report. */
export type Role = 'own' | 'limit' | 'peer'

export interface Line {
  readonly label: string
  readonly role: Role
  /**
   * In rising order of x. `y` has its spread where it was measured in several rounds. A limit with a
   * single point is a level: it is drawn across the whole plot, and its x does not matter.
   */
  readonly points: readonly { readonly x: number; readonly y: Spread }[]
}

/** Something to look at: lines over a common axis. */
export interface Plot {
  /** Unique within its case. */
  readonly name: string
  readonly title: string
  /** One sentence: what to see in it, and what was held constant. */
  readonly caption: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
}
