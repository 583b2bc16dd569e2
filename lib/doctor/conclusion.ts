import type { MeasuredFacts } from './facts.ts'
import type { Finding, Level } from './finding.ts'

/** The whole report in a sentence or two. */
export function conclusionOf(findings: readonly Finding[], measured: MeasuredFacts): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length
  const [problems, warnings] = [count('problem'), count('warning')]
  const unmeasured = measured.rows.length === 0 ? ' Nothing was measured.' : ''
  if (problems > 0) {
    const also = warnings === 0 ? '' : ` Look into ${things(warnings)} more.`
    return (
      `Do not rely on commits here before ${things(problems)} ` +
      `${problems === 1 ? 'is' : 'are'} changed.${also}${unmeasured}`
    )
  }
  if (warnings > 0) {
    return (
      `Nothing that was found makes commits fail, but ${things(warnings)} should be ` +
      `looked into.${unmeasured}`
    )
  }
  return (
    'Nothing that was found needs to change. Only a power cut proves a drive: seawall ' +
    `rig.${unmeasured}`
  )
}

function things(count: number): string {
  return count === 1 ? 'one thing' : `${count} things`
}
