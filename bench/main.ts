// Measures the log and the engine against the drive (fio) and against other stores, on the same file system in the
// same run.
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { BenchCase, BenchContext } from './bench-case.ts'
import { append } from './cases/append.ts'
import { checkpoint } from './cases/checkpoint.ts'
import { commitGroup } from './cases/commit-group.ts'
import { commitLarge } from './cases/commit-large.ts'
import { commitLone } from './cases/commit-lone.ts'
import { deviceWrites } from './cases/device-writes.ts'
import { engineMemory } from './cases/engine-memory.ts'
import { memory } from './cases/memory.ts'
import { pages } from './cases/pages.ts'
import { read } from './cases/read.ts'
import { redo } from './cases/redo.ts'
import { transfer } from './cases/transfer.ts'
import { DiskGuard } from './measure/disk-guard.ts'
import { Fio, installFio } from './fio/fio.ts'
import { describeMachine, type Machine } from './measure/machine.ts'
import { NativeBench } from './measure/native-bench.ts'
import { installPeers } from './install/peer-packages.ts'
import { showCase, showSummary } from './result/terminal.ts'
import { type FinishedCase, resultFormat, writeResult } from './result/result-file.ts'
import { readSettings, type Settings, usage } from './settings.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cases: readonly BenchCase[] = [
  commitLone,
  deviceWrites,
  commitGroup,
  commitLarge,
  append,
  read,
  memory,
  transfer,
  redo,
  checkpoint,
  pages,
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
    ? installPeers(root, settings.buildPeers, say)
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

async function runCases(chosen: readonly BenchCase[], context: BenchContext) {
  const results: Record<string, FinishedCase> = {}
  for (const { name, title, run } of chosen) {
    const started = performance.now()
    const result = await run(context)
    results[name] = { title, ...result, seconds: (performance.now() - started) / 1000 }
    say(`\n${showCase(title, result)}`)
  }
  return results
}

async function main(): Promise<void> {
  const caller = process.env.SEAWALL_CALLER_DIRECTORY ?? process.cwd()
  const settings = readSettings(process.argv.slice(2), root, caller)
  const { only, directory } = settings
  const chosen = cases.filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  )
  if (chosen.length === 0) {
    throw new Error(`no such case; there are ${cases.map(({ name }) => name).join(', ')}`)
  }
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
    const results = await runCases(chosen, context)
    const seconds = (performance.now() - started) / 1000
    say(`\n${showSummary(Object.values(results))}, ${seconds.toFixed(0)} s`)
    const { pauses, repeats, bestMs } = guard
    if (pauses > 0)
      say(`the disk was throttled: ${pauses} pauses, ${repeats} measurements repeated`)
    const disk = { pauses, repeats, bestProbeMs: bestMs }
    const date = new Date().toISOString()
    const format = resultFormat
    writeResult(settings.output, { format, date, machine, settings, disk, seconds, cases: results })
    say(`written to ${settings.output}`)
  } finally {
    guard.close()
    removeAll()
  }
}

try {
  if (process.argv.includes('--help')) say(usage)
  else await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
