// Measures the log and the engine against the drive (fio) and against other stores, on the same file system in the
// same run.
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { BenchCase, BenchContext } from './bench-case.ts'
import { append } from './cases/append.ts'
import { checkpoint } from './cases/checkpoint.ts'
import { commitLone } from './cases/commit-lone.ts'
import { commits } from './cases/commits.ts'
import { engineMemory } from './cases/engine-memory.ts'
import { eventLoop } from './cases/event-loop.ts'
import { latency } from './cases/latency.ts'
import { memory } from './cases/memory.ts'
import { options } from './cases/options.ts'
import { pages } from './cases/pages.ts'
import { pool } from './cases/pool.ts'
import { read } from './cases/read.ts'
import { redo } from './cases/redo.ts'
import { transfer } from './cases/transfer.ts'
import { DiskGuard } from './measure/disk-guard.ts'
import { Fio, installFio } from './fio/fio.ts'
import { describeMachine, type Machine } from './measure/machine.ts'
import { NativeBench } from './measure/native-bench.ts'
import { installPeers } from './install/peer-packages.ts'
import { showCase, showSummary } from './result/terminal.ts'
import {
  type BenchResult,
  type FinishedCase,
  readResult,
  resultFormat,
  writeResult,
} from './result/result-file.ts'
import { type Command, readCommand } from './command.ts'
import { compareFiles } from './compare/compare-files.ts'
import { paintNothing, paintTerminal } from './compare/show-comparison.ts'
import { reportPath, writeReport } from './report/report-file.ts'
import type { CaseResult } from './result/row.ts'
import { type Settings, usage } from './settings.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cases: readonly BenchCase[] = [
  commitLone,
  commits,
  latency,
  eventLoop,
  append,
  read,
  options,
  memory,
  transfer,
  redo,
  checkpoint,
  pages,
  pool,
  engineMemory,
]

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}

async function prepare(settings: Settings, guard: DiskGuard): Promise<BenchContext> {
  installFio(say)
  const fio = new Fio(settings.directory)
  await fio.prepare()
  const peers = settings.withPeers
    ? installPeers(root, say)
    : { available: [], missing: ['peers: --no-peers'] }
  const native = await NativeBench.build(root)
  if (native === undefined) say('the native benchmark could not be built; its rows are left out')
  const directoryFor = (name: string): string => join(settings.directory, name)
  return { settings, guard, fio, peers, native, directoryFor, remove, say }
}

function sayConditions(machine: Machine, { directory, rounds, seconds, seed }: Settings): void {
  const { cpu, cpus, memoryGiB, kernel, node, fileSystem, device, load } = machine
  say(`${cpus} x ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}`)
  say(`${directory}: ${fileSystem}; ${device}`)
  say(`${rounds} rounds of ${seconds} s, seed ${seed}; medians (min..max)`)
  if (load > cpus / 2) say(`others use this machine (load ${load.toFixed(1)}): numbers are rough`)
}

// A case that fails is a finding too, and no reason to lose what the others found.
async function runCase({ name, run }: BenchCase, context: BenchContext): Promise<CaseResult> {
  try {
    return await run(context)
  } catch (error) {
    return { rows: [], skipped: [`${name}: failed: ${(error as Error).message}`], failed: true }
  }
}

/** `keep` gets what there is so far: a run of an hour may end before its time. */
async function runCases(
  chosen: readonly BenchCase[],
  context: BenchContext,
  keep: (results: Readonly<Record<string, FinishedCase>>) => void,
) {
  const results: Record<string, FinishedCase> = {}
  for (const benchCase of chosen) {
    const { name, title } = benchCase
    const started = performance.now()
    const result = await runCase(benchCase, context)
    results[name] = { title, ...result, seconds: (performance.now() - started) / 1000 }
    say(`\n${showCase(title, result)}`)
    keep(results)
  }
  return results
}

function chooseCases({ only }: Settings): readonly BenchCase[] {
  const chosen = cases.filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  )
  if (chosen.length > 0) return chosen
  throw new Error(`no such case; there are ${cases.map(({ name }) => name).join(', ')}`)
}

async function measure(settings: Settings): Promise<void> {
  const { directory } = settings
  const chosen = chooseCases(settings)
  remove(directory)
  mkdirSync(directory, { recursive: true })
  const removeAll = (): void => remove(directory)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      removeAll()
      process.exit(1)
    })
  }
  const guard = new DiskGuard(directory, say)
  try {
    const machine = describeMachine(directory, root)
    sayConditions(machine, settings)
    const context = await prepare(settings, guard)
    const started = performance.now()
    const secondsSoFar = (): number => (performance.now() - started) / 1000
    const date = new Date().toISOString()
    const results = await runCases(chosen, context, (done) => {
      const { pauses, repeats, bestMs: bestProbeMs } = guard
      const disk = { pauses, repeats, bestProbeMs }
      const result: BenchResult = {
        format: resultFormat,
        ...{ date, machine, settings, disk },
        seconds: secondsSoFar(),
        cases: done,
      }
      writeResult(settings.output, result)
      writeReport(reportPath(settings.output), result)
    })
    say(`\n${showSummary(Object.values(results))}, ${secondsSoFar().toFixed(0)} s`)
    const { pauses, repeats } = guard
    if (pauses > 0)
      say(`the disk was throttled: ${pauses} pauses, ${repeats} measurements repeated`)
    say(`written to ${settings.output} and ${reportPath(settings.output)}`)
    if (Object.values(results).some(({ failed }) => failed)) process.exitCode = 1
  } finally {
    guard.close()
    removeAll()
  }
}

function report(path: string): void {
  const to = reportPath(path)
  writeReport(to, readResult(path))
  say(`written to ${to}`)
}

/** True when nothing became worse. */
function compare(before: string, after: string): boolean {
  const hasColours = process.stdout.isTTY && !process.env.NO_COLOR
  const { text, hasRegressions } = compareFiles(
    before,
    after,
    hasColours ? paintTerminal : paintNothing,
  )
  say(text)
  return !hasRegressions
}

async function execute(command: Command): Promise<number> {
  if (command.does === 'help') say(usage)
  if (command.does === 'report') report(command.result)
  if (command.does === 'compare') return compare(command.before, command.after) ? 0 : 1
  if (command.does === 'measure') await measure(command.settings)
  return 0
}

let exitCodeOfErrors = 2
try {
  const caller = process.env.SEAWALL_CALLER_DIRECTORY ?? process.cwd()
  const command = readCommand(process.argv.slice(2), root, caller)
  // 1 of a comparison is a regression, and nothing else.
  if (command.does === 'measure') exitCodeOfErrors = 1
  process.exitCode = (await execute(command)) || process.exitCode
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = exitCodeOfErrors
}
