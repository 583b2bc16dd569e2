import { accessSync, constants, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { CommandLine, type OptionRule, UsageError } from '../programs/command-line.ts'
import { checkout } from '../programs/place.ts'
import { mix } from './chunks.ts'

const defaultDirectory = checkout === undefined ? 'seawall-demo' : 'build/demo'

const rules: Record<string, OptionRule> = {
  dir: { value: 'DIR', help: `where the log goes, and stays (default: ${defaultDirectory})` },
  seed: { value: 'N', help: 'decides the sizes of the records and the moments of the kills' },
  'segment-bytes': { value: 'N', help: "size of the log's files (default 16M)" },
  json: { help: 'print what was found as JSON; the words go to standard error' },
}

/** `name`: how it was called. @throws UsageError */
export function demoLine(args: readonly string[], name: string): CommandLine {
  return new CommandLine(
    name,
    'A process puts FILE (default: the node executable) into a log, in durable commits, and is ' +
      'killed twice; then what recovery found, and whether the log is the file, byte for byte.\n' +
      'Exit code 0: it is; 1: something was not as it must be, or failed on the way; 2: it could ' +
      'not begin.',
    rules,
    args,
    ['[FILE]'],
  )
}

export interface DemoArguments {
  readonly file: string
  readonly fileBytes: number
  readonly directory: string
  readonly seed: number
  readonly segmentBytes: number
  readonly isJson: boolean
}

function checkFile(file: string): number {
  const info = statSync(file, { throwIfNoEntry: false })
  if (info === undefined) throw new UsageError(`there is no file ${file}`)
  if (!info.isFile()) throw new UsageError(`${file} is not a file`)
  try {
    accessSync(file, constants.R_OK)
  } catch {
    throw new UsageError(`${file} cannot be read: no permission`)
  }
  if (info.size === 0) throw new UsageError(`${file} is empty; choose a file with something in it`)
  return info.size
}

/** Paths are relative to where the user is. @throws UsageError */
export function readArguments(line: CommandLine, callerDirectory: string): DemoArguments {
  const given = line.word(0)
  const file = given === undefined ? process.execPath : resolve(callerDirectory, given)
  const directory = line.text('dir')
  return {
    seed: line.integer('seed', mix(Date.now() % 2 ** 32, process.pid), 0, 2 ** 32 - 1),
    segmentBytes: line.bytes('segment-bytes', 16 * 2 ** 20),
    isJson: line.switch('json'),
    file,
    fileBytes: checkFile(file),
    directory:
      directory === undefined
        ? join(checkout ?? callerDirectory, defaultDirectory)
        : resolve(callerDirectory, directory),
  }
}
