import { forkProgram } from '../../programs/child-processes.ts'
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
    const source = `../subjects/${name}.ts` as const
    const child = forkProgram(import.meta.url, source, [JSON.stringify(config)], {}, nodeFlags)
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
