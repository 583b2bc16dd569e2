import type { Sample } from '../rounds.ts'
import type { SubjectMessage } from '../run-subject.ts'

/** The main program of a subject: measures once and tells the parent. */
export function subject<Config>(measure: (config: Config) => Promise<Sample>): void {
  const config = JSON.parse(process.argv[2] ?? '{}') as Config
  const tell = (message: SubjectMessage): void => {
    process.send?.(message, () => process.disconnect())
  }
  measure(config).then(
    (sample) => tell({ sample }),
    (error: unknown) =>
      tell({ failure: error instanceof Error ? String(error.stack) : String(error) }),
  )
}
