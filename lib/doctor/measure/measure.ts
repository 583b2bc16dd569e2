import type {
  AddonFacts,
  LimitFacts,
  LogTrial,
  MeasuredFacts,
  Measurement,
  SpaceFacts,
} from '../facts.ts'
import { methodsOnFiles, prepareFile } from './file-methods.ts'
import { methodsOnLogs } from './log-methods.ts'
import type { Method } from './method.ts'
import { withScratchDirectory } from './scratch-directory.ts'
import { nothing, Stopwatch } from './stopwatch.ts'

const mib = 1024 * 1024
/** Four times what the scratch directory takes. */
export const spaceNeededBytes = 512 * mib
const fileBytesNeeded = 64 * mib

export interface MeasureOptions {
  /** Of all methods together. */
  readonly seconds: number
  readonly signal: AbortSignal
  readonly onProgress?: (doneMs: number, totalMs: number) => void
}

/** Why measuring would do harm, or end this process; '' when it would not. */
export function unfitBecause(space: SpaceFacts, limits: LimitFacts): string {
  if (space.freeBytes < spaceNeededBytes) {
    return 'there is too little free space to measure without getting in the way of others'
  }
  const { fileBytes } = limits
  if (typeof fileBytes === 'number' && fileBytes < fileBytesNeeded) {
    return 'the limit of file sizes of this process is too low to write what is needed'
  }
  return ''
}

/**
 * Tries the methods one after the other in a scratch directory in `parent`, which is gone when this
 * is settled.
 *
 * @throws what `signal` was aborted with
 */
export async function measure(
  parent: string,
  addon: AddonFacts,
  { seconds, signal, onProgress }: MeasureOptions,
): Promise<MeasuredFacts> {
  const methods = [...methodsOnFiles, ...('error' in addon ? [] : methodsOnLogs)]
  const eachMs = (seconds * 1000) / methods.length
  const rows: Measurement[] = []
  let trial: LogTrial | undefined
  try {
    await withScratchDirectory(parent, async (directory) => {
      prepareFile(directory)
      for (const [index, method] of methods.entries()) {
        signal.throwIfAborted()
        const report = (elapsedMs: number): void =>
          onProgress?.(Math.round(index * eachMs + elapsedMs), Math.round(methods.length * eachMs))
        report(0)
        const start = (): Stopwatch => new Stopwatch(eachMs, signal, report)
        rows.push(await rowOf(method, directory, start, (found) => (trial = found)))
      }
      signal.throwIfAborted()
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (signal.aborted || code === undefined) throw error
    return { notMeasured: inWords(error as NodeJS.ErrnoException), isRefused: true, trial, rows }
  }
  return { notMeasured: '', isRefused: false, trial, rows }
}

async function rowOf(
  method: Method,
  directory: string,
  start: () => Stopwatch,
  onTrial: (trial: LogTrial) => void,
): Promise<Measurement> {
  const { id, method: name, writeBytes } = method
  const head = { id, method: name, writeBytes }
  try {
    const result = await method.run(directory, start, onTrial)
    if (typeof result === 'string') return { ...head, ...nothing, skipped: result }
    return { ...head, ...result, skipped: '' }
  } catch (error) {
    return { ...head, ...nothing, skipped: inWords(error as NodeJS.ErrnoException) }
  }
}

const sentences: Record<string, string> = {
  EACCES: 'this user may not write to the directory',
  EPERM: 'this user may not write to the directory',
  EROFS: 'the file system is mounted read-only',
  ENOSPC: 'there is no space left',
  EDQUOT: 'the quota of this user is used up',
  EINVAL: 'the file system refuses it',
}

function inWords({ code, message }: NodeJS.ErrnoException): string {
  return sentences[code ?? ''] ?? message
}
