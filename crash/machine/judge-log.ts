import { BrokenPromise } from '../block-device/subject.ts'
import type { Promised } from './ledger.ts'
import type { LogPlan } from './plan/machine-plan.ts'
import { indexOf, recordBody } from './plan/record-plan.ts'

/**
 * Whether the bodies are those of records that follow each other, from where the log may begin to
 * what was promised or later (I1, I3, I4).
 */
export function logViolation(
  { seed }: LogPlan,
  { beginnings, durableRecords, recordIntents }: Promised,
  bodies: readonly Uint8Array[],
): BrokenPromise | undefined {
  const [first] = bodies
  // An empty log may begin at any record that was not promised.
  const beginning = first === undefined ? undefined : indexOf(first)
  if (beginning !== undefined && !beginnings.includes(beginning)) {
    const message = `the log begins with record ${beginning}, not with ${beginnings.join(' or ')}`
    return new BrokenPromise('I4', message)
  }
  for (const [at, body] of bodies.entries()) {
    const index = (beginning ?? 0) + at
    if (index >= recordIntents) {
      return new BrokenPromise('I3', `record ${index} is there, and nobody has written it`)
    }
    if (!recordBody(seed, index).equals(body)) {
      return new BrokenPromise('I3', `record ${index} is another: it says ${indexOf(body)}`)
    }
  }
  const end = (beginning ?? Math.max(...beginnings)) + bodies.length
  if (end >= durableRecords) return undefined
  return new BrokenPromise('I1', `${durableRecords - end} promised records are lost, from ${end}`)
}
