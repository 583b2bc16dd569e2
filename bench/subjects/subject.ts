import type { Sample } from '../measure/rounds.ts'
import type { SubjectMessage } from '../measure/run-subject.ts'

export interface SubjectOptions {
  /** Ends by SIGKILL once its sample is with the parent: nothing is closed. */
  readonly isKilled?: boolean
}

/** The main program of a subject: measures once and tells the parent. */
export function subject<Config>(
  measure: (config: Config) => Promise<Sample>,
  { isKilled = false }: SubjectOptions = {},
): void {
  const config = JSON.parse(process.argv[2] ?? '{}') as Config
  const endWithParent = (): never => process.exit(1)
  // Nobody waits for the sample any more.
  process.once('disconnect', endWithParent)
  const end = (): void => {
    process.off('disconnect', endWithParent)
    if (isKilled) process.kill(process.pid, 'SIGKILL')
    else process.disconnect()
  }
  const tell = (message: SubjectMessage): void => {
    process.send?.(message, end)
  }
  measure(config).then(
    (sample) => tell({ sample }),
    (error: unknown) =>
      tell({ failure: error instanceof Error ? String(error.stack) : String(error) }),
  )
}
