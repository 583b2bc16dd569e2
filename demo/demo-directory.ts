import { join } from 'node:path'

import { claimDirectory } from '../programs/claimed-directory.ts'

/**
 * Makes `directory` ready for a new log, which goes into the subdirectory that is returned. Removes
 * what an earlier run of the demo left there, and nothing else. Throws an Error with what to do
 * when that is not possible.
 */
export function prepareDirectory(directory: string): string {
  claimDirectory(directory, 'demo')
  return join(directory, 'log')
}
