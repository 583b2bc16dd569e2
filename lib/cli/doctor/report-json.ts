import type { DoctorReport } from '../../doctor/doctor.ts'

/** The report for programs: one flat list of findings, the table, and what it was judged from. */
export function jsonOf(report: DoctorReport, version: string): string {
  const { directory, level, conclusion, groups, facts } = report
  const { measured, ...others } = facts
  const value = {
    version,
    directory,
    level,
    conclusion,
    findings: groups.flatMap(({ heading, findings }) =>
      findings.map((finding) => ({ group: heading, ...finding })),
    ),
    notMeasured: measured.notMeasured,
    measurements: measured.rows,
    facts: { ...others, trial: measured.trial },
  }
  // What could not be found out is there, as null.
  return JSON.stringify(value, (_, part: unknown) => (part === undefined ? null : part), 2)
}
