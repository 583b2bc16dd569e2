// One crash and the restart after it, in words: the text blocks of docs/RECOVERY.md.
//
//   node --import tsx test/walkthrough/crash-walkthrough.ts            prints them
//   node --import tsx test/walkthrough/crash-walkthrough.ts --write    puts them into the document
import { deepStrictEqual } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Engine, type LSN, type RestartReport } from '../../lib/index.ts'
import type { RecordDescription } from '../../lib/recovery/describe-record.ts'
import { lsnInWords, recordInWords } from '../../lib/recovery/record-in-words.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import {
  type CrashImage,
  imageOf,
  pageLSNOnDisk,
  type RedoDecision,
  type RedoStep,
  redoSteps,
} from './crash-image.ts'
import {
  pageBytes,
  type PageIds,
  runUntilCrash,
  type Step,
  storeOptions,
  valuesOf,
} from './scenario.ts'

const documentPath = fileURLToPath(new URL('../../docs/RECOVERY.md', import.meta.url))

/** The blocks by name, in the order of the story. Always the same. */
export async function crashWalkthrough(): Promise<Map<string, string>> {
  const crashed = await runUntilCrash(temporaryDirectory())
  const { pages, steps } = crashed
  const image = await imageOf(crashed.engine.directory)
  await crashed.engine.close()
  const analysis = analysisInWords(image, pages)
  const redo = redoSteps(image, pageBytes)
  await using engine = await Engine.open(image.directory, storeOptions)
  const { recovery } = engine
  checkCounts(redo, image, recovery)
  const after = await imageOf(engine.directory)
  return new Map([
    ['steps', stepsInWords(steps)],
    ['log', recordsInWords(image.records)],
    ['analysis', analysis],
    ['redo', redo.map(redoStepInWords).join('\n')],
    ['undo', recordsInWords(after.records.filter(({ lsn }) => lsn >= recovery.endLSN))],
    ['report', reportInWords(recovery)],
    ['values', valuesInWords(await valuesOf(engine, pages))],
  ])
}

/** `document` with the blocks in the places that are marked for them. */
export function withBlocks(document: string, blocks: ReadonlyMap<string, string>): string {
  let text = document
  for (const [name, block] of blocks) {
    const [begin, end] = [`<!-- walkthrough:${name} -->`, `<!-- /walkthrough:${name} -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`no ${begin} ... ${end}`)
    text = `${text.slice(0, from)}${begin}\n\`\`\`\n${block}\n\`\`\`\n${text.slice(to)}`
  }
  return text
}

function stepsInWords(steps: readonly Step[]): string {
  return steps.map(({ endLSN, what }) => `log ends at ${endLSN}: ${what}`).join('\n')
}

function recordsInWords(records: readonly RecordDescription[]): string {
  return records.map(recordInWords).join('\n')
}

function analysisInWords(image: CrashImage, pages: PageIds): string {
  const { records, losers, dirtyPages } = image.analysis
  const nameOf = new Map([...pages].map(([name, pageId]) => [pageId, name]))
  const lines = [`from ${image.checkpointLSN}, ${records} records`]
  for (const { firstLSN, lastLSN, undoNextLSN } of losers.values()) {
    lines.push(`ATT: tx ${firstLSN}, last ${lastLSN}, undo next ${lsnInWords(undoNextLSN)}`)
  }
  for (const [pageId, recLSN] of [...dirtyPages].sort(([a], [b]) => a - b)) {
    const pageLSN = lsnInWords(pageLSNOnDisk(image, pageId, pageBytes))
    const name = nameOf.get(pageId) ?? '?'
    lines.push(`DPT: page ${pageId} (${name}), recLSN ${recLSN}; pageLSN on disk ${pageLSN}`)
  }
  return lines.join('\n')
}

const decisions: Readonly<Record<RedoDecision, (against: LSN) => string>> = {
  'not dirty': () => 'skipped: the page is not in the DPT',
  'before recLSN': (recLSN) => `skipped: older than recLSN ${recLSN}`,
  'on page': (pageLSN) => `skipped: pageLSN is ${pageLSN}`,
  redo: (pageLSN) => `redone: pageLSN was ${pageLSN}`,
}

function redoStepInWords({ record, decision, against }: RedoStep): string {
  const { lsn, kind, pageId } = record
  return `${lsn} ${kind ?? ''}, page ${pageId ?? ''}: ${decisions[decision](against)}`
}

// What is told about redo is what redo did.
function checkCounts(steps: readonly RedoStep[], image: CrashImage, report: RestartReport): void {
  const count = (decision: RedoDecision): number => {
    return steps.filter((step) => step.decision === decision).length
  }
  const { redone, skippedNotDirty, skippedBeforeRecLSN, skippedOnPage } = report.redo
  deepStrictEqual(
    [count('redo'), count('not dirty'), count('before recLSN'), count('on page')],
    [redone, skippedNotDirty, skippedBeforeRecLSN, skippedOnPage],
  )
  const { losers, dirtyPages } = image.analysis
  deepStrictEqual(
    [losers.size, dirtyPages.size],
    [report.analysis.losers, report.analysis.dirtyPages],
  )
}

// Without what a clock or a random number has part in.
function reportInWords(report: RestartReport): string {
  const { log, checkpointLSN, redoLSN, endLSN, analysis, redo, undo } = report
  const numbers = (counts: object): string => {
    const entries = Object.entries(counts).filter(([name]) => name !== 'durationMs')
    return entries.map(([name, value]) => `${name} ${String(value)}`).join(', ')
  }
  const list = (values: readonly unknown[]): string => (values.length === 0 ? 'none' : `${values}`)
  return [
    `log: ${log.decision}, closedCleanly ${log.closedCleanly}, cutBytes ${log.cutBytes}`,
    numbers({ checkpointLSN, redoLSN, endLSN }),
    `analysis: ${numbers(analysis)}`,
    `redo: ${numbers(redo)}`,
    `undo: ${numbers(undo)}`,
    `tornPagesRepaired: ${list(report.tornPagesRepaired)}`,
    `damagedPages: ${list(report.damagedPages)}`,
  ].join('\n')
}

function valuesInWords(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${name} "${value}"`).join('\n')
}

async function main(): Promise<void> {
  const blocks = await crashWalkthrough()
  if (process.argv.includes('--write')) {
    writeFileSync(documentPath, withBlocks(readFileSync(documentPath, 'utf8'), blocks))
    return
  }
  for (const [name, block] of blocks) console.log(`-- ${name} --\n${block}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
