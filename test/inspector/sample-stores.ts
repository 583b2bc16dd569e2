// Directories to look into, each left as a kill of the process would leave it.
import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { Engine, type EngineOptions, Log, type Transaction } from '../../lib/index.ts'
import { LogSurvey } from '../../lib/inspection/survey/log-survey.ts'
import { Random } from '../support/random.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

export const sampleOptions: EngineOptions = {
  pageSize: 4096,
  bufferPoolBytes: 64 * 4096,
  segmentBytes: 256 * 1024,
  bufferBytes: 64 * 1024,
}

/** A store with commits, rollbacks, checkpoints, two opens, and transactions that have no end. */
export async function crashedStore(seed: number, transactions = 300): Promise<string> {
  const directory = temporaryDirectory()
  const random = new Random(seed)
  const pages = await makePages(directory, 40)
  const engine = await Engine.open(directory, sampleOptions)
  // Each holds pages that nobody else changes.
  const losers = [await engine.begin(), await engine.begin(), await engine.begin()]
  for (let i = 0; i < transactions; i++) {
    if (i % 90 === 70) await engine.checkpoint()
    for (const [number, loser] of losers.entries()) {
      if (i % 60 === 20 + number * 10) await change(loser, pages[number] as number, random)
    }
    const tx = await engine.begin({ durability: 'async' })
    for (let n = 1 + random.below(4); n > 0; n--) {
      const page = pages[losers.length + random.below(pages.length - losers.length)] as number
      await change(tx, page, random)
    }
    if (random.chance(0.2)) await tx.rollback()
    else await tx.commit()
  }
  const last = await engine.begin()
  await change(last, pages.at(-1) as number, random)
  await last.commit()
  const copy = copyOf(directory)
  for (const loser of losers) await loser.rollback()
  await engine.close()
  return copy
}

/** The directory of a store that is open: what a kill at this moment would leave. */
export function copyOf(directory: string): string {
  for (let attempt = 1; ; attempt++) {
    const copy = temporaryDirectory()
    try {
      cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('.tmp') })
      return copy
    } catch (error) {
      // A segment was prepared or recycled meanwhile.
      if ((error as { code?: string }).code !== 'ENOENT' || attempt === 5) throw error
      rmSync(copy, { recursive: true })
    }
  }
}

async function makePages(directory: string, count: number): Promise<number[]> {
  const engine = await Engine.open(directory, sampleOptions)
  const pages: number[] = []
  for (let i = 0; i < count; i++) {
    const tx = await engine.begin()
    const page = await tx.allocatePage()
    tx.write(page, 0, Buffer.from(`page ${page.id}`))
    pages.push(page.id)
    await tx.commit()
  }
  await engine.close()
  return pages
}

async function change(tx: Transaction, pageId: number, random: Random): Promise<void> {
  const page = await tx.page(pageId)
  const text = `${'abcdefghij'[random.below(10)]}`.repeat(8 + random.below(80))
  tx.write(page, 16 * random.below(200), Buffer.from(text))
  page.release()
}

/** A plain log with records of a few types, closed in order. */
export async function plainLog(records = 400): Promise<string> {
  const directory = temporaryDirectory()
  const log = await Log.open(directory, { segmentBytes: 256 * 1024, bufferBytes: 64 * 1024 })
  for (let i = 0; i < records; i++) {
    log.append(Buffer.from(`record ${i} `.repeat(1 + (i % 40))), { type: 1 + (i % 5) })
  }
  await log.close()
  return directory
}

/** Overwrites the record in the middle, or the end record of the last checkpoint. Returns its LSN. */
export async function damageLog(
  directory: string,
  which: 'middle' | 'checkpoint' = 'middle',
): Promise<number> {
  const survey = await LogSurvey.open(directory)
  const { blockBytes, segmentBytes, segments, oldestLSN, master } = survey.layout
  const tail = await survey.tail()
  const lsns: number[] = []
  for await (const items of survey.scan({ to: tail.endLSN })) {
    for (const item of items) if (item.what === 'record') lsns.push(item.lsn)
  }
  await survey.close()
  const middle = lsns[Math.floor(lsns.length / 2)]
  const checkpoint = lsns.find((each) => each > (master?.checkpointLSN ?? 0))
  const lsn = (which === 'middle' ? middle : checkpoint) ?? oldestLSN
  const payloadBytes = segmentBytes - blockBytes
  const segment = segments.find(({ startLSN, endLSN }) => lsn >= startLSN && lsn < endLSN)
  if (segment === undefined) throw new Error('no such segment')
  overwrite(segment.path, blockBytes + (lsn % payloadBytes) + 8, 'damage damage')
  return lsn
}

/** Overwrites the middle of a page of the data file. */
export function damagePage(directory: string, pageId: number): void {
  overwrite(join(directory, 'pages'), pageId * 4096 + 2000, 'damage')
}

function overwrite(path: string, offset: number, text: string): void {
  const file = openSync(path, 'r+')
  writeSync(file, text, offset)
  closeSync(file)
}

/** Everything that must not change: names, sizes, times. */
export function stampsOf(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true }) as string[]
  return names.sort().map((name) => {
    const { size, mtimeNs, ctimeNs, ino, mode } = statSync(join(directory, name), { bigint: true })
    return `${name} ${size} ${mtimeNs} ${ctimeNs} ${ino} ${mode}`
  })
}
