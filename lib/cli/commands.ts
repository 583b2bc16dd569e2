import { nearestName } from '../util/nearest-name.ts'
import { toolVersion } from './tool-version.ts'
import { exitCode, UsageError } from './usage-error.ts'
import { wrapped } from './terminal/wrapped.ts'
import { alignedLines, usageColumns } from './usage-text.ts'

/** A subcommand. `self` is how this program was started: node and its arguments. */
export interface Command {
  run(args: readonly string[], self: readonly string[]): Promise<number>
}

/** What `dispatch` chooses from; the summaries are for the list. */
export type CommandTable = Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>
>

/**
 * All commands, in the order in which they are needed. Each is loaded when it is asked for: an
 * observer must not need the addon.
 */
export const commands: CommandTable = {
  inspect: {
    summary: 'look into a log or store in the browser, and try power cuts in the lab',
    load: async () => (await import('./inspect/inspect.ts')).command,
  },
  dump: {
    summary: 'print the records of a log, also while it is in use, and when it is damaged',
    load: async () => (await import('./dump/dump.ts')).command,
  },
  stat: {
    summary: 'say what a log or store is made of, where it ends, and what a restart would take',
    load: async () => (await import('./stat/stat.ts')).command,
  },
  verify: {
    summary: 'check every record and every page',
    load: async () => (await import('./verify/verify.ts')).command,
  },
  doctor: {
    summary: 'look at this machine, file system and drive, and say what to change',
    load: async () => (await import('./doctor/doctor.ts')).command,
  },
  bench: {
    summary: 'measure this machine: Seawall against fio and other stores',
    load: async () => (await import('./programs/bench.ts')).command,
  },
  demo: {
    summary: 'kill a writer in the middle, and see what recovery finds',
    load: async () => (await import('./programs/demo.ts')).command,
  },
  rig: {
    summary: 'cut the power of a drive under load, and find out who lost data',
    load: async () => (await import('./rig/rig.ts')).command,
  },
}

const aboutAll = [
  'Exit code 0: all is well; 1: damage, or something to change, was found; 2: it could not be ' +
    'done. `seawall rig` has codes of its own.',
  'Every command takes --json: then standard output holds JSON and nothing else. What went wrong ' +
    'is a sentence on standard error either way.',
  'Colours and progress are for terminals; NO_COLOR turns colours off. `seawall --version` prints ' +
    'the version.',
]

/** Runs what the command line asks for. @returns the exit code. @throws UsageError, RigError */
export function runCommand(args: readonly string[], self: readonly string[]): Promise<number> {
  if (args[0] === '--version' || args[0] === '-V') {
    console.log(toolVersion())
    return Promise.resolve(exitCode.good)
  }
  return dispatch({ name: 'seawall', commands, about: aboutAll }, args, self)
}

/** Commands that stand behind the same words. */
export interface CommandGroup {
  readonly name: string
  readonly commands: CommandTable
  /** Paragraphs below the list: what holds for all of them. */
  readonly about: readonly string[]
  /** What it exits with when it cannot do what was asked; undefined: as usual. */
  readonly failedCode?: number
}

/**
 * Runs the command that `args` begins with, or prints what there is.
 *
 * @throws UsageError
 */
export async function dispatch(
  group: CommandGroup,
  args: readonly string[],
  self: readonly string[],
): Promise<number> {
  const { name, commands: known } = group
  const [given, ...rest] = args
  if (given === 'help' && rest.length > 0) return dispatch(group, [...rest, '--help'], self)
  if (given === undefined) {
    console.error(usageOf(group))
    return group.failedCode ?? exitCode.failed
  }
  if (given === '--help' || given === '-h' || given === 'help') {
    console.log(usageOf(group))
    return exitCode.good
  }
  const command = Object.hasOwn(known, given) ? known[given] : undefined
  if (command === undefined) {
    const nearest = nearestName(given, [...Object.keys(known), 'help'])
    const hint = nearest === undefined ? `see ${name} --help` : `did you mean '${nearest}'?`
    throw new UsageError(`there is no command '${name} ${given}'; ${hint}`)
  }
  return (await command.load()).run(rest, self)
}

function usageOf({ name, commands: known, about }: CommandGroup): string {
  const rows = Object.entries(known).map(([command, { summary }]) => [command, summary] as const)
  const help = ['help', `say more about a command, as ${name} COMMAND --help does`] as const
  return [
    `${name} COMMAND [OPTIONS]`,
    ...alignedLines([...rows, help]),
    '',
    ...about.flatMap((paragraph) => wrapped(paragraph, usageColumns)),
  ].join('\n')
}
