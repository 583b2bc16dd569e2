import type { InspectedLog } from '../inspected-log.ts'

/** How often each thing happens in a restart, as far as it has been counted. */
export function restartSummaryView(log: InspectedLog) {
  const lacking = whyNoRestart(log)
  if (lacking !== undefined) return { lacking }
  const { checkpointLSN = 0 } = log.survey.layout.master ?? {}
  const { oldestLSN } = log.survey.layout
  return { ...log.restartSummary(), checkpointLSN, oldestLSN, endLSN: log.tail.endLSN }
}

/** Some steps of a restart, step `number` among them. */
export async function restartView(log: InspectedLog, number: number, signal: AbortSignal) {
  const lacking = whyNoRestart(log)
  if (lacking !== undefined) return { lacking }
  const page = await log.restartPage(number, signal)
  const problem = page.problem?.message
  return { ...page, problem, steps: page.steps.map(({ step, words }) => ({ ...step, words })) }
}

function whyNoRestart({ isStore, tail }: InspectedLog): string | undefined {
  if (!isStore) {
    return (
      'A plain log has no restart: opening it finds its end, and that is all. ' +
      'Analysis, redo and undo belong to stores.'
    )
  }
  if (tail.verdict === 'damaged') {
    return `An open refuses this store, so there is no restart to step through: ${tail.reason}.`
  }
  return undefined
}
