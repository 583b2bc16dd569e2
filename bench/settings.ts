import { resolve } from 'node:path'

import { CommandLine, type OptionRule, usageColumns, wrapped } from '../programs/command-line.ts'

/** What a run of the benchmarks is asked to do. */
export interface Settings {
  /** Only cases whose name contains one of these; empty: all. */
  readonly only: readonly string[]
  /**
   * Where logs, databases and fio's file go: the file system that is measured. Removed at the end.
   */
  readonly directory: string
  /** Where the results go as JSON. */
  readonly output: string
  /** Everything, at length; otherwise what fits into three minutes. */
  readonly full: boolean
  readonly rounds: number
  /** How long each subject runs in each round. */
  readonly seconds: number
  readonly withPeers: boolean
  /** Order of the subjects within a round. */
  readonly seed: number
}

const summary =
  'Measures the log and the engine against the drive (fio) and against other stores, on the same ' +
  'file system, in the same rounds. Exit code 0: done; 1: a regression, or a measurement that ' +
  'failed; 2: wrong options, files that cannot be read, or it could not be run.'

const ofPackage =
  'This is the installed package: nothing is built or installed. fio, PostgreSQL 15, db_bench of ' +
  'RocksDB, lmdb, better-sqlite3 and classic-level are measured where they are installed (the ' +
  'last three in the node_modules of the working directory); the native core without Node is not.'

// In a checkout what is measured and what is found have their places; a user of the package finds
// both where the command was given.
const checkoutDefaults = { directory: 'build/bench', output: 'bench/results/latest.json' }
const packageDefaults = { directory: 'seawall-bench', output: 'seawall-bench.json' }

function defaultsIn(root: string | undefined): typeof checkoutDefaults {
  return root === undefined ? packageDefaults : checkoutDefaults
}

function rulesIn(root: string | undefined): Record<string, OptionRule> {
  const { directory, output } = defaultsIn(root)
  return {
    only: {
      value: 'NAME',
      help: 'only cases whose name contains NAME; may be given several times',
    },
    dir: { value: 'DIR', help: `measure the file system of DIR (default: ${directory})` },
    rounds: { value: 'N', help: 'rounds per case (default 3; with --full 5)' },
    seconds: {
      value: 'N',
      help: 'seconds per subject and round (default 0.25; with --full 1.5)',
    },
    full: { help: 'every size, every number of committers, every peer; half an hour or more' },
    'no-peers': { help: 'leave out everything that Seawall is held against, but fio' },
    seed: { value: 'N', help: 'order of the subjects' },
    output: {
      value: 'FILE',
      help: `the result as JSON (default: ${output}); the report stands beside it as .html`,
    },
    json: { help: 'print the result as JSON; the words go to standard error' },
    report: { value: 'FILE', help: 'measure nothing: make the report again from a result' },
    compare: {
      help:
        'measure nothing: what became worse from the result BEFORE to the result AFTER, and what ' +
        'became better',
    },
  }
}

const aboutComparing =
  'Rows are compared by their ratio, or by what was measured where there is none. A change counts ' +
  'when its medians differ by at least 3 % (10 % for times and rates without a ratio; with fewer ' +
  'than 3 rounds 30 %, and three times as much) and the rounds keep apart: with 5 rounds or more, ' +
  'the ranges do not overlap, or the medians differ by more than 1.5 times the middle halves of ' +
  'both; with fewer, the ranges are apart by half of the wider one.'

/** `name`: how it was called. `root`: the checkout; undefined for the package. */
export function usageOf(name: string, root: string | undefined): string {
  return [
    benchLine([], root, name).usage,
    '',
    `${name} --report FILE`,
    `${name} --compare BEFORE AFTER`,
    ...wrapped(aboutComparing, usageColumns),
    ...(root === undefined ? ['', ...wrapped(ofPackage, usageColumns)] : []),
  ].join('\n')
}

/** The line of a run that measures. @throws UsageError */
export function benchLine(
  args: readonly string[],
  root: string | undefined,
  name: string,
): CommandLine {
  return new CommandLine(name, summary, rulesIn(root), args)
}

/**
 * `root`: the checkout; undefined for the package.
 *
 * @throws UsageError
 */
export function readSettings(
  args: readonly string[],
  root: string | undefined,
  callerDirectory: string,
  name = 'seawall bench',
): Settings {
  const line = benchLine(args, root, name)
  const full = line.switch('full')
  const defaults = defaultsIn(root)
  const [directory, output] = [line.text('dir'), line.text('output')]
  return {
    full,
    only: line.texts('only'),
    directory:
      directory === undefined
        ? resolve(root ?? callerDirectory, defaults.directory)
        : resolve(callerDirectory, directory, 'seawall-bench'),
    output:
      output === undefined
        ? resolve(root ?? callerDirectory, defaults.output)
        : resolve(callerDirectory, output),
    rounds: Math.ceil(line.positive('rounds', full ? 5 : 3)),
    seconds: line.positive('seconds', full ? 1.5 : 0.25),
    withPeers: !line.switch('no-peers'),
    seed: line.positive('seed', (Date.now() % 1_000_000) + 1),
  }
}
