import type { FindingGroup, Severity } from '../../inspection/verify/finding.ts'
import type { LogUse } from '../../inspection/survey/lock-holders.ts'
import type { RepairReport } from '../../inspection/verify/repair.ts'
import type { VerifyCheck, VerifyReport } from '../../inspection/verify/verify.ts'
import type { Colours } from '../terminal/colour.ts'
import { bytesInWords, counted } from '../terminal/quantities.ts'

const nameColumns = 17
const markColumns = 9

/** The report as lines of text: one for each layer of checks, then what was found. */
export function reportInWords(report: VerifyReport, shownMax: number, colours: Colours): string[] {
  const { directory, isStore, oldestLSN, tail, found, checks } = report
  const what = isStore ? 'a store' : 'a log'
  return [
    `${colours.strong(directory)}: ${what}, LSN ${oldestLSN} to ${tail.endLSN}`,
    ...useInWords(report.use),
    ...checks.map((check) => checkInWords(check, found, colours)),
    ...found.flatMap((group) => ['', ...groupInWords(group, shownMax, colours)]),
    '',
    verdictInWords(report, colours),
  ]
}

export function repairInWords(report: RepairReport, shownMax: number, colours: Colours): string[] {
  const { outcome, before, after, reason = '', copy = '', copiedFiles = [], recovery } = report
  const first = reportInWords(before, shownMax, colours)
  if (outcome === 'refused') {
    return [...first, '', colours.bad(`not repaired, and nothing was changed: ${reason}`)]
  }
  if (after === undefined) return [...first, 'nothing to repair; nothing was changed']
  const cut = recovery?.cutBytes ?? 0
  return [
    ...first,
    '',
    `kept ${counted(copiedFiles.length, 'file')} as they were in ${copy}`,
    colours.good(
      `repaired: ${counted(cut, 'byte')} cut off behind LSN ${recovery?.keptTo ?? after.tail.endLSN}`,
    ),
    '',
    'and now:',
    ...reportInWords(after, shownMax, colours),
  ]
}

function useInWords({ state, holders }: LogUse): string[] {
  if (state === 'closed') return []
  if (state === 'unknown') return ['whether a process has it open cannot be told here']
  const who =
    holders.length === 0
      ? 'a process'
      : holders.map(({ pid, command }) => `process ${pid} (${command})`).join(', ')
  const how = state === 'writer' ? 'for writing' : 'for reading'
  return [`${who} has it open ${how}: this is what it was at one moment`]
}

function checkInWords(
  { name, counts, skipped }: VerifyCheck,
  found: readonly FindingGroup[],
  colours: Colours,
): string {
  const own = found.filter(({ check }) => check === name)
  const worst = own[0]?.severity
  const isLeftOut = skipped !== undefined && Object.values(counts).every((count) => count === 0)
  const mark = worst === 'note' || worst === undefined ? (isLeftOut ? 'skipped' : 'ok') : worst
  const parts = isLeftOut
    ? []
    : Object.entries(counts).map(([unit, count]) =>
        unit === 'bytes' ? bytesInWords(count) : counted(count, unit.slice(0, -1)),
      )
  const findings = own.reduce((sum, { count }) => sum + count, 0)
  if (findings > 0) parts.push(counted(findings, 'finding'))
  const text = [parts.join(', '), skipped ?? ''].filter((part) => part !== '').join('; ')
  return `  ${paint(worst, colours)(mark.padEnd(markColumns))}${name.padEnd(nameColumns)}${text}`
}

function groupInWords(group: FindingGroup, shownMax: number, colours: Colours): string[] {
  const { severity, code, count, findings, remedy } = group
  const shown = findings.slice(0, shownMax)
  const more = count - shown.length
  return [
    paint(severity, colours)(`${severity}: ${code}${count > 1 ? ` (${count})` : ''}`),
    ...shown.map(({ sentence }) => `  ${sentence}`),
    ...(more > 0 ? [`  and ${counted(more, 'more like it', 'more like these')}`] : []),
    `  ${colours.faint('what to do:')} ${remedy}`,
  ]
}

function verdictInWords({ damage, warnings, notes }: VerifyReport, colours: Colours): string {
  const beside = notes > 0 ? `, ${counted(notes, 'note')}` : ''
  if (damage > 0) {
    const also = warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''
    return colours.bad(`DAMAGED: ${counted(damage, 'finding')} of damage${also}${beside}`)
  }
  if (warnings > 0) {
    return colours.warning(`nothing is lost, ${counted(warnings, 'warning')}${beside}`)
  }
  return colours.good(`all is well${beside}`)
}

function paint(severity: Severity | undefined, colours: Colours): (text: string) => string {
  if (severity === 'damage') return colours.bad
  return severity === 'warning' ? colours.warning : colours.good
}
