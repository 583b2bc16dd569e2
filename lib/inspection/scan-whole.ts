import type { LSN } from '../format/lsn.ts'
import type { SurveySource } from './settled-log.ts'
import type { ScannedItem, ScannedRecord } from './survey-types.ts'

/**
 * What `survey.scan` gives, with one difference: a record that starts before `to` and is stored in
 * several pieces is whole, also when some of them lie behind `to`.
 */
export async function* scanWhole(
  survey: SurveySource,
  from: LSN,
  to: LSN,
  bodyBytesMax: number,
): AsyncGenerator<readonly ScannedItem[], void, undefined> {
  for await (const batch of survey.scan({ from, to, bodyBytesMax })) {
    const last = batch[batch.length - 1]
    if (last === undefined || !mayGoOn(last, to, survey.layout.filesEndLSN)) {
      yield batch
      continue
    }
    if (batch.length > 1) yield batch.slice(0, -1)
    yield [await recordAt(survey, last, bodyBytesMax)]
  }
}

function mayGoOn(item: ScannedItem, to: LSN, filesEndLSN: LSN): item is ScannedRecord {
  const isCut = item.what === 'record' && item.problem !== undefined && item.nextLSN >= to
  return isCut && to < filesEndLSN
}

async function recordAt(
  survey: SurveySource,
  cut: ScannedRecord,
  bodyBytesMax: number,
): Promise<ScannedItem> {
  for await (const [item] of survey.scan({ from: cut.lsn, bodyBytesMax })) return item ?? cut
  return cut
}
