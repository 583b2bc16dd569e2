import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

import type { Command, Report } from './protocol.ts'

/** How a child has ended. */
export interface Ending {
  readonly signal: NodeJS.Signals | null
  readonly exitCode: number | null
  readonly errorOutput: string
}

const errorOutputMax = 4000

/** A process that has loaded everything and waits for its command. */
export class StoreProcess {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcessWithoutNullStreams
  #onReport: (report: Report) => void = () => {}
  #rest = ''

  constructor(script: string) {
    this.#child = spawn(process.execPath, [script], { stdio: 'pipe' })
    let errorOutput = ''
    this.#child.stderr.on('data', (data: Buffer) => {
      if (errorOutput.length < errorOutputMax) errorOutput += data.toString()
    })
    this.#child.stdout.setEncoding('utf8')
    this.#child.stdout.on('data', (text: string) => this.#received(text))
    // It may be gone before the command has arrived.
    this.#child.stdin.on('error', () => {})
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (exitCode, signal) => resolve({ signal, exitCode, errorOutput }))
    })
    this.ended.catch(() => {})
  }

  /** `onReport` gets every report that the child came to make, whole and in order. */
  start(command: Command, onReport: (report: Report) => void): void {
    this.#onReport = onReport
    this.#child.stdin.end(JSON.stringify(command))
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  // The last line may be cut off: the child did not come to its end.
  #received(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#onReport(JSON.parse(line) as Report)
  }
}

/** Processes that are started before they are needed, so that their start costs no waiting. */
export class ProcessPool {
  readonly #script: string
  readonly #size: number
  readonly #waiting: StoreProcess[] = []
  started = 0

  constructor(script: string, size: number) {
    this.#script = script
    this.#size = size
  }

  take(): StoreProcess {
    while (this.#waiting.length <= this.#size) {
      this.#waiting.push(new StoreProcess(this.#script))
      this.started += 1
    }
    return this.#waiting.shift() as StoreProcess
  }

  /** Ends those that wait. */
  async close(): Promise<void> {
    const waiting = this.#waiting.splice(0)
    for (const child of waiting) child.kill()
    await Promise.allSettled(waiting.map((child) => child.ended))
  }
}
