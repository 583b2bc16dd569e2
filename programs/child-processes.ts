import { type ChildProcess, fork, type ForkOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const running = new Set<ChildProcess>()

// Before any listener that removes what they write.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Ends `child` by SIGKILL when this process exits before it. */
export function endWithUs(child: ChildProcess): ChildProcess {
  running.add(child)
  child.once('exit', () => running.delete(child))
  child.once('error', () => running.delete(child))
  return child
}

/**
 * Starts a program of ours in a process of its own: `source`, a file with types beside `base` (an
 * import.meta.url), or what it was compiled to when `base` is compiled. It gets the flags of this
 * process, with which such a file can be run, and `nodeFlags`.
 */
export function forkProgram(
  base: string,
  source: `${string}.ts`,
  args: readonly string[],
  options: Pick<ForkOptions, 'serialization' | 'stdio'> = {},
  nodeFlags: readonly string[] = [],
): ChildProcess {
  const file = base.endsWith('.ts') ? source : source.replace(/\.ts$/, '.js')
  const execArgv = [...process.execArgv, ...nodeFlags]
  return endWithUs(fork(fileURLToPath(new URL(file, base)), args, { ...options, execArgv }))
}
