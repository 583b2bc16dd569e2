import type { Log, LSN } from '../../lib/index.ts'
import { decodeEntries, encodeEntries, type Entry, entryBytes } from './entry-format.ts'

/**
 * Entries in order of their keys that never change again: blocks, and behind them an index of the
 * first key of each. All of them are records of one log, which checks every byte that is read and
 * releases what old runs took.
 */
export interface SortedRun {
  /** The record of the index: what has to be remembered of a run. */
  readonly indexLSN: LSN
  readonly blocks: readonly Block[]
}

interface Block {
  readonly firstKey: string
  readonly lsn: LSN
}

const recordType = { block: 1, index: 2 } as const
const blockBytes = 16 * 1024

/** Where the run begins in its log. */
export function startOf(run: SortedRun): LSN {
  return run.blocks[0]?.lsn ?? run.indexLSN
}

/**
 * Writes a run. It is durable when this resolves, and counts once somebody remembers its index: one
 * that is cut off in the middle is nothing but room that is released later.
 */
export async function writeRun(
  log: Log,
  entries: AsyncIterable<Entry> | Iterable<Entry>,
): Promise<SortedRun> {
  const blocks: Block[] = []
  let block: Entry[] = []
  let bytes = 0
  const endBlock = (): void => {
    const first = block[0]
    if (first === undefined) return
    const lsn = log.append(encodeEntries(block), { type: recordType.block })
    blocks.push({ firstKey: first.key, lsn })
    block = []
    bytes = 0
  }
  for await (const entry of entries) {
    block.push(entry)
    bytes += entryBytes(entry)
    if (bytes >= blockBytes) endBlock()
  }
  endBlock()
  const index = Buffer.from(JSON.stringify(blocks.map(({ firstKey, lsn }) => [firstKey, lsn])))
  const indexLSN = log.append(index, { type: recordType.index })
  await log.flush(indexLSN)
  return { indexLSN, blocks }
}

export async function openRun(log: Log, indexLSN: LSN): Promise<SortedRun> {
  const { body } = await log.get(indexLSN)
  const index = JSON.parse(Buffer.from(body).toString()) as [string, LSN][]
  return { indexLSN, blocks: index.map(([firstKey, lsn]) => ({ firstKey, lsn })) }
}

/** undefined: the run knows nothing of the key. */
export async function findInRun(
  log: Log,
  { blocks }: SortedRun,
  key: string,
): Promise<Entry | undefined> {
  const block = blocks[blockFor(blocks, key)]
  if (block === undefined || block.firstKey > key) return undefined
  return (await readBlock(log, block)).find((entry) => entry.key === key)
}

/** The entries from `from` to before `to`, a block at a time. */
export async function* scanRun(
  log: Log,
  { blocks }: SortedRun,
  from: string,
  to: string | undefined,
): AsyncGenerator<Entry, void, void> {
  for (const block of blocks.slice(blockFor(blocks, from))) {
    for (const entry of await readBlock(log, block)) {
      if (to !== undefined && entry.key >= to) return
      if (entry.key >= from) yield entry
    }
  }
}

async function readBlock(log: Log, { lsn }: Block): Promise<Entry[]> {
  return decodeEntries((await log.get(lsn)).body)
}

/** The last block that begins at or before `key`; the first one when none does. */
function blockFor(blocks: readonly Block[], key: string): number {
  let low = 0
  let high = blocks.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((blocks[middle] as Block).firstKey <= key) low = middle
    else high = middle
  }
  return low
}
