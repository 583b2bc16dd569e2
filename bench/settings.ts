import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

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

const ofPackage = `
This is the installed package: nothing is built or installed. fio, PostgreSQL 15, db_bench of RocksDB,
lmdb, better-sqlite3 and classic-level are measured where they are installed (the last three in the
node_modules of the working directory); the native core without Node is not.`

/** `name`: how it was called. `root`: the checkout; undefined for the package. */
export function usageOf(name: string, root: string | undefined): string {
  const peers = root === undefined ? ofPackage : ''
  const { directory, output } = root === undefined ? packageDefaults : checkoutDefaults
  return `${name} [OPTIONS]
  --only NAME      only cases whose name contains NAME; may be given several times
  --dir DIR        measure the file system of DIR (default: ${directory})
  --rounds N       rounds per case (default 3; with --full 5)
  --seconds N      seconds per subject and round (default 0.25; with --full 1.5)
  --full           every size, every number of committers, every peer; half an hour or more
  --no-peers       leave out everything that Seawall is held against, but fio
  --seed N         order of the subjects
  --output FILE    default ${output}; the report stands beside it as .html
${name} --report FILE
                   makes the report again from a result
${name} --compare BEFORE AFTER
                   what became worse from one result to the other, what became better. Rows are
                   compared by their ratio, or by what was measured where there is none. A change
                   counts when its medians differ by at least 3 % (10 % for times and rates without
                   a ratio; with fewer than 3 rounds 30 %, and three times as much) and the rounds
                   keep apart: with 5 rounds or more, the ranges do not overlap, or the medians
                   differ by more than 1.5 times the middle halves of both; with fewer, the ranges
                   are apart by half of the wider one. NO_COLOR is respected.
exit code          0; 1 with a regression, or when a measurement failed; 2 for wrong options, or
                   files that cannot be read${peers}`
}

// In a checkout what is measured and what is found have their places; a user of the package finds
// both where the command was given.
const checkoutDefaults = { directory: 'build/bench', output: 'bench/results/latest.json' }
const packageDefaults = { directory: 'seawall-bench', output: 'seawall-bench.json' }

/**
 * `root`: the checkout; undefined for the package. Throws an Error that says what is wrong with the
 * arguments.
 */
export function readSettings(
  args: string[],
  root: string | undefined,
  callerDirectory: string,
): Settings {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      dir: { type: 'string' },
      output: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      full: { type: 'boolean' },
      'no-peers': { type: 'boolean' },
    },
  })
  const number = (name: 'rounds' | 'seconds' | 'seed', fallback: number): number => {
    const text = values[name]
    if (text === undefined) return fallback
    const value = Number(text)
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not ${text}`)
    return value
  }
  const full = values.full === true
  const defaults = root === undefined ? packageDefaults : checkoutDefaults
  return {
    full,
    only: values.only ?? [],
    directory:
      values.dir === undefined
        ? resolve(root ?? callerDirectory, defaults.directory)
        : resolve(callerDirectory, values.dir, 'seawall-bench'),
    output:
      values.output === undefined
        ? resolve(root ?? callerDirectory, defaults.output)
        : resolve(callerDirectory, values.output),
    rounds: Math.ceil(number('rounds', full ? 5 : 3)),
    seconds: number('seconds', full ? 1.5 : 0.25),
    withPeers: values['no-peers'] !== true,
    seed: number('seed', (Date.now() % 1_000_000) + 1),
  }
}
