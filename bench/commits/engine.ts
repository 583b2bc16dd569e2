import type { Sample } from '../measure/rounds.ts'
import type { Role } from '../result/plot.ts'

/** Committers, each of which waits until its record is durable before the next one. */
export interface Cell {
  readonly bodyBytes: number
  readonly committers: number
}

/** Keeps an engine ready between measurements, so that these can follow each other closely. */
export interface EngineSession {
  /**
   * The value is commits a second. Details, where the engine has them: p50Us, p99Us, and those of
   * usageDetails.
   */
  run(cell: Cell, seconds: number, warmUpSeconds: number): Promise<Sample>
  close(): Promise<void>
}

/** One way to make records durable. */
export interface CommitEngine {
  readonly name: string
  readonly role: Role
  /** What is durable, and how, when a commit of it is done; in a sentence. */
  readonly durable: string
  /** Where it is measured to know about `cell`; undefined: it is not measured there. */
  cellFor(cell: Cell): Cell | undefined
  /** For records of this size. */
  open(bodyBytes: number): Promise<EngineSession>
}

const kib = 1024

export function sizeInWords(bytes: number): string {
  if (bytes >= kib * kib) return `${bytes / kib / kib} MiB`
  return bytes >= kib ? `${bytes / kib} KiB` : `${bytes} B`
}

export function committersInWords(count: number): string {
  return count === 1 ? '1 committer' : `${count.toLocaleString('en')} committers`
}

export function cellInWords({ bodyBytes, committers }: Cell): string {
  return `${sizeInWords(bodyBytes)}, ${committersInWords(committers)}`
}
