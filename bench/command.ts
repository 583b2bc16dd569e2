import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { readSettings, type Settings } from './settings.ts'

/** What `npm run bench` is asked for. */
export type Command =
  | { readonly does: 'help' }
  | { readonly does: 'measure'; readonly settings: Settings }
  | { readonly does: 'report'; readonly result: string }
  | { readonly does: 'compare'; readonly before: string; readonly after: string }

const options = {
  compare: { type: 'boolean' },
  report: { type: 'string' },
} as const

/**
 * `root`: the checkout; undefined for the package. Throws an Error that says what is wrong with the
 * arguments.
 */
export function readCommand(
  args: string[],
  root: string | undefined,
  callerDirectory: string,
): Command {
  if (args.includes('--help')) return { does: 'help' }
  const isAskedFor = (name: string): boolean =>
    args.some((arg) => arg === name || arg.startsWith(`${name}=`))
  const path = (file: string): string => resolve(callerDirectory, file)
  if (isAskedFor('--compare')) {
    const { positionals } = parseArgs({
      args,
      options: { compare: options.compare },
      allowPositionals: true,
    })
    const [before, after, ...more] = positionals
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`--compare takes two results, before and after, not ${positionals.length}`)
    }
    return { does: 'compare', before: path(before), after: path(after) }
  }
  if (isAskedFor('--report')) {
    const { values } = parseArgs({ args, options: { report: options.report } })
    return { does: 'report', result: path(values.report ?? '') }
  }
  return { does: 'measure', settings: readSettings(args, root, callerDirectory) }
}
