import { pageHeader, pageTypeMap, pageTypeUser } from '../../format/layout.ts'
import { hasBit, mapCoverage, mapPageId } from '../../operation/allocation-map.ts'
import type { AnalysisResult } from '../../recovery/analysis.ts'
import type { Findings } from './finding.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import type { PagesSeen } from './pages-seen.ts'
import type { PageFileLayout } from '../survey/survey-types.ts'

/**
 * Compares the allocation maps with the pages: what is taken has been formatted, what is free has
 * not. Pages and maps that redo would change first are left out.
 *
 * REQUIRES: no transaction runs, as its rollback changes map and page in two steps.
 *
 * @returns how many pages were compared
 */
export async function verifyAllocation(
  source: Pick<LogSurvey, 'page'>,
  file: PageFileLayout,
  seen: PagesSeen,
  analysis: AnalysisResult,
  findings: Findings,
): Promise<number> {
  const bodyBytes = file.pageBytes - pageHeader.bytes
  const isSettled = (pageId: number): boolean => {
    return !analysis.dirtyPages.has(pageId) && !analysis.givenUpPages.has(pageId)
  }
  let compared = 0
  for (let map = 0; mapPageId(map, bodyBytes) < seen.remembered; map++) {
    const mapId = mapPageId(map, bodyBytes)
    if (seen.pageType(mapId) !== pageTypeMap || !isSettled(mapId)) continue
    const bits = (await source.page(mapId)).subarray(pageHeader.bytes)
    // Bit 0 is the map's own: nobody relies on it.
    for (let bit = 1; bit < mapCoverage(bodyBytes); bit++) {
      const pageId = mapId + bit
      const isTaken = hasBit(bits, bit)
      if (pageId >= file.pages) {
        if (isTaken && isSettled(pageId)) beyond(pageId, mapId, file, findings)
        continue
      }
      const pageType = seen.pageType(pageId)
      if (pageType === undefined || !isSettled(pageId)) continue
      compared += 1
      if (isTaken === (pageType === pageTypeUser)) continue
      const sentence = isTaken
        ? `page ${pageId} is taken in the allocation map (page ${mapId}), but holds nothing`
        : `page ${pageId} is in use, but free in the allocation map (page ${mapId})`
      findings.add('allocation-contradiction', sentence, { page: pageId })
    }
  }
  return compared
}

function beyond(pageId: number, mapId: number, file: PageFileLayout, findings: Findings): void {
  const sentence =
    `page ${pageId} is taken in the allocation map (page ${mapId}), ` +
    `the data file has ${file.pages} pages`
  findings.add('page-beyond-file', sentence, { page: pageId })
}
