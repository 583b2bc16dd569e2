import type { DiskGuard } from './measure/disk-guard.ts'
import type { Fio } from './fio/fio.ts'
import type { NativeBench } from './measure/native-bench.ts'
import type { InstalledPeers } from './install/peer-packages.ts'
import type { CaseResult } from './result/row.ts'
import type { Settings } from './settings.ts'

/** What a case may use. */
export interface BenchContext {
  readonly settings: Settings
  readonly guard: DiskGuard
  /** Undefined where it is not installed. */
  readonly fio: Fio | undefined
  readonly peers: InstalledPeers
  /** Undefined where the native benchmark could not be built, and in the package. */
  readonly native: NativeBench | undefined
  /** A directory of this name for a log or a database; its parent exists. */
  directoryFor(name: string): string
  /** Removes it. */
  remove(directory: string): void
  say(text: string): void
}

/** A question that the benchmarks answer. */
export interface BenchCase {
  /** For --only. */
  readonly name: string
  readonly title: string
  run(context: BenchContext): Promise<CaseResult>
}
