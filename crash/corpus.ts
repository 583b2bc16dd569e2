import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type FixedFailure, readFailure } from './failure-file.ts'

export const corpusDirectory = fileURLToPath(new URL('corpus/', import.meta.url))

export interface CorpusFile {
  readonly name: string
  readonly failure: FixedFailure
}

/** All of them, by name. @throws Error when a file is not valid or has no `fixed` note */
export function readCorpus(directory: string = corpusDirectory): CorpusFile[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => {
    const failure = readFailure(join(directory, name))
    const { fixed } = failure
    if (typeof fixed !== 'string' || fixed.trim() === '')
      throw new Error(`crash/corpus/${name} does not say what was fixed`)
    return { name, failure: { ...failure, fixed } }
  })
}
