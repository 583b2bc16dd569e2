// timeout: 200s
// Goal: what the walk tells of a restart is what the restart then does: the same tables, the same decision for every record, the
// same compensations in the same order.
// Method: random transactions on a simulated disk whose power ends; each store that is left is walked and then opened; counts are
// compared with the restart report, planned compensations with those that stand in the log. Seeded (SEAWALL_SEED, SEAWALL_ROUNDS).
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions, type LSN } from '../../../../lib/index.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import type { RecordWindow } from '../../../../lib/inspection/survey/record-window.ts'
import { type RestartStep, walkRestart } from '../../../../lib/inspection/restart/restart-walk.ts'
import { describeRecord } from '../../../../lib/recovery/describe-record.ts'
import { type WalkLoser, walkUndo } from '../../../../lib/inspection/restart/undo-walk.ts'
import { simulatedBinding, SimulatedDisk, survival } from '../../../../simulation/simulated-disk.ts'
import { inTime } from '../../../support/in-time.ts'
import { type Contents, readContents } from '../../../support/page-model.ts'
import { PageWorkload } from '../../../support/page-workload.ts'
import { Random, seedOr } from '../../../support/random.ts'

const rounds = Number(process.env.SEAWALL_ROUNDS ?? 40)
const crashesPerRound = 4

interface Walked {
  readonly steps: readonly RestartStep[]
  readonly losers: number
  readonly dirtyPages: number
  readonly redoLSN: LSN | undefined
  readonly endLSN: LSN
}

async function walked(directory: string): Promise<Walked> {
  await using survey = await LogSurvey.open(directory, simulatedBinding)
  const walk = await walkRestart(survey)
  const steps: RestartStep[] = []
  let [losers, dirtyPages] = [0, 0]
  for await (const step of walk.steps()) {
    if (step.phase === 'analysis') {
      losers = walk.tables.losers.size
      dirtyPages = walk.tables.dirtyPages.size
    }
    steps.push(step)
  }
  return { steps, losers, dirtyPages, redoLSN: walk.redoLSN, endLSN: walk.tail.endLSN }
}

function countsOf(steps: readonly RestartStep[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const step of steps) {
    const name =
      step.phase === 'redo' ? step.decision : step.phase === 'undo' ? step.action : 'analysed'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** What undo writes, in words. */
function planned(steps: readonly RestartStep[]): string[] {
  return steps.flatMap((step) => {
    if (step.phase !== 'undo') return []
    if (step.action === 'end') return [`end of ${step.transactionLSN}`]
    const { compensation } = step
    if (compensation === undefined) return []
    const { pageId, operation, payload, undoNextLSN } = compensation
    const bytes = Buffer.from(payload).toString('hex')
    return [`${step.transactionLSN}: ${pageId} ${operation} ${bytes} ${undoNextLSN}`]
  })
}

/** Losers with nothing left to undo end in any order. */
function endsSorted(words: readonly string[]): string[] {
  const isEnd = (word: string): boolean => word.startsWith('end')
  return [...words.filter((word) => !isEnd(word)), ...words.filter(isEnd).sort()]
}

/** Undefined: the log has been let go from there on. */
async function written(directory: string, from: LSN): Promise<string[] | undefined> {
  await using survey = await LogSurvey.open(directory, simulatedBinding)
  const words: string[] = []
  for await (const items of survey.scan({ from })) {
    for (const item of items) {
      if (item.what === 'gap') return undefined
      if (item.sort !== 'record') continue
      const record = describeRecord(item.lsn, item.type, item.body)
      if (record.kind === 'begin checkpoint') return words
      if (record.kind === 'end') words.push(`end of ${record.transactionLSN}`)
      if (record.kind !== 'compensation') continue
      const { pageId, operation, undoNextLSN, payload = new Uint8Array(0) } = record
      const bytes = Buffer.from(payload).toString('hex')
      words.push(`${record.transactionLSN}: ${pageId} ${operation} ${bytes} ${undoNextLSN}`)
    }
  }
  return words
}

const totals: Record<string, number> = {}

async function compare(disk: SimulatedDisk, options: EngineOptions): Promise<Engine> {
  const told = await walked(disk.directory)
  const engine = await inTime('open', Engine.open(disk.directory, options))
  const { analysis, redo, undo, redoLSN, log } = engine.recovery
  const endLSN = log.keptTo
  const counts = countsOf(told.steps)
  for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count
  const undone = told.steps.filter((step) => step.phase === 'undo' && step.action !== 'end')
  assert.equal(
    {
      records: counts.analysed ?? 0,
      losers: told.losers,
      dirtyPages: told.dirtyPages,
      // Nothing to redo: the report has the end of the log, which the open has moved.
      redoLSN: told.redoLSN === told.endLSN ? undefined : told.redoLSN,
      endLSN: told.endLSN,
      redone: counts.redo ?? 0,
      skippedNotDirty: counts['not dirty'] ?? 0,
      skippedBeforeRecLSN: counts['before recLSN'] ?? 0,
      skippedOnPage: counts['on page'] ?? 0,
      skippedDamaged: counts.damaged ?? 0,
      checked: counts.check ?? 0,
      undone: undone.length,
      compensations: counts.compensate ?? 0,
    },
    {
      records: analysis.records,
      losers: analysis.losers,
      dirtyPages: analysis.dirtyPages,
      redoLSN: redoLSN === engine.recovery.endLSN ? undefined : redoLSN,
      endLSN,
      redone: redo.redone,
      skippedNotDirty: redo.skippedNotDirty,
      skippedBeforeRecLSN: redo.skippedBeforeRecLSN,
      skippedOnPage: redo.skippedOnPage,
      skippedDamaged: redo.skippedDamaged,
      checked: redo.checked,
      undone: undo.records,
      compensations: undo.compensations,
    },
  )
  await engine.close()
  const found = await written(disk.directory, endLSN)
  if (found !== undefined) assert.equal(endsSorted(planned(told.steps)), endsSorted(found))
  else totals.letGo = (totals.letGo ?? 0) + 1
  return Engine.open(disk.directory, options)
}

// After it nobody looks at what the store holds.
function damagePages(disk: SimulatedDisk, random: Random): void {
  const pages = disk.bytes('pages').length / 4096
  for (let left = random.below(4); left > 0 && pages > 2; left--) {
    const offset = (2 + random.below(Math.min(pages - 2, 20))) * 4096 + random.below(4000)
    disk.overwrite('pages', offset, Buffer.from('damage'))
  }
}

async function chain(seed: number): Promise<void> {
  const random = new Random(seed)
  const disk = new SimulatedDisk(seed)
  const options: EngineOptions = {
    nativeBinding: simulatedBinding,
    pageSize: 4096,
    bufferPoolBytes: random.pick([16, 24, 64]) * 4096,
    segmentBytes: 256 * 1024,
    bufferBytes: 512 * 1024,
    maxWalBytes: random.pick([64, 256]) * 1024,
    maxLogBytes: 16 * 1024 * 1024,
    lockTimeoutMs: 1000,
    writerDelayMs: 1,
    consistencyChecks: random.chance(0.3),
    tornPages: random.pick(['doublewrite', 'fullPageImages']),
  }
  try {
    let contents: Contents = new Map()
    let engine = await Engine.open(disk.directory, options)
    for (let crash = 0; crash < crashesPerRound; crash++) {
      const workload = new PageWorkload(random, contents)
      disk.endPowerAfter(1 + random.below(random.chance(0.3) ? 400 : 60))
      const [clients, transactions] = [1 + random.below(6), 10 + random.below(80)]
      await inTime('workload', workload.run(engine, clients, transactions))
      const cut = random.below(2 ** 31)
      if (random.chance(0.25)) disk.kill(cut)
      else disk.cutPower(random.pick(Object.values(survival)), cut)
      await inTime(
        'close',
        engine.close().catch(() => {}),
      )
      disk.endPowerAfter(0)
      const isLast = crash === crashesPerRound - 1
      if (isLast) damagePages(disk, random)
      engine = await compare(disk, options)
      if (!isLast) contents = await readContents(engine)
    }
    await engine.close()
  } finally {
    disk.forget()
  }
}

test('a crashed store, walked and then opened -> the restart does what the walk told', async () => {
  const first = seedOr(1)
  for (let seed = first; seed < first + rounds; seed++) {
    try {
      await chain(seed)
    } catch (error) {
      console.log(`failed with SEAWALL_SEED=${seed} SEAWALL_ROUNDS=1`)
      throw error
    }
  }
  if (process.env.DEBUG) console.log(totals)
  if (rounds < 20) return
  // What was not reached was not tested.
  assert.ok((totals.letGo ?? 0) < rounds)
  for (const name of ['redo', 'not dirty', 'before recLSN', 'on page', 'check', 'damaged']) {
    assert.ok((totals[name] ?? 0) > 0, name)
  }
  for (const name of ['compensate', 'step over', 'end']) {
    assert.ok((totals[name] ?? 0) > 0, name)
  }
})

test('many losers -> the highest first; of those that are left some are named and all are counted', async () => {
  const nothing = { at: async () => undefined } as unknown as RecordWindow
  const losers = Array.from({ length: 5000 }, (_, i) => {
    const undoNextLSN = ((i * 7919) % 5000) + 1
    return { firstLSN: i + 1, lastLSN: undoNextLSN, undoNextLSN } as WalkLoser
  })
  const order: number[] = []
  for await (const step of walkUndo(losers, nothing)) {
    order.push(losers[step.transactionLSN - 1]?.undoNextLSN ?? 0)
    assert.is(step.leftCount, losers.length - order.length)
    assert.ok(step.left.length <= 100)
  }
  assert.equal(
    order,
    Array.from({ length: 5000 }, (_, i) => 5000 - i),
  )
})

test.run()
