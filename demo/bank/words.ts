// What the demo of the bank says.
import type { RestartReport } from '../../lib/index.ts'
import type { Verdict } from './verdict.ts'

export function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** '1 record', '2 records'. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

/** '12,345/s'. */
export function perSecond(count: number, elapsedMs: number): string {
  return `${grouped(Math.round((count * 1000) / Math.max(1, elapsedMs)))}/s`
}

function describeLogEnd({ log }: RestartReport): string {
  const end = `The log ended at LSN ${grouped(log.keptTo)}`
  if (log.decision !== 'torn-tail') return `${end}, with nothing half written behind it.`
  return `${end}; ${counted(log.cutBytes, 'byte')} of an unfinished write behind it were cut off.`
}

function describeAnalysis({ analysis }: RestartReport): string {
  const { records, losers, dirtyPages } = analysis
  const transactions =
    losers === 0
      ? 'every transaction had finished'
      : `${counted(losers, 'transaction')} had not finished`
  const pages = dirtyPages === 0 ? 'no page lacks' : `${counted(dirtyPages, 'page')} may lack`
  const read = `Analysis read ${counted(records, 'record')} since the checkpoint`
  return `${read}: ${transactions}, ${pages} changes.`
}

function describeRedo({ redo }: RestartReport): string {
  if (redo.records === 0) return 'Nothing to redo.'
  const onDisk = redo.skippedNotDirty + redo.skippedBeforeRecLSN + redo.skippedOnPage
  const were = onDisk === 1 ? 'was' : 'were'
  const repeated = counted(redo.redone, 'change')
  return `Redo repeated ${repeated} (${grouped(onDisk)} ${were} on disk already).`
}

function describeUndo({ undo, analysis }: RestartReport): string {
  if (analysis.losers === 0) return 'Nothing to undo.'
  const changes = counted(undo.compensations, 'change')
  return `Undo took back ${changes} of ${counted(analysis.losers, 'transaction')}.`
}

function describeTornPages({ tornPagesRepaired }: RestartReport): string[] {
  if (tornPagesRepaired.length === 0) return []
  return [`${counted(tornPagesRepaired.length, 'torn page')} mended from the doublewrite copies.`]
}

/** What recovery did, line by line. */
export function describeRestart(report: RestartReport): string[] {
  return [
    describeLogEnd(report),
    ...describeTornPages(report),
    describeAnalysis(report),
    `${describeRedo(report)} ${describeUndo(report)} ${seconds(report.durationMs)}.`,
  ]
}

/** What was found in the bank. */
export function describeVerdict(
  { sum, present, violations }: Verdict,
  acknowledged: number,
): string[] {
  if (violations.length > 0) return violations.map((violation) => `✗ ${violation}`)
  const more = present - acknowledged
  const extra = more === 0 ? '' : `, and ${grouped(more)} that had no answer when a kill came`
  return [
    `✓ the balances add up to ${grouped(sum)}, as on the first day`,
    `✓ all ${grouped(acknowledged)} acknowledged transfers are there${extra}`,
    '✓ no transfer is there twice, none that was rolled back, none that nobody asked for',
    '✓ every balance is what its transfers make of it',
  ]
}
