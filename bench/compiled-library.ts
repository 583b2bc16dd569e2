import { existsSync } from 'node:fs'

import { checkout } from '../programs/place.ts'

/** The entry of the library as it ships: in dist/, also when this file runs from its sources. */
export const compiledLibrary: URL = new URL(
  checkout === undefined ? '../lib/index.js' : '../dist/lib/index.js',
  import.meta.url,
)

/** Throws an Error that says what to do when there is none. */
export function checkCompiledLibrary(): void {
  if (existsSync(compiledLibrary)) return
  throw new Error('the library is measured as it ships, and is not compiled yet: npm run build')
}
