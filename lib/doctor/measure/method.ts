import type { LogTrial } from '../facts.ts'
import type { Stopwatch } from './stopwatch.ts'

/** A way to make something durable, tried for a while. */
export interface Method {
  readonly id: string
  readonly method: string
  readonly writeBytes: number
  /** The numbers, or why there are none. Gets its stopwatch when everything is prepared. */
  run(
    directory: string,
    stopwatchFor: () => Stopwatch,
    onTrial: (trial: LogTrial) => void,
  ): Promise<ReturnType<Stopwatch['result']> | string>
}
