import type { Log, LogOptions, SeawallError } from '../../lib/index.ts'
import { compiledLibrary } from '../compiled-library.ts'

/** The library as users get it: compiled by tsc, not by the loader that may run this file. */
export async function loadLibrary(): Promise<typeof import('../../lib/index.ts')> {
  return (await import(compiledLibrary.href)) as typeof import('../../lib/index.ts')
}

export interface LogConfig {
  readonly directory: string
  readonly options?: LogOptions
  /**
   * Release what is written at every new segment, so that segments are used again: the state a log
   * with checkpoints is in.
   */
  readonly recycle: boolean
}

/** Opens a log; with `recycle` in a state in which every further segment is a used one. */
export async function openLog(config: LogConfig): Promise<Log> {
  const { Log } = await loadLibrary()
  const log = await Log.open(config.directory, config.options)
  if (config.recycle) await startRecycling(log)
  return log
}

/** Fills and releases segments until used ones are used again, and goes on so at every new one. */
export async function startRecycling(log: Log): Promise<void> {
  let truncation = Promise.resolve<unknown>(undefined)
  log.on('rotate', () => {
    truncation = truncation.then(() => truncateToEnd(log))
  })
  const body = Buffer.alloc(256 * 1024)
  const recycledAtStart = log.stats().segmentsRecycled
  while (log.stats().segmentsRecycled < recycledAtStart + 3) {
    for (let i = 0; i < 64; i++) log.append(body)
    await log.flush()
    await truncation
  }
}

async function truncateToEnd(log: Log): Promise<void> {
  try {
    await log.truncateBefore(log.flushedLSN)
  } catch (error) {
    // A rotation can be reported while the log is being closed.
    if ((error as SeawallError).code !== 'ERR_SEAWALL_CLOSED') throw error
  }
}
