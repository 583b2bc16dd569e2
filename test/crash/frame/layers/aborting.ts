import { madeLayer } from './made.ts'

// As an assertion in the addon does.
const abort = (): never => {
  process.stderr.write('assertion failed: end >= published\n')
  process.abort()
}

export const layer = madeLayer('aborting', { run: abort, replay: abort })
