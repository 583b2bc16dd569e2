import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Summary } from '../observer/summary.ts'
import { mix } from '../workload/random.ts'
import { type SelftestCase, selftestCases } from './cases.ts'
import { runCase } from './run-case.ts'

export interface SelftestOptions {
  readonly seed: number
  /** How the `seawall` command is started: node and its arguments. */
  readonly command: readonly string[]
  /** Cases at a time. */
  readonly parallel: number
  /** Cases whose name contains this. */
  readonly only: string
  readonly finished: (row: SelftestRow) => void
}

export interface SelftestRow {
  readonly name: string
  readonly expected: string
  readonly reported: string
  readonly cuts: number
  readonly ackedRecords: number
  readonly seconds: number
  /** Some of the losses, in words. */
  readonly examples: readonly string[]
  /** Why the row is red; '' when it is not. */
  readonly failure: string
}

/**
 * Runs real observers and real agents against simulated devices and a real engine. A row is red when
 * a fault was not reported, and when an honest device was blamed.
 */
export async function runSelftest(options: SelftestOptions): Promise<SelftestRow[]> {
  const cases = [...selftestCases.entries()].filter(([, { name }]) => name.includes(options.only))
  const rows: SelftestRow[] = []
  const directory = await mkdtemp(join(tmpdir(), 'seawall-rig-'))
  try {
    const queue = [...cases]
    const take = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [i, one] = next
        const row = await rowOf(one, join(directory, String(i)), mix(options.seed, i), options)
        rows.push(row)
        options.finished(row)
      }
    }
    await Promise.all(Array.from({ length: options.parallel }, take))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return rows
}

async function rowOf(
  one: SelftestCase,
  directory: string,
  seed: number,
  { command }: SelftestOptions,
): Promise<SelftestRow> {
  const startedAt = performance.now()
  let summary: Summary | undefined
  let failure = ''
  try {
    const { exitCode, ...result } = await runCase(one, { directory, seed, command })
    summary = result.summary
    failure = whyRed(one, exitCode, summary)
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  return {
    name: one.name,
    expected: one.expect.verdict ?? one.expect.label ?? '',
    reported: summary === undefined ? '' : reportedBy(summary),
    cuts: summary?.cycles ?? 0,
    ackedRecords: summary?.ackedRecords ?? 0,
    seconds: (performance.now() - startedAt) / 1000,
    examples: summary?.probes.flatMap(({ examples }) => examples) ?? [],
    failure,
  }
}

/** Why a case is red; '' when everything is as expected. */
export function whyRed({ expect }: SelftestCase, exitCode: number, summary: Summary): string {
  const reported = new Set(summary.probes.flatMap(({ losses }) => Object.keys(losses)))
  if (expect.verdict === undefined && reported.size > 0) {
    return `blamed without reason: ${summary.probes.flatMap(({ examples }) => examples).join('; ')}`
  }
  if (expect.verdict !== undefined && !reported.has(expect.verdict)) {
    return `${expect.verdict} was not reported`
  }
  if (exitCode !== expect.exitCode) return `exit code ${exitCode}, not ${expect.exitCode}`
  if (expect.validCuts !== undefined && summary.validCuts !== expect.validCuts) {
    return `${summary.validCuts} power cuts counted, not ${expect.validCuts}`
  }
  if (expect.label !== undefined && expect.label !== 'power cut') {
    if ((summary.invalid[expect.label] ?? 0) === 0) return `no cycle has the label ${expect.label}`
  }
  return summary.ackedRecords === 0 ? 'nothing was acknowledged' : ''
}

function reportedBy({ probes, invalid, validCuts }: Summary): string {
  const verdicts = probes.flatMap(({ losses }) =>
    Object.entries(losses).map(([name, count]) => `${name} ${count}`),
  )
  const labels = Object.entries(invalid).map(([name, count]) => `${count} ${name}`)
  if (validCuts > 0) labels.unshift(`${validCuts} power cut${validCuts === 1 ? '' : 's'}`)
  return [...(verdicts.length === 0 ? ['nothing lost'] : verdicts), ...labels].join(', ')
}
