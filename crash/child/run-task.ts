import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Counts, Failure } from '../layer.ts'
import type { ChildMessage, Task } from './messages.ts'

/** The last message, or that the process ended without one. */
export type TaskOutcome =
  | Exclude<ChildMessage, { kind: 'title' | 'counts' | 'smaller' }>
  | {
      readonly kind: 'died'
      /** SIGABRT (an assertion), SIGSEGV, ...; undefined when it exited. */
      readonly signal: string | undefined
      readonly reason: string
      /** Of a shrink: the smallest failure before. */
      readonly smaller: Failure | undefined
    }

export interface TaskOptions {
  /** The mutant that is on. */
  readonly mutant?: string | undefined
  readonly onTitle?: ((title: string) => void) | undefined
  readonly onCounts?: ((counts: Counts) => void) | undefined
  /** No word from the layer for so long: it hangs. */
  readonly silenceSecondsMax?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const childPath = fileURLToPath(new URL('child.ts', import.meta.url))
const registerURL = new URL('../mutants/register.mjs', import.meta.url).href
const mutatedAddon = fileURLToPath(
  new URL('../../build/mutants/native/build/Release/seawall.node', import.meta.url),
)
const defaultSilenceSecondsMax = 180
// A layer may have file systems to unmount.
const graceMs = 10_000
const outputTailCharacters = 4000

function environment(mutant: string | undefined): NodeJS.ProcessEnv {
  const { SEAWALL_MUTANT: _, ...rest } = process.env
  if (mutant === undefined) return rest
  const binding = existsSync(mutatedAddon) ? { SEAWALL_NATIVE_BINDING: mutatedAddon } : {}
  return { ...rest, ...binding, SEAWALL_MUTANT: mutant }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}

/** The lines that say something about why a process ended: Node adds stack traces to them. */
function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const isTrace = (line: string): boolean => /^\s*(\d+: 0x|at |-----)/.test(line)
  const said = lines.filter((line) => !isTrace(line))
  const assertion = said.filter((line) => /assert/i.test(line))
  return (assertion.length > 0 ? assertion : said).slice(-3).join(' / ')
}

/** Carries out one task in a process group of its own, of which nothing is left afterwards. */
export function runTask(task: Task, options: TaskOptions = {}): Promise<TaskOutcome> {
  const { mutant, onCounts, signal } = options
  const silenceMs = 1000 * (options.silenceSecondsMax ?? defaultSilenceSecondsMax)
  return new Promise((resolve) => {
    const hooks = mutant === undefined ? [] : ['--import', registerURL]
    const child = fork(childPath, [], {
      execArgv: [...hooks, '--import', 'tsx'],
      env: environment(mutant),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'json',
      detached: true,
    })
    let output = ''
    let last: TaskOutcome | undefined
    let smaller: Failure | undefined
    let stopped: string | undefined
    let grace: NodeJS.Timeout | undefined
    const stop = (why: string): void => {
      stopped ??= why
      child.kill('SIGTERM')
      grace ??= setTimeout(() => killGroup(child), graceMs)
    }
    let silence: NodeJS.Timeout
    const heard = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => stop(`no word for ${silenceMs / 1000} s: it hangs`), silenceMs)
    }
    const onAbort = (): void => stop('interrupted')
    const onOutput = (data: Buffer): void => {
      output = (output + String(data)).slice(-outputTailCharacters)
    }
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    child.on('error', (error) => stop(String(error)))
    child.on('message', (message: ChildMessage) => {
      heard()
      if (message.kind === 'title') options.onTitle?.(message.title)
      else if (message.kind === 'counts') onCounts?.(message.counts)
      else if (message.kind === 'smaller') smaller = message.failure
      else {
        last = message
        clearTimeout(silence)
        // It said all that it has to say: whatever keeps it alive is a leak.
        grace ??= setTimeout(() => killGroup(child), graceMs)
      }
    })
    child.on('close', (code, endSignal) => {
      clearTimeout(silence)
      clearTimeout(grace)
      signal?.removeEventListener('abort', onAbort)
      killGroup(child)
      const how = stopped ?? `ended by ${endSignal ?? `exit code ${code}`}`
      const words = lastWords(output)
      resolve(
        last ?? {
          kind: 'died',
          signal: stopped === undefined ? (endSignal ?? undefined) : undefined,
          reason: words === '' ? how : `${how}: ${words}`,
          smaller,
        },
      )
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    heard()
    child.send(task)
    if (signal?.aborted === true) onAbort()
  })
}
