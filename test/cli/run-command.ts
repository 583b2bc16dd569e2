import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'

import { commands } from '../../lib/cli/commands.ts'
import { demoCommands } from '../../lib/cli/programs/demo.ts'
import { rigCommands } from '../../lib/cli/rig/rig.ts'

const root = new URL('../..', import.meta.url).pathname
const program = [process.execPath, '--import', 'tsx', `${root}lib/cli/main.ts`]
const groups = { demo: demoCommands, rig: rigCommands }

/** Every command that does something, as the words that call it. */
export const everyCommand: readonly (readonly string[])[] = Object.keys(commands).flatMap(
  (name): string[][] => {
    const group = groups[name as keyof typeof groups]
    return group === undefined ? [[name]] : Object.keys(group).map((below) => [name, below])
  },
)

/** What a command exits with when it could not do what was asked. */
export function failedCode([name]: readonly string[]): number {
  return name === 'rig' ? 3 : 2
}

export interface Run {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

async function run(
  command: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv,
): Promise<Run> {
  const env = { ...process.env, TERM: 'xterm', SEAWALL_CALLER_DIRECTORY: undefined, ...more }
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { status: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], ...output }
}

/** Runs the program as another program would: with pipes. */
export function seawall(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const [command = '', ...first] = program
  return run(command, [...first, ...args], env)
}

/** The program in a command of bash, as `seawall`. */
export function inShell(command: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const quoted = program.map(quotedForShell).join(' ')
  return run('bash', ['-c', `seawall() { ${quoted} "$@"; }; ${command}`], env)
}

/** Runs the program in a terminal; everything it shows is `stdout`. */
export function inTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const line = [...program, ...args].map(quotedForShell).join(' ')
  return run('script', ['-qec', `stty cols 100; ${line}`, '/dev/null'], env)
}

function quotedForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Runs a few at a time, in order of `items`. */
export async function forEach<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const take = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next)
  }
  await Promise.all([take(), take(), take()])
}
