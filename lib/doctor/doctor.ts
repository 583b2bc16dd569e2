import type { Facts } from './facts.ts'
import { type Finding, gravest, type Level } from './finding.ts'
import { conclusionOf } from './conclusion.ts'
import { examineFacts, type FindingGroup } from './examine-facts.ts'
import { gather } from './gather/gather.ts'
import { type System, thisSystem } from './gather/system.ts'
import { measure, type MeasureOptions, unfitBecause } from './measure/measure.ts'

export interface DoctorReport {
  readonly directory: string
  readonly level: Level
  readonly conclusion: string
  readonly groups: readonly FindingGroup[]
  readonly facts: Facts
}

/**
 * Looks at the machine and the drive below `directory`. Writes nothing but a scratch directory in
 * it, and not even that when `measuring` is undefined. Nothing is left behind when this is settled.
 *
 * @throws what `measuring.signal` was aborted with; the error of a directory that does not exist
 */
export async function runDoctor(
  directory: string,
  measuring: MeasureOptions | undefined,
  system: System = thisSystem,
): Promise<DoctorReport> {
  const known = gather(directory, system)
  const unfit =
    measuring === undefined ? 'it was not asked for' : unfitBecause(known.space, known.limits)
  const measured =
    measuring === undefined || unfit !== ''
      ? { notMeasured: unfit, isRefused: false, trial: undefined, rows: [] }
      : await measure(known.directory.path, known.addon, measuring)
  return reportOf({ ...known, measured })
}

/** The judgement of facts. */
export function reportOf(facts: Facts): DoctorReport {
  const groups = examineFacts(facts)
  const findings: Finding[] = groups.flatMap((group) => group.findings)
  return {
    directory: facts.directory.path,
    level: gravest(findings),
    conclusion: conclusionOf(findings, facts.measured),
    groups,
    facts,
  }
}
