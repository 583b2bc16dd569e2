import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { Log, SeawallError } from '../../lib/index.ts'

export type Backend = 'io_uring' | 'threads'

/** Those that work on this machine. */
export async function availableBackends(workDirectory: string): Promise<Backend[]> {
  const directory = mkdtempSync(join(workDirectory, 'probe-'))
  try {
    const log = await Log.open(directory, { segmentBytes: 64 * 1024, backend: 'io_uring' })
    await log.close()
    return ['io_uring', 'threads']
  } catch (error) {
    const code = error instanceof SeawallError ? error.code : undefined
    if (code === 'ERR_SEAWALL_IO_URING_UNAVAILABLE') return ['threads']
    throw error
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
