import { nearestName } from '../util/nearest-name.ts'
import { exitCode, UsageError } from './usage-error.ts'

/** A subcommand. `self` is how this program was started: node and its arguments. */
export interface Command {
  /** For the list of commands. */
  readonly summary: string
  run(args: readonly string[], self: readonly string[]): Promise<number>
}

// Each is loaded when it is asked for: an observer must not need the addon.
const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  rig: {
    summary: 'cut the power of a drive under load, and find out who lost data',
    load: async () => (await import('./rig/rig.ts')).command,
  },
}

/** Runs what the command line asks for. @returns the exit code. @throws UsageError, RigError */
export function runCommand(args: readonly string[], self: readonly string[]): Promise<number> {
  return dispatch('seawall', commands, args, self)
}

/** Picks the command that `args` begins with, or prints what there is. */
export async function dispatch(
  name: string,
  known: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>>,
  args: readonly string[],
  self: readonly string[],
): Promise<number> {
  const [given, ...rest] = args
  if (given === undefined || given === '--help' || given === '-h' || given === 'help') {
    const usage = usageOf(name, known)
    if (given !== undefined) console.log(usage)
    else console.error(usage)
    return given === undefined ? exitCode.failed : exitCode.good
  }
  const command = Object.hasOwn(known, given) ? known[given] : undefined
  if (command === undefined) {
    const nearest = nearestName(given, Object.keys(known))
    const hint = nearest === undefined ? `see ${name} --help` : `did you mean '${nearest}'?`
    throw new UsageError(`there is no command '${name} ${given}'; ${hint}`)
  }
  return (await command.load()).run(rest, self)
}

function usageOf(name: string, known: Readonly<Record<string, { summary: string }>>): string {
  const width = Math.max(...Object.keys(known).map((command) => command.length)) + 2
  const lines = Object.entries(known).map(
    ([command, { summary }]) => `  ${command.padEnd(width)}${summary}`,
  )
  return [`${name} COMMAND [OPTIONS]`, ...lines, '', `${name} COMMAND --help says more.`].join('\n')
}
