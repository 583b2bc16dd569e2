// The main job on a real file: a child process ingests it in durable commits, we kill the child
// with SIGKILL twice at random moments, reopen, show what recovery found, let it go on, and compare
// the log with the file byte for byte.
import { callerDirectory } from '../programs/place.ts'
import { ProgressView } from '../programs/progress-view.ts'
import { type DemoArguments, readArguments, usageOf } from './arguments.ts'
import { mix } from './chunks.ts'
import { compareWithFile } from './compare.ts'
import { prepareDirectory } from './demo-directory.ts'
import type { IngestRequest } from './messages.ts'
import { type ChildRun, runChild } from './run-child.ts'
import { describeRecovery, describeSpeed, megabytes } from './words.ts'

const kills = 2

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function complain(text: string): void {
  process.stderr.write(`seawall demo: ${text}\n`)
}

/** File offsets at which the child is killed: somewhere in each third of the file but the last. */
function killOffsets(seed: number, fileBytes: number): number[] {
  const third = fileBytes / (kills + 1)
  return Array.from({ length: kills }, (_, i) => {
    const within = 0.15 + (0.7 * mix(seed, -1 - i)) / 2 ** 32
    return Math.ceil(third * (i + within))
  })
}

/**
 * One life of the child. `acknowledged` is what its predecessors had reported as durable: it must
 * be there.
 */
async function ingestOnce(
  request: IngestRequest,
  fileBytes: number,
  killAt: number | undefined,
  acknowledged: number,
): Promise<ChildRun> {
  const view = new ProgressView()
  const soFar = { from: 0, startedMs: 0 }
  const openedMs = performance.now()
  const run = await runChild(request, killAt, (message) => {
    if (message.kind === 'resuming') {
      const rate = message.offset / 1000 / (performance.now() - openedMs)
      view.show(
        message.offset / acknowledged,
        `reading the log to its end, ${rate.toFixed(0)} MB/s`,
      )
    } else if (message.kind === 'opened') {
      view.end()
      const { recovery, offset, backend, directIO } = message
      if (offset < acknowledged) {
        throw new Error(`${acknowledged} bytes were acknowledged, but the log ends at ${offset}`)
      }
      for (const line of describeRecovery(recovery, offset, acknowledged)) say(`  ${line}`)
      if (recovery.decision === 'created') {
        say(`  backend ${backend}, ${directIO ? 'O_DIRECT' : 'page cache (no O_DIRECT here)'}`)
      }
      soFar.from = offset
      soFar.startedMs = performance.now()
    } else if (message.kind === 'progress') {
      const seconds = (performance.now() - soFar.startedMs) / 1000
      const speed = describeSpeed({ ...message, from: soFar.from, seconds })
      view.show(message.acknowledged / fileBytes, speed)
    }
  })
  view.end()
  return run
}

/** Ingests the whole file, with the kills. Returns how often the child was killed. */
async function ingestAll(request: IngestRequest, fileBytes: number): Promise<number> {
  let acknowledged = 0
  let killed = 0
  for (const killAt of [...killOffsets(request.seed, fileBytes), undefined]) {
    say(
      killAt === undefined
        ? 'ingesting to the end'
        : `ingesting; SIGKILL once ${megabytes(killAt)} are acknowledged`,
    )
    const run = await ingestOnce(request, fileBytes, killAt, acknowledged)
    acknowledged = run.acknowledged
    if (run.outcome === 'done') {
      say(`  done: ${run.commits} commits; ${describeSpeed(run)}`)
      return killed
    }
    killed += 1
    say(
      `  killed after ${run.commits} commits, ${megabytes(acknowledged)} acknowledged; ${describeSpeed(run)}`,
    )
  }
  return killed
}

async function compare(directory: string, file: string): Promise<void> {
  say('reading the log back and comparing it with the file')
  const view = new ProgressView()
  const { records, bytes, seconds, differsAt } = await compareWithFile(
    directory,
    file,
    (done, total, rate) => view.show(done / total, `${megabytes(done)}, ${rate.toFixed(0)} MB/s`),
  ).finally(() => view.end())
  if (differsAt !== undefined) throw new Error(`the log differs from the file at byte ${differsAt}`)
  const rate = (bytes / 1e6 / Math.max(seconds, 1e-6)).toFixed(0)
  say(`  ${records} records, ${bytes} bytes, ${rate} MB/s: identical with the file, byte for byte`)
}

async function ingestWithKills({
  file,
  fileBytes,
  directory,
  seed,
  segmentBytes,
}: DemoArguments): Promise<void> {
  const logDirectory = prepareDirectory(directory)
  say(`seawall demo: ${file} (${megabytes(fileBytes)}) -> ${logDirectory}, seed ${seed}`)
  const request = { directory: logDirectory, file, seed, segmentBytes }
  const killed = await ingestAll(request, fileBytes)
  if (killed < kills) say(`  (too small a file for ${kills} kills in the middle: ${killed})`)
  await compare(logDirectory, file)
  say(`the log is in ${logDirectory}; the next demo removes it, or: rm -r ${directory}`)
}

/** Runs it. Resolves with the exit code. `name`: how it was called. */
export async function runDemo(args: string[], name: string): Promise<number> {
  try {
    if (args.includes('--help')) say(usageOf(name))
    else await ingestWithKills(readArguments(args, callerDirectory()))
    return 0
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    return 1
  }
}
