import { type Ledger, type Promised } from './ledger.ts'
import type { MachinePlan } from './plan/machine-plan.ts'

/** One time that the machine ran, from boot to its end. */
export interface Life {
  readonly plan: MachinePlan
  readonly ledger: Ledger
}

/** What a life has left to judge. JSON, for failure files. */
export interface JudgedLife {
  readonly plan: MachinePlan
  readonly promised: Promised
}

/**
 * What the lives have promised when the disk of the last one stopped after `recordBytes` of its
 * record. What was promised in the lives before it holds from the start.
 */
export function livesWithin(lives: readonly Life[], recordBytes: number): JudgedLife[] {
  return lives.map(({ plan, ledger }, at) => {
    const isLast = at === lives.length - 1
    return { plan, promised: ledger.promisedWithin(isLast ? recordBytes : Infinity) }
  })
}
