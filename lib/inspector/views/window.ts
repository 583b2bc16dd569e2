import type { LSN } from '../../format/lsn.ts'
import { type LogBucket, noteInBuckets } from '../../inspection/timeline/log-index.ts'
import { typeNameOf } from '../../inspection/records/record-kinds.ts'
import {
  isLaneWindow,
  lanesOf,
  type TransactionLanes,
} from '../../inspection/timeline/transaction-lanes.ts'
import type { InspectedLog } from '../inspected-log.ts'

const bucketsMax = 400
const blocksMax = 500
const typesMax = 32

/** A record as a block on the time line. */
export interface RecordBlock {
  readonly lsn: LSN
  readonly nextLSN: LSN
  readonly typeName: string
}

/** A small part of the log, finer than the index has it. */
export interface WindowView {
  readonly from: LSN
  readonly to: LSN
  readonly bucketBytes: number
  readonly buckets: readonly LogBucket[]
  /** Undefined: there are too many. */
  readonly blocks: readonly RecordBlock[] | undefined
  readonly lanes: TransactionLanes | undefined
}

/** Undefined: the window is too large to be looked at; the index has to do. */
export async function windowView(
  log: InspectedLog,
  from: LSN,
  to: LSN,
): Promise<WindowView | undefined> {
  const { oldestLSN } = log.survey.layout
  const start = Math.max(from, oldestLSN) as LSN
  const end = Math.max(start, Math.min(to, log.endLSN)) as LSN
  if (!isLaneWindow(start, end)) return undefined
  const bucketBytes = Math.max(8, Math.ceil((end - start) / bucketsMax / 8) * 8)
  const shape = { from: start, to: end, bucketBytes }
  if (start === end) return { ...shape, buckets: [], blocks: [], lanes: undefined }
  const { buckets, blocks } = await contents(log, start, end, bucketBytes)
  const isFew = blocks.length <= blocksMax
  const lanes = log.isStore ? await lanesOf(log.survey, start, end) : undefined
  return { ...shape, buckets, blocks: isFew ? blocks : undefined, lanes }
}

async function contents(
  log: InspectedLog,
  from: LSN,
  to: LSN,
  bucketBytes: number,
): Promise<{ buckets: LogBucket[]; blocks: RecordBlock[] }> {
  const count = Math.ceil((to - from) / bucketBytes)
  const buckets = Array.from({ length: count }, (_, i): LogBucket => {
    return { lsn: (from + i * bucketBytes) as LSN, records: {}, bytes: {}, problems: 0 }
  })
  const blocks: RecordBlock[] = []
  const names = new Set<string>()
  for await (const items of log.survey.scan({ from, to, bodyBytesMax: 0 })) {
    for (const item of items) {
      const bucket = buckets[Math.floor((item.lsn - from) / bucketBytes)]
      if (item.what === 'gap' || bucket === undefined) continue
      const { lsn, nextLSN } = item
      const found = typeNameOf(item, log.isStore)
      const typeName = names.has(found) || names.size < typesMax ? found : 'other'
      names.add(typeName)
      noteInBuckets(buckets, bucketBytes, item, typeName)
      if (item.problem !== undefined) bucket.problems += 1
      if (blocks.length <= blocksMax) blocks.push({ lsn, nextLSN, typeName })
    }
  }
  return { buckets, blocks }
}
