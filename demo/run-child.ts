import type { ChildProcess } from 'node:child_process'

import { forkProgram } from '../programs/child-processes.ts'
import type { ChildMessage, IngestRequest, ParentMessage } from './messages.ts'

/** How a run of the child ended. Latencies in microseconds. */
export interface ChildRun {
  readonly outcome: 'done' | 'killed'
  /** File offset at which the child went on. */
  readonly from: number
  /**
   * File offset below which everything was acknowledged to us, by messages that came before the end
   * or were on the way.
   */
  readonly acknowledged: number
  readonly commits: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
}

function startChild(): ChildProcess {
  return forkProgram(import.meta.url, './ingest.ts', [], { stdio: 'inherit' })
}

/**
 * Runs the child until it is done, or kills it with SIGKILL as soon as it has acknowledged the file
 * up to `killAt`. `onMessage` sees everything that it tells; when it throws, the child is killed
 * and the error passed on.
 */
export function runChild(
  request: IngestRequest,
  killAt: number | undefined,
  onMessage: (message: ChildMessage) => void,
): Promise<ChildRun> {
  const child = startChild()
  const run = { from: 0, acknowledged: 0, commits: 0, seconds: 0, p50: 0, p99: 0 }
  let startedMs = performance.now()
  let isDone = false
  let failure: unknown
  const send = (message: ParentMessage): void => {
    // A child that is gone by now says so by its exit.
    if (child.connected) child.send(message, () => {})
  }
  const take = (message: ChildMessage): void => {
    if (message.kind === 'opened') {
      run.from = run.acknowledged = message.offset
      startedMs = performance.now()
    }
    if (message.kind === 'progress') {
      const { acknowledged, commits, p50, p99 } = message
      Object.assign(run, { acknowledged, commits, p50, p99 })
      run.seconds = (performance.now() - startedMs) / 1000
      if (killAt !== undefined && acknowledged >= killAt) child.kill('SIGKILL')
      else send({ kind: 'seen', offset: acknowledged })
    }
    if (message.kind === 'failed') throw new Error(message.message)
    onMessage(message)
    if (message.kind === 'done') {
      isDone = true
      child.disconnect()
    }
  }
  return new Promise((resolve, reject) => {
    child.on('message', (message: ChildMessage) => {
      try {
        if (failure === undefined) take(message)
      } catch (error) {
        failure = error
        child.kill('SIGKILL')
      }
    })
    child.on('error', reject)
    // When both have come, every message that the child ever sent has been taken.
    const ended = Promise.all([
      new Promise<void>((resolveOne) => child.once('disconnect', resolveOne)),
      new Promise<NodeJS.Signals | null>((resolveOne) => {
        child.once('exit', (_code, signal) => resolveOne(signal))
      }),
    ])
    ended.then(([, signal]) => {
      if (failure !== undefined) reject(failure)
      else if (isDone) resolve({ outcome: 'done', ...run })
      else if (signal === 'SIGKILL') resolve({ outcome: 'killed', ...run })
      else reject(new Error(`the child ended by itself (${signal ?? 'no signal'})`))
    }, reject)
    send({ kind: 'ingest', ...request })
  })
}
