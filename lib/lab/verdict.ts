import type { Verdict } from './lab-types.ts'

/**
 * What somebody knows of a record. `recovered`: an earlier recovery found it. `durable`: its
 * committer was told that it is. `early`: acknowledged before it was durable (async).
 */
export type Acknowledgement = 'recovered' | 'durable' | 'early' | 'none'

/** What is known about a record when recovery is over. */
export interface JudgedRecord {
  readonly number: number
  readonly acknowledgement: Acknowledgement
  readonly hasSurvived: boolean
}

/**
 * Compares what was acknowledged with what survived. `records` in the order of their LSNs;
 * `hasLied`: the drive has ignored flushes that these records rely on.
 */
export function judge(records: readonly JudgedRecord[], hasLied: boolean): Verdict {
  const those = (...kinds: Acknowledgement[]) =>
    records.filter(({ acknowledgement }) => kinds.includes(acknowledgement))
  const survivorsOf = (some: readonly JudgedRecord[]) =>
    some.filter(({ hasSurvived }) => hasSurvived).length
  const promised = those('recovered', 'durable')
  const known = those('recovered', 'durable', 'early')
  const lost = known.length - survivorsOf(known)
  const firstLost = records.findIndex(({ hasSurvived }) => !hasSurvived)
  const lostOnlySuffix = firstLost === -1 || survivorsOf(records.slice(firstLost)) === 0
  const isBroken = survivorsOf(promised) < promised.length || !lostOnlySuffix
  const outcome = isBroken ? (hasLied ? 'lied' : 'broken') : lost > 0 ? 'allowed' : 'kept'
  return {
    outcome,
    sentence: sentenceOf(outcome, lost),
    recovered: those('recovered').length,
    recoveredSurvived: survivorsOf(those('recovered')),
    acknowledged: those('durable', 'early').length,
    acknowledgedSurvived: survivorsOf(those('durable', 'early')),
    unanswered: those('none').length,
    unansweredSurvived: survivorsOf(those('none')),
    lostOnlySuffix,
  }
}

function sentenceOf(outcome: Verdict['outcome'], lost: number): string {
  const records = lost === 1 ? '1 acknowledged record is' : `${lost} acknowledged records are`
  switch (outcome) {
    case 'kept':
      return 'The promise was kept: every acknowledged record is there.'
    case 'allowed':
      return `${records} lost, all of them the newest: async mode allows that.`
    case 'lied':
      return `${records} lost: the drive lied, and no log can make up for that.`
    case 'broken':
      return `${records} lost, and nobody lied. That is a bug in Seawall: please report it with the seed.`
  }
}
