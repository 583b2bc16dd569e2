import type { ProcessPool } from './child-process.ts'
import type { PreparedProgram } from './prepared-program.ts'

/** What chains of processes run on. */
export interface Place {
  readonly program: PreparedProgram
  readonly pool: ProcessPool
  readonly workDirectory: string
}
