import { pageHeader } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { PageFileLayout } from '../../inspection/survey/survey-types.ts'
import type { InspectedLog } from '../inspected-log.ts'

export const pagesMax = 500

/** Pages in a row, as they stand on disk, and what the DPT as of `lsn` says of them. */
export async function pagesView(
  log: InspectedLog,
  first: number,
  count: number,
  lsn: LSN,
  signal: AbortSignal,
) {
  const file = log.pageFile
  if (file === undefined) return { lacking: lackingFile(log.isStore) }
  if (!('copies' in file)) return { lacking: file.message }
  const from = Math.max(1, Math.min(first, file.pages - 1))
  const shown = Math.max(0, Math.min(count, file.pages - from))
  const pages = shown === 0 ? [] : await log.survey.pages(from, shown)
  const { tables, isComplete } = await log.tables(lsn, signal)
  const copies = copiesOf(file)
  const rows = pages.map((page) => {
    const [recLSN, copyLSN] = [tables.dirtyPages.get(page.pageId), copies.get(page.pageId)]
    return {
      ...page,
      ...(recLSN === undefined ? {} : { recLSN }),
      ...(copyLSN === undefined ? {} : { copyLSN }),
      isGivenUp: tables.givenUpPages.has(page.pageId),
    }
  })
  const { pageBytes, createdAtMs } = file
  return { first: from, pages: file.pages, pageBytes, createdAtMs, lsn, isComplete, rows }
}

/** The header of one page and its bytes. */
export async function onePage(log: InspectedLog, pageId: number) {
  const file = log.pageFile
  if (file === undefined || !('copies' in file)) return { lacking: lackingFile(log.isStore) }
  if (pageId === 0) return { lacking: 'Page 0 is the header of the data file.' }
  if (pageId >= file.pages) {
    return { lacking: `There is no page ${pageId}: the last one is ${file.pages - 1}.` }
  }
  const [page] = await log.survey.pages(pageId, 1)
  const bytes = await log.survey.page(pageId)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = {
    pageCrc: view.getUint32(pageHeader.pageCrc, true),
    pageId: view.getUint32(pageHeader.pageId, true),
    // As it stands there: of a damaged page it can be any number.
    pageLSN: String(view.getBigUint64(pageHeader.pageLSN, true)),
    pageType: view.getUint32(pageHeader.pageType, true),
  }
  const copyLSN = copiesOf(file).get(pageId)
  const offset = pageId * file.pageBytes
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  return { ...page, offset, header, copyLSN, headerBytes: pageHeader.bytes, bytes: body }
}

function copiesOf(file: PageFileLayout): ReadonlyMap<number, LSN> {
  return new Map(file.copies.map(({ pageId, pageLSN }) => [pageId, pageLSN]))
}

function lackingFile(isStore: boolean): string {
  return isStore
    ? 'The data file is missing: there are no pages to show.'
    : 'A plain log has no data file, so there are no pages.'
}
