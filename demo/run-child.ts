import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { ChildMessage, IngestRequest } from './messages.ts'

/** How a run of the child ended. */
export interface ChildRun {
  outcome: 'done' | 'killed'
  /** File offset below which everything was acknowledged to us. */
  acknowledged: number
  commits: number
  seconds: number
  p50: number
  p99: number
}

/**
 * Runs the child until it is done, or kills it with SIGKILL once `killAtOffset` bytes of the file
 * are acknowledged.
 * `onMessage` sees everything that it tells.
 */
export function runChild(
  request: IngestRequest,
  killAtOffset: number | undefined,
  onMessage: (message: ChildMessage) => void,
): Promise<ChildRun> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./ingest.ts', import.meta.url)), {
      execArgv: ['--import', 'tsx'],
      stdio: 'inherit',
    })
    const started = performance.now()
    const run: ChildRun = {
      outcome: 'killed',
      acknowledged: 0,
      commits: 0,
      seconds: 0,
      p50: 0,
      p99: 0,
    }
    let failure: string | undefined
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'opened') run.acknowledged = message.offset
      if (message.kind === 'progress') {
        Object.assign(run, message)
        if (killAtOffset !== undefined && message.acknowledged >= killAtOffset)
          child.kill('SIGKILL')
      }
      if (message.kind === 'done') run.outcome = 'done'
      if (message.kind === 'failed') failure = message.message
      onMessage(message)
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      run.seconds = (performance.now() - started) / 1000
      if (failure !== undefined) reject(new Error(failure))
      else if (run.outcome === 'done' || signal === 'SIGKILL') resolve(run)
      else reject(new Error(`the child ended by itself: ${signal ?? `exit code ${code}`}`))
    })
    child.send(request)
  })
}
