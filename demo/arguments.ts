import { accessSync, constants, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { checkout } from '../programs/place.ts'
import { mix } from './chunks.ts'

/** `name`: how it was called. */
export function usageOf(name: string): string {
  return `${name} [FILE] [OPTIONS]
  FILE                 what to ingest (default: the node executable)
  --dir DIR            where the log goes, and stays (default: ${defaultDirectory})
  --seed N             decides the sizes of the records and the moments of the kills
  --segment-bytes N    size of the log's files (default 16 MiB)
exit code              0; 1 when something was not as it must be, or could not be done`
}

const defaultDirectory = checkout === undefined ? 'seawall-demo' : 'build/demo'

export interface DemoArguments {
  readonly file: string
  readonly fileBytes: number
  readonly directory: string
  readonly seed: number
  readonly segmentBytes: number
}

function integer(name: string, text: string): number {
  const value = Number(text)
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${name} must be a whole number, not '${text}'`)
}

function checkFile(file: string): number {
  const info = statSync(file, { throwIfNoEntry: false })
  if (info === undefined) throw new Error(`there is no file ${file}`)
  if (!info.isFile()) throw new Error(`${file} is not a file`)
  try {
    accessSync(file, constants.R_OK)
  } catch {
    throw new Error(`${file} cannot be read: no permission`)
  }
  if (info.size === 0) throw new Error(`${file} is empty; choose a file with something in it`)
  return info.size
}

/** Paths are relative to where the user is. Throws an Error that says what is wrong. */
export function readArguments(args: string[], callerDirectory: string): DemoArguments {
  const { values, positionals } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      seed: { type: 'string' },
      'segment-bytes': { type: 'string' },
    },
    allowPositionals: true,
  })
  if (positionals.length > 1) throw new Error(`one file at a time, not ${positionals.join(' ')}`)
  const [given] = positionals
  const file = given === undefined ? process.execPath : resolve(callerDirectory, given)
  return {
    file,
    fileBytes: checkFile(file),
    directory:
      values.dir === undefined
        ? join(checkout ?? callerDirectory, defaultDirectory)
        : resolve(callerDirectory, values.dir),
    seed:
      values.seed === undefined
        ? mix(Date.now() % 2 ** 32, process.pid)
        : integer('seed', values.seed),
    segmentBytes: integer('segment-bytes', values['segment-bytes'] ?? String(16 * 2 ** 20)),
  }
}
