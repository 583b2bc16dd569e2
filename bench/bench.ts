// Measures the log and the engine against the drive (fio) and against other stores, on the same file system in the
// same run.
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { claimDirectory } from '../programs/claimed-directory.ts'
import { exitCode, UsageError, visible } from '../programs/command-line.ts'
import { callerDirectory, checkout } from '../programs/place.ts'
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
import { Fio, installFio, noFio } from './fio/fio.ts'
import { describeMachine, type Machine } from './measure/machine.ts'
import { NativeBench } from './measure/native-bench.ts'
import { checkCompiledLibrary } from './compiled-library.ts'
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
import { RunProgress } from './run-progress.ts'
import { type Settings, usageOf } from './settings.ts'

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

// Words; with --json they make room for the result.
let words: NodeJS.WriteStream = process.stdout

function say(text: string): void {
  words.write(`${text}\n`)
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

function remove(directory: string): void {
  // What runs there may be ending only now.
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

async function buildNative(say: (text: string) => void): Promise<NativeBench | undefined> {
  const native = await NativeBench.build()
  if (native === undefined && checkout !== undefined) {
    say('the native benchmark could not be built; its rows are left out')
  }
  return native
}

async function prepare(
  settings: Settings,
  guard: DiskGuard,
  say: (text: string) => void,
): Promise<BenchContext> {
  const fio = installFio(say) ? new Fio(settings.directory) : undefined
  if (fio === undefined) say(noFio)
  await fio?.prepare()
  const peers = settings.withPeers
    ? installPeers(say)
    : { available: [], missing: ['peers: --no-peers'] }
  if (settings.withPeers) for (const missing of peers.missing) say(missing)
  const native = await buildNative(say)
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
  progress: RunProgress,
  keep: (results: Readonly<Record<string, FinishedCase>>) => void,
) {
  const results: Record<string, FinishedCase> = {}
  for (const benchCase of chosen) {
    const { name, title } = benchCase
    const started = performance.now()
    progress.begin(name)
    const result = await runCase(benchCase, context)
    progress.end()
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
  throw new UsageError(`no such case; there are ${cases.map(({ name }) => name).join(', ')}`)
}

// What was made is removed however this process ends, but by SIGKILL.
function removeAtTheEnd(directory: string): void {
  process.once('exit', () => remove(directory))
  // As a shell reports a program that a signal has ended.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => process.exit(code))
  }
}

/** Undefined: nothing was measured. */
async function measure(settings: Settings): Promise<BenchResult | undefined> {
  const { directory, output, ...told } = settings
  const chosen = chooseCases(settings)
  checkCompiledLibrary()
  mkdirSync(dirname(output), { recursive: true })
  claimDirectory(directory, 'bench')
  removeAtTheEnd(directory)
  const names = chosen.map(({ name }) => name)
  const progress = new RunProgress(names, settings.full, () => guard.measurements)
  const sayBetween = (text: string): void => {
    progress.clear()
    say(text)
  }
  const guard = new DiskGuard(directory, sayBetween)
  let result: BenchResult | undefined
  try {
    const machine = describeMachine(directory)
    sayConditions(machine, settings)
    const context = await prepare(settings, guard, sayBetween)
    const started = performance.now()
    const secondsSoFar = (): number => (performance.now() - started) / 1000
    const date = new Date().toISOString()
    const results = await runCases(chosen, context, progress, (done) => {
      const { pauses, repeats, bestMs: bestProbeMs } = guard
      const disk = { pauses, repeats, bestProbeMs }
      result = {
        format: resultFormat,
        ...{ date, machine, settings: told, disk },
        seconds: secondsSoFar(),
        cases: done,
      }
      writeResult(output, result)
      writeReport(reportPath(output), result)
    })
    say(`\n${showSummary(Object.values(results))}, ${secondsSoFar().toFixed(0)} s`)
    const { pauses, repeats } = guard
    if (pauses > 0)
      say(`the disk was throttled: ${pauses} pauses, ${repeats} measurements repeated`)
    say(`written to ${output} and ${reportPath(output)}`)
    return result
  } finally {
    progress.end()
    guard.close()
    remove(directory)
  }
}

function report(path: string, isJson: boolean): void {
  const to = reportPath(path)
  writeReport(to, readResult(path))
  if (isJson) printJson({ report: to })
  else say(`written to ${to}`)
}

/** True when nothing became worse. */
function compare(before: string, after: string, isJson: boolean): boolean {
  const hasColours = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  const { text, comparison } = compareFiles(
    before,
    after,
    hasColours ? paintTerminal : paintNothing,
  )
  if (isJson) printJson(comparison)
  else say(text)
  return comparison.regressions.length === 0
}

async function execute(command: Command, name: string): Promise<number> {
  if (command.does === 'help') {
    say(usageOf(name, checkout))
    return exitCode.good
  }
  const { isJson } = command
  if (command.does === 'report') {
    report(command.result, isJson)
    return exitCode.good
  }
  if (command.does === 'compare') {
    const isGood = compare(command.before, command.after, isJson)
    return isGood ? exitCode.good : exitCode.finding
  }
  if (isJson) words = process.stderr
  const result = await measure(command.settings)
  if (isJson) printJson(result)
  const hasFailed = Object.values(result?.cases ?? {}).some(({ failed }) => failed)
  return hasFailed ? exitCode.finding : exitCode.good
}

/** Runs it. Resolves with the exit code. `name`: how it was called. */
export async function runBench(args: readonly string[], name: string): Promise<number> {
  try {
    return await execute(readCommand(args, checkout, callerDirectory(), name), name)
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    process.stderr.write(`seawall bench: ${visible(sentence)}\n`)
    return exitCode.failed
  }
}
