// Goal: steps by number are the steps of one straight walk, in whatever order they are asked for, and
// what is kept of them is small.
// Method: crashed stores; random numbers against the walk; the summary against counting; large bodies.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LSN } from '../../../../lib/index.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import {
  RestartPages,
  type RestartSummary,
  tableRows,
  type TableRows,
} from '../../../../lib/inspection/restart/restart-pages.ts'
import { boundedStep, type ToldStep } from '../../../../lib/inspection/restart/bounded-step.ts'
import { type RestartStep, walkRestart } from '../../../../lib/inspection/restart/restart-walk.ts'
import type { ScanOptions } from '../../../../lib/inspection/survey/survey-types.ts'
import { crashedStore, damagePage } from '../../../inspector/sample-stores.ts'
import { Random, seedOr } from '../../../support/random.ts'

interface Straight {
  readonly steps: ToldStep[]
  /** Before each step. */
  readonly tables: TableRows[]
}

async function straight(survey: LogSurvey): Promise<Straight> {
  const walk = await walkRestart(survey)
  const told: Straight = { steps: [], tables: [tableRows(walk.tables)] }
  for await (const step of walk.steps()) {
    told.steps.push(boundedStep(step))
    told.tables.push(tableRows(walk.tables))
  }
  return told
}

test('any step, in any order -> as a straight walk has it, with the tables before it', async () => {
  const seed = seedOr(41)
  const random = new Random(seed)
  const directory = await crashedStore(seed)
  damagePage(directory, 9)
  await using survey = await LogSurvey.open(directory)
  const { steps, tables } = await straight(survey)
  assert.ok(steps.length > 200)
  const pages = new RestartPages(survey, 7)
  for (let round = 0; round < 120; round++) {
    const number = random.chance(0.1) ? steps.length - 1 : random.below(steps.length)
    const page = await pages.pageOf(number)
    const words = `SEAWALL_SEED=${seed}, step ${number}`
    assert.is(page.first, number - (number % 7), words)
    assert.equal(page.steps, steps.slice(page.first, page.first + 7), words)
    assert.equal(page.before, tables[page.first], words)
    if (page.takenOver !== undefined) {
      assert.equal(page.takenOver.tables, tables[page.first + page.takenOver.step + 1])
    }
  }
  await pages.close()
})

test('behind the last step -> the last page', async () => {
  await using survey = await LogSurvey.open(await crashedStore(42, 80))
  const { steps } = await straight(survey)
  for (const size of [7, 200, steps.length]) {
    const pages = new RestartPages(survey, size)
    for (const number of [steps.length, steps.length + 5000, Number.MAX_SAFE_INTEGER]) {
      const page = await pages.pageOf(number)
      assert.equal(page.steps.at(-1), steps.at(-1))
      assert.ok(page.isLast || page.first + page.steps.length === steps.length)
    }
    await pages.close()
  }
})

test('the end record of the checkpoint -> the page has the tables that it leaves', async () => {
  await using survey = await LogSurvey.open(await crashedStore(43))
  const pages = new RestartPages(survey, 50)
  const { takenOver, steps } = await pages.pageOf(0)
  const step = steps[takenOver?.step ?? -1]?.step as Extract<RestartStep, { phase: 'analysis' }>
  assert.is(step.record.kind, 'end checkpoint')
  assert.is(takenOver?.tables.transactionCount, 3)
  await pages.close()
})

test('the summary -> counts every step, and where each pass begins', async () => {
  await using survey = await LogSurvey.open(await crashedStore(44))
  const { steps } = await straight(survey)
  const summary: RestartSummary = { steps: 0, firstStep: {}, counts: {}, isComplete: false }
  await RestartPages.summarise(survey, summary, new AbortController().signal)
  const phases = steps.map(({ step }) => step.phase)
  assert.is(summary.steps, steps.length)
  for (const phase of ['analysis', 'redo', 'undo'] as const) {
    assert.is(summary.firstStep[phase], phases.indexOf(phase))
  }
  const all = Object.values(summary.counts).reduce((sum, count) => sum + count, 0)
  assert.is(all, phases.filter((phase) => phase !== 'analysis').length)
  assert.is(summary.counts.end, 3)
  const walk = await walkRestart(survey)
  for await (const step of walk.steps()) if (step.phase === 'redo') break
  assert.is(summary.redoLSN, walk.redoLSN)
  assert.is(summary.oldestLoserLSN, Math.min(...walk.tables.losers.keys()))
})

test('a restart that stops at damage -> its steps up to there, and why, from wherever it is asked', async () => {
  const directory = await crashedStore(46)
  await using survey = await LogSurvey.open(directory)
  const { steps } = await straight(survey)
  const analysed = steps.filter(({ step }) => step.phase === 'analysis')
  const damaged = analysed[Math.floor(analysed.length / 2)]?.step.record?.lsn as LSN
  const { layout } = survey
  const stopping = Object.assign(Object.create(survey) as LogSurvey, {
    layout,
    tail: () => survey.tail(),
    pageFile: () => survey.pageFile(),
    async *scan(options: ScanOptions) {
      for await (const items of survey.scan(options)) {
        yield items.map((item) => (item.lsn === damaged ? { ...item, problem: 'rotten' } : item))
      }
    },
  })
  const count = Math.floor(analysed.length / 2)
  for (const [size, number] of [
    [200, 0],
    [7, count - 1],
    [7, 100_000],
    [1, 100_000],
    [count, count],
  ] as const) {
    const pages = new RestartPages(stopping, size)
    const page = await pages.pageOf(number)
    assert.is(page.first + page.steps.length <= count, true)
    if (number > 0) assert.equal(page.steps.at(-1), steps[count - 1], `${size} ${number}`)
    const last = await pages.pageOf(count)
    assert.equal(last.steps.at(-1), steps[count - 1])
    await pages.close()
  }
  const pages = new RestartPages(stopping, 100_000)
  const { problem, isLast } = await pages.pageOf(0)
  assert.is(problem?.code, 'ERR_SEAWALL_CORRUPT_LOG')
  assert.is(problem?.lsn, damaged)
  assert.ok(isLast)
})

test('an aborted signal -> ERR_SEAWALL_ABORTED, and the next call finds its step', async () => {
  await using survey = await LogSurvey.open(await crashedStore(45))
  const { steps } = await straight(survey)
  const pages = new RestartPages(survey, 1)
  try {
    await pages.pageOf(steps.length - 1, AbortSignal.abort())
    assert.unreachable()
  } catch (error) {
    assert.is((error as { code?: string }).code, 'ERR_SEAWALL_ABORTED')
  }
  assert.equal((await pages.pageOf(steps.length - 1)).steps[0], steps.at(-1))
  await pages.close()
})

test('a step with much in it -> little is kept, and nothing of the memory that it lay in', () => {
  const batch = new Uint8Array(1_000_000)
  const payload = batch.subarray(1000, 900_000)
  const step = {
    phase: 'undo',
    transactionLSN: 8,
    action: 'compensate',
    undoNextLSN: 0,
    record: {
      lsn: 8,
      kind: 'update',
      type: 1,
      bodyBytes: 900_000,
      payload,
      fields: { before: payload },
    },
    compensation: { pageId: 1, operation: 1, operationName: 'x', payload, undoNextLSN: 0 },
    left: [],
    leftCount: 0,
  } as unknown as RestartStep
  const kept = boundedStep(step)
  assert.ok(JSON.stringify(kept).length < 20_000)
  const buffers = new Set<ArrayBufferLike>()
  JSON.stringify(kept, (_key, value: unknown) => {
    if (value instanceof Uint8Array) buffers.add(value.buffer)
    return value
  })
  assert.ok(buffers.size > 0 && !buffers.has(batch.buffer))
})

test.run()
