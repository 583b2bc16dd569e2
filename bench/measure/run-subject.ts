import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Sample } from './rounds.ts'

/** What a subject tells: its sample, or why there is none. */
export type SubjectMessage = { sample: Sample } | { failure: string }

/**
 * Runs `subjects/<name>.ts` in a process of its own, with `config` as its only argument, and
 * returns what it measured.
 */
export function runSubject(
  name: string,
  config: object,
  nodeFlags: string[] = [],
): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL(`../subjects/${name}.ts`, import.meta.url))
    const child = fork(path, [JSON.stringify(config)], {
      execArgv: ['--import', 'tsx', ...nodeFlags],
    })
    let message: SubjectMessage | undefined
    child.on('message', (received: SubjectMessage) => {
      message = received
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (message !== undefined && 'sample' in message) resolve(message.sample)
      else reject(new Error(`${name}: ${message?.failure ?? signal ?? `exit code ${code}`}`))
    })
  })
}
