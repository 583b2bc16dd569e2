import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until there is an answer. */
async function eventually<T>(what: string, ask: () => T | undefined): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const answer = ask()
    if (answer !== undefined) return answer
    await sleep(50)
  }
  throw new Error(`waited in vain: ${what}`)
}

export interface Started {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
}

export interface Ended {
  readonly output: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Ends a program by `signal` once it has said `cue` and a child of it works. Rejects when one of
 * its children outlives it by half a minute.
 */
export async function endInTheMiddle(
  { command, args, cwd, env = process.env }: Started,
  cue: RegExp,
  signal: NodeJS.Signals,
): Promise<Ended> {
  const child = spawn(command, args, { cwd, env })
  const pid = child.pid as number
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => (output += data.toString()))
  }
  const closed = new Promise<Ended>((resolve) => {
    child.once('exit', (code, endedBy) => resolve({ output, code, signal: endedBy }))
  })
  const children = await eventually('a child', () => {
    const found = cue.test(output) ? childrenOf(pid) : []
    return found.length > 0 ? found : undefined
  })
  child.kill(signal)
  const ended = await closed
  await eventually('the end of the children', () => (children.some(runs) ? undefined : true))
  return { ...ended, output }
}
