// The main job on a real file: a child process ingests it in durable commits, we kill the child
// with SIGKILL twice at random
// moments, reopen, show what recovery found, let it go on, and compare the log with the file byte
// for byte.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import type { RecoveryReport } from '../lib/index.ts'
import { mix } from './chunks.ts'
import { compareWithFile } from './compare.ts'
import { ProgressView } from './progress-view.ts'
import { type ChildRun, runChild } from './run-child.ts'

const kills = 2
const directoryPrefix = 'seawall-demo-'
const mib = 1024 * 1024

class DemoError extends Error {}

function readArguments(): { file: string; directory: string; seed: number } {
  const { values, positionals } = parseArgs({
    options: { dir: { type: 'string' }, seed: { type: 'string' } },
    allowPositionals: true,
  })
  const from = process.env.SEAWALL_CALLER_DIRECTORY ?? process.cwd()
  const file = positionals[0] === undefined ? process.execPath : resolve(from, positionals[0])
  const seed =
    values.seed === undefined ? mix(Date.now() % 2 ** 32, process.pid) : Number(values.seed)
  if (!Number.isSafeInteger(seed))
    throw new DemoError(`--seed must be an integer, not ${values.seed}`)
  const info = statSync(file, { throwIfNoEntry: false })
  if (info === undefined) throw new DemoError(`there is no file ${file}`)
  if (!info.isFile()) throw new DemoError(`${file} is not a file`)
  if (info.size === 0) throw new DemoError(`${file} is empty; choose a file with something in it`)
  if (values.dir !== undefined) return { file, directory: resolve(from, values.dir), seed }
  removeEarlierRuns()
  return { file, directory: mkdtempSync(join(tmpdir(), directoryPrefix)), seed }
}

// Only directories that earlier runs made in the temporary folder.
function removeEarlierRuns(): void {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(directoryPrefix))
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function describeRecovery(recovery: RecoveryReport, offset: number): string {
  const milliseconds = recovery.durationMs.toFixed(1)
  if (recovery.decision === 'created') return `  new log, opened in ${milliseconds} ms`
  const tail =
    recovery.decision === 'torn-tail'
      ? `a torn tail: ${recovery.cutBytes} bytes that nobody was promised were cut off (${recovery.reason})`
      : `a clean end (${recovery.reason})`
  return [
    `  recovery took ${milliseconds} ms: scanned ${recovery.scannedRecords} records from LSN ${recovery.scannedFrom}, found ${tail}`,
    `  the log is kept up to LSN ${recovery.keptTo}; the file goes on at byte ${offset}`,
  ].join('\n')
}

/** Offsets at which the child is killed: somewhere in each third but the last. */
function killOffsets(seed: number, fileBytes: number): number[] {
  return Array.from({ length: kills }, (_, i) => {
    const third = fileBytes / (kills + 1)
    return Math.floor(third * (i + 0.15 + (0.7 * mix(seed, 1000 + i)) / 2 ** 32))
  })
}

async function ingestOnce(
  request: { directory: string; file: string; seed: number; segmentBytes: number },
  killAt: number | undefined,
  fileBytes: number,
  mustHave: number,
): Promise<ChildRun> {
  const view = new ProgressView()
  let startOffset = 0
  let startMs = 0
  const run = await runChild(request, killAt, (message) => {
    if (message.kind === 'opened') {
      say(`${describeRecovery(message.recovery, message.offset)} [${message.backend}]`)
      if (message.offset < mustHave) {
        throw new DemoError(
          `acknowledged bytes are gone: ${mustHave} were acknowledged, the log ends at ${message.offset}`,
        )
      }
      startOffset = message.offset
      startMs = performance.now()
    } else if (message.kind === 'progress' && message.commits > 0) {
      const seconds = (performance.now() - startMs) / 1000
      const rate = (message.acknowledged - startOffset) / mib / seconds
      const commits = Math.round(message.commits / seconds)
      const latency = `p50 ${Math.round(message.p50)} us, p99 ${Math.round(message.p99)} us`
      view.show(
        message.acknowledged / fileBytes,
        `${commits} commits/s, ${rate.toFixed(0)} MB/s, ${latency}`,
      )
    }
  })
  view.end()
  return run
}

async function main(): Promise<void> {
  const { file, directory, seed } = readArguments()
  const fileBytes = statSync(file).size
  const request = { directory, file, seed, segmentBytes: 16 * mib }
  say(`seawall demo: ${file} (${(fileBytes / mib).toFixed(1)} MB) -> ${directory}, seed ${seed}`)
  let acknowledged = 0
  let killed = 0
  for (const killAt of [...killOffsets(seed, fileBytes), undefined]) {
    say(killAt === undefined ? 'ingesting to the end' : `ingesting; SIGKILL after byte ${killAt}`)
    const run = await ingestOnce(request, killAt, fileBytes, acknowledged)
    acknowledged = run.acknowledged
    if (run.outcome === 'killed') {
      killed += 1
      say(`  killed with ${acknowledged} bytes acknowledged, more in flight`)
    } else {
      say(
        `  done: ${run.commits} commits, p50 ${Math.round(run.p50)} us, p99 ${Math.round(run.p99)} us`,
      )
      break
    }
  }
  if (killed < kills)
    say(`  (the file is too small to be killed ${kills} times in the middle: ${killed} kills)`)
  say('reading the log back')
  const comparison = await compareWithFile(directory, file)
  const rate = (comparison.bytes / mib / Math.max(comparison.seconds, 1e-6)).toFixed(0)
  if (comparison.differsAt !== undefined)
    throw new DemoError(`the log differs from the file at byte ${comparison.differsAt}`)
  say(
    `  ${comparison.records} records, ${comparison.bytes} bytes, ${rate} MB/s: identical with the file, byte for byte`,
  )
  say(`the log is in ${directory}; remove it with: rm -r ${directory}`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`seawall demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
