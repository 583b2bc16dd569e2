// The main job on a real file: a child process ingests it in durable commits, we kill the child
// with SIGKILL twice at random moments, reopen, show what recovery found, let it go on, and compare
// the log with the file byte for byte.
import type { RecoveryReport } from '../lib/index.ts'
import { exitCode, visible } from '../programs/command-line.ts'
import { callerDirectory } from '../programs/place.ts'
import { ProgressView } from '../programs/progress-view.ts'
import { type DemoArguments, demoLine, readArguments } from './arguments.ts'
import { mix } from './chunks.ts'
import { compareWithFile } from './compare.ts'
import { prepareDirectory } from './demo-directory.ts'
import type { IngestRequest, OpenedMessage } from './messages.ts'
import { DemoReport } from './report.ts'
import { type ChildRun, runChild } from './run-child.ts'
import { describeRecovery, describeSpeed, megabytes } from './words.ts'

const kills = 2

type Say = (text: string) => void

function sayOn(stream: NodeJS.WriteStream): Say {
  return (text) => void stream.write(`${visible(text)}\n`)
}

function complain(text: string): void {
  process.stderr.write(`seawall demo: ${visible(text)}\n`)
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** File offsets at which the child is killed: somewhere in each third of the file but the last. */
function killOffsets(seed: number, fileBytes: number): number[] {
  const third = fileBytes / (kills + 1)
  return Array.from({ length: kills }, (_, i) => {
    const within = 0.15 + (0.7 * mix(seed, -1 - i)) / 2 ** 32
    return Math.ceil(third * (i + within))
  })
}

/** A run of the demo: from the first record to the comparison. */
class Demo {
  readonly #request: IngestRequest
  readonly #fileBytes: number
  readonly #say: Say
  readonly report: DemoReport
  /** A log was made: what goes wrong from here on is a finding. */
  hasBegun = false

  constructor(demoArguments: DemoArguments, logDirectory: string, say: Say) {
    const { file, seed, segmentBytes } = demoArguments
    this.#request = { directory: logDirectory, file, seed, segmentBytes }
    this.#fileBytes = demoArguments.fileBytes
    this.#say = say
    this.report = new DemoReport(demoArguments)
  }

  /** Throws an Error that says what is not as it must be. */
  async run(): Promise<void> {
    const { directory, file, seed } = this.#request
    const say = this.#say
    say(`seawall demo: ${file} (${megabytes(this.#fileBytes)}) -> ${directory}, seed ${seed}`)
    const killed = await this.#ingestAll()
    if (killed < kills) say(`  (too small a file for ${kills} kills in the middle: ${killed})`)
    await this.#compare()
  }

  /** Ingests the whole file, with the kills. Returns how often the child was killed. */
  async #ingestAll(): Promise<number> {
    const say = this.#say
    let acknowledged = 0
    let killed = 0
    for (const killAt of [...killOffsets(this.#request.seed, this.#fileBytes), undefined]) {
      say(
        killAt === undefined
          ? 'ingesting to the end'
          : `ingesting; SIGKILL once ${megabytes(killAt)} are acknowledged`,
      )
      const run = await this.#ingestOnce(killAt, acknowledged)
      acknowledged = run.acknowledged
      if (run.outcome === 'done') {
        say(`  done: ${run.commits} commits; ${describeSpeed(run)}`)
        return killed
      }
      killed += 1
      const much = `${run.commits} commits, ${megabytes(acknowledged)} acknowledged`
      say(`  killed after ${much}; ${describeSpeed(run)}`)
    }
    return killed
  }

  /**
   * One life of the child. `acknowledged` is what its predecessors had reported as durable: it must
   * be there.
   */
  async #ingestOnce(killAt: number | undefined, acknowledged: number): Promise<ChildRun> {
    const view = new ProgressView()
    const soFar = { from: 0, startedMs: 0 }
    const openedMs = performance.now()
    let found: RecoveryReport | null = null
    const run = await runChild(this.#request, killAt, (message) => {
      if (message.kind === 'resuming') {
        const rate = message.offset / 1000 / (performance.now() - openedMs)
        const text = `reading the log to its end, ${rate.toFixed(0)} MB/s`
        view.show(message.offset / acknowledged, text)
      } else if (message.kind === 'opened') {
        view.end()
        this.hasBegun = true
        found = message.recovery
        this.#sayOpened(message, acknowledged)
        soFar.from = message.offset
        soFar.startedMs = performance.now()
      } else if (message.kind === 'progress') {
        const seconds = (performance.now() - soFar.startedMs) / 1000
        const speed = describeSpeed({ ...message, from: soFar.from, seconds })
        view.show(message.acknowledged / this.#fileBytes, speed)
      }
    }).finally(() => view.end())
    this.report.run(run, found)
    return run
  }

  #sayOpened({ recovery, offset, backend, directIO }: OpenedMessage, acknowledged: number): void {
    if (offset < acknowledged) {
      throw new Error(`${acknowledged} bytes were acknowledged, but the log ends at ${offset}`)
    }
    for (const line of describeRecovery(recovery, offset, acknowledged)) this.#say(`  ${line}`)
    if (recovery.decision === 'created') {
      const place = directIO ? 'O_DIRECT' : 'page cache (no O_DIRECT here)'
      this.#say(`  backend ${backend}, ${place}`)
    }
  }

  async #compare(): Promise<void> {
    const { directory, file } = this.#request
    this.#say('reading the log back and comparing it with the file')
    const view = new ProgressView()
    const comparison = await compareWithFile(directory, file, (done, total, rate) =>
      view.show(done / total, `${megabytes(done)}, ${rate.toFixed(0)} MB/s`),
    ).finally(() => view.end())
    this.report.compared(comparison)
    const { records, bytes, seconds, differsAt } = comparison
    if (differsAt !== undefined) {
      throw new Error(`the log differs from the file at byte ${differsAt}`)
    }
    const rate = (bytes / 1e6 / Math.max(seconds, 1e-6)).toFixed(0)
    this.#say(
      `  ${records} records, ${bytes} bytes, ${rate} MB/s: identical with the file, byte for byte`,
    )
  }
}

/** Returns the exit code. Throws an Error when it could not begin. */
async function ingestWithKills(demoArguments: DemoArguments): Promise<number> {
  const { directory, isJson } = demoArguments
  const logDirectory = prepareDirectory(directory)
  const say = sayOn(isJson ? process.stderr : process.stdout)
  const demo = new Demo(demoArguments, logDirectory, say)
  let problem: string | undefined
  try {
    await demo.run()
  } catch (error) {
    if (!demo.hasBegun) throw error
    problem = inWords(error)
    complain(problem)
  }
  if (isJson) process.stdout.write(`${JSON.stringify(demo.report.value(problem), undefined, 2)}\n`)
  if (problem !== undefined) return exitCode.finding
  say(`the log is in ${logDirectory}; the next demo removes it, or: rm -r ${directory}`)
  return exitCode.good
}

/** Runs it. Resolves with the exit code. `name`: how it was called. */
export async function runDemo(args: readonly string[], name: string): Promise<number> {
  try {
    const line = demoLine(args, name)
    if (!line.isHelp) return await ingestWithKills(readArguments(line, callerDirectory()))
    process.stdout.write(`${line.usage}\n`)
    return exitCode.good
  } catch (error) {
    complain(inWords(error))
    return exitCode.failed
  }
}
