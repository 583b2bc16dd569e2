import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { runTask, type TaskOutcome } from './child/run-task.ts'
import { failureName, writeFailure } from './failure-file.ts'
import type { Failure, LayerResult } from './layer.ts'
import type { CanaryOutcome, LayerOutcome, WrittenFailure } from './outcome.ts'
import type { LayerSource } from './registry.ts'
import { inWorkDirectory, type RunContext, whyNot } from './run-context.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

// One bug shows in many ways: a few of them, made small, say more than all of them.
const failuresMax = 5
const shrinkAttemptsMax = 2000
const shrinkSecondsMax = 60
// A canary sings within moments or not at all.
const canaryPart = 1 / 4

export interface LayerSettings {
  readonly budgetCpuSeconds: number
  readonly canary: boolean
}

/** A run of the layer in a process of its own, its failures made small and written, its canary. */
export async function runLayer(
  source: LayerSource,
  settings: LayerSettings,
  context: RunContext,
): Promise<LayerOutcome> {
  const { budgetCpuSeconds } = settings
  let title = ''
  const ran = await runOnce(source, 'run', budgetCpuSeconds, context, (text) => (title = text))
  const outcome = { name: source.name, title, seed: context.seed, budgetCpuSeconds, failures: [] }
  if (ran.kind === 'unavailable') return { ...outcome, status: 'skipped', why: ran.reason }
  if (ran.kind !== 'result') return { ...outcome, status: 'broken', why: whyNot(ran) }
  const { result } = ran
  const failures = await smallFailures(source, result.violations, context)
  const status = result.violations.length > 0 ? 'failed' : 'passed'
  if (!settings.canary) return { ...outcome, status, result, failures }
  const canary = await runCanary(source, budgetCpuSeconds * canaryPart, context)
  return { ...outcome, status, result, failures, canary }
}

function runOnce(
  { name, module }: LayerSource,
  kind: 'run' | 'canary',
  budgetCpuSeconds: number,
  { seed, progress, signal }: RunContext,
  onTitle?: (title: string) => void,
): Promise<TaskOutcome> {
  const label = kind === 'run' ? name : `${name} canary`
  return inWorkDirectory(async (workDirectory) => {
    progress.start(label)
    try {
      return await runTask(
        { kind, module, seed, budgetCpuSeconds, workDirectory },
        { signal, onTitle, onCounts: (counts) => progress.counts(label, counts) },
      )
    } finally {
      progress.end(label)
    }
  })
}

async function runCanary(
  source: LayerSource,
  budgetCpuSeconds: number,
  context: RunContext,
): Promise<CanaryOutcome> {
  const ran = await runOnce(source, 'canary', budgetCpuSeconds, context)
  if (ran.kind !== 'result') return { sang: false, oracles: [], cpuSeconds: 0, why: whyNot(ran) }
  const { violations, cpuSeconds } = ran.result
  return { sang: violations.length > 0, oracles: oraclesOf(ran.result), cpuSeconds }
}

function oraclesOf({ violations }: LayerResult): string[] {
  return [...new Set(violations.map(({ oracle }) => oracle))].sort()
}

/** The first of each oracle comes first. */
function mostTelling(violations: readonly Failure[]): Failure[] {
  const seen = new Set<string>()
  const isFirst = ({ oracle }: Failure): boolean => !seen.has(oracle) && !!seen.add(oracle)
  const first = violations.filter(isFirst)
  return [...first, ...violations.filter((failure) => !first.includes(failure))]
}

async function smallFailures(
  source: LayerSource,
  violations: readonly Failure[],
  context: RunContext,
): Promise<WrittenFailure[]> {
  const written = new Map<string, WrittenFailure>()
  for (const violation of mostTelling(violations).slice(0, failuresMax)) {
    const label = `${source.name} shrinking ${violation.oracle}`
    context.progress.start(label)
    const { failure, reproduced } = await shrinkInChild(source, violation, context.signal)
    context.progress.end(label)
    const { oracle, message } = failure
    const file = relative(root, writeFailure(context.output, failure))
    written.set(failureName(failure), { oracle, message, file, reproduced })
  }
  return [...written.values()]
}

/** As small as it gets, also when the layer does not survive the shrinking. */
export async function shrinkInChild(
  { module }: LayerSource,
  failure: Failure,
  signal: AbortSignal,
  mutant?: string,
): Promise<{ failure: Failure; reproduced: boolean }> {
  const attemptsMax = shrinkAttemptsMax
  const secondsMax = shrinkSecondsMax
  const task = { kind: 'shrink', module, failure, attemptsMax, secondsMax } as const
  const outcome = await runTask(task, { signal, mutant })
  if (outcome.kind === 'shrunk') return outcome
  const smaller = outcome.kind === 'died' ? outcome.smaller : undefined
  return { failure: smaller ?? failure, reproduced: smaller !== undefined }
}
