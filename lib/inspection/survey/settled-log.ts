import { setTimeout as sleep } from 'node:timers/promises'

import type { LSN } from '../../format/lsn.ts'
import { LogSurvey } from './log-survey.ts'
import type { LogTail } from './survey-types.ts'

/** What of a survey a reader of records needs. */
export type SurveySource = Pick<LogSurvey, 'directory' | 'layout' | 'tail' | 'scan' | 'close'>

export type OpenSurvey = (directory: string) => Promise<SurveySource>

export const openSurvey: OpenSurvey = (directory) => LogSurvey.open(directory)

/** A log and where it ended at one moment. Whoever has it closes the survey. */
export interface SettledLog {
  readonly survey: SurveySource
  readonly tail: LogTail
}

const looksMax = 10
const pauseMs = 20

/**
 * Opens a survey and finds the end. A log that is being written can look damaged or torn for a
 * moment: the bytes that were read first were older than those that were read last. Such an end is
 * believed when it is still at the same place a moment later.
 *
 * @throws what LogSurvey.open and tail throw; ERR_SEAWALL_PERMISSION when segments cannot be read
 */
export async function settledLog(
  directory: string,
  open: OpenSurvey = openSurvey,
): Promise<SettledLog> {
  let before: LogTail | undefined
  for (let look = 1; ; look++) {
    const survey = await open(directory)
    try {
      const tail = await survey.tail()
      if (tail.error?.code === 'ERR_SEAWALL_PERMISSION') throw tail.error
      const isSettled = isPlain({ survey, tail }) || isSameEnd(tail, before)
      if (isSettled || look === looksMax) return { survey, tail }
      before = tail
    } catch (error) {
      await survey.close()
      throw error
    }
    await survey.close()
    await sleep(pauseMs)
  }
}

// Nothing at rest has a promise beyond its end, unless it is damaged, or an end beyond its files. A log
// that was opened again between the two has records that the survey takes for nobody's.
function isPlain({ survey: { layout }, tail }: SettledLog): boolean {
  const { verdict, promiseLSN, endLSN, incarnation } = tail
  const isSameOpen = verdict === 'new' || incarnation === (layout.master ?? tail).incarnation
  return verdict !== 'damaged' && isSameOpen && promiseLSN <= endLSN && endLSN <= layout.filesEndLSN
}

function isSameEnd(tail: LogTail, before: LogTail | undefined): boolean {
  return (
    before !== undefined &&
    before.verdict === tail.verdict &&
    before.endLSN === tail.endLSN &&
    before.promiseLSN === tail.promiseLSN
  )
}

/** The end of what is surely durable, as far as it can be read. */
export function durableEndLSN({ survey, tail: { verdict, promiseLSN, endLSN } }: SettledLog): LSN {
  const ends = [promiseLSN, survey.layout.filesEndLSN]
  if (verdict !== 'damaged') ends.push(endLSN)
  return Math.min(...ends) as LSN
}

/** The end of all that a scan sees, whether it is durable or not. */
export function visibleEndLSN({ survey, tail: { verdict, promiseLSN, endLSN } }: SettledLog): LSN {
  const end = verdict === 'damaged' ? Math.max(promiseLSN, endLSN) : endLSN
  return Math.min(end, survey.layout.filesEndLSN) as LSN
}
