import { resolve } from 'node:path'

import { CommandLine, UsageError } from '../programs/command-line.ts'
import { benchLine, readSettings, type Settings } from './settings.ts'

/** What the benchmark is asked for. `isJson`: print what was found as JSON. */
export type Command =
  | { readonly does: 'help' }
  | { readonly does: 'measure'; readonly settings: Settings; readonly isJson: boolean }
  | { readonly does: 'report'; readonly result: string; readonly isJson: boolean }
  | {
      readonly does: 'compare'
      readonly before: string
      readonly after: string
      readonly isJson: boolean
    }

const json = { json: { help: '' } }

/**
 * `root`: the checkout; undefined for the package. `name`: how it was called.
 *
 * @throws UsageError
 */
export function readCommand(
  args: readonly string[],
  root: string | undefined,
  callerDirectory: string,
  name = 'seawall bench',
): Command {
  const isAskedFor = (option: string): boolean =>
    args.some((arg) => arg === option || arg.startsWith(`${option}=`))
  const path = (file: string): string => resolve(callerDirectory, file)
  if (isAskedFor('--compare')) {
    const rules = { compare: { help: '' }, ...json }
    const line = new CommandLine(`${name} --compare`, '', rules, args, ['[BEFORE]', '[AFTER]'])
    const [before, after] = [line.word(0), line.word(1)]
    if (line.isHelp) return { does: 'help' }
    if (before === undefined || after === undefined) {
      const count = before === undefined ? 0 : 1
      throw new UsageError(`--compare takes two results, before and after, not ${count}`)
    }
    const isJson = line.switch('json')
    return { does: 'compare', before: path(before), after: path(after), isJson }
  }
  if (isAskedFor('--report')) {
    const rules = { report: { value: 'FILE', help: '' }, ...json }
    const line = new CommandLine(`${name} --report`, '', rules, args)
    if (line.isHelp) return { does: 'help' }
    return { does: 'report', result: path(line.required('report')), isJson: line.switch('json') }
  }
  const line = benchLine(args, root, name)
  if (line.isHelp) return { does: 'help' }
  const settings = readSettings(args, root, callerDirectory, name)
  return { does: 'measure', settings, isJson: line.switch('json') }
}
