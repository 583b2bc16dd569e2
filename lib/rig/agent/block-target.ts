import type { Fingerprint, PowerCounters } from '../protocol/messages.ts'

/** Something that takes reads, writes and flushes of blocks: a device, a file, a simulation. */
export interface BlockTarget {
  readonly bytes: number
  readonly blockBytes: number
  /** An aligned write of so many bytes survives a power cut whole or not at all. */
  readonly wholeUnitBytes: number
  /** Memory that its reads and writes may use. */
  allocate(bytes: number): Buffer
  /** Fills `buffer` from `offset` on. */
  read(buffer: Buffer, offset: number): Promise<void>
  /** `through`: durable when it resolves (FUA). Fails when not all of it was written. */
  write(buffer: Buffer, offset: number, through: boolean): Promise<void>
  /** Makes durable what completed before. */
  flush(): Promise<void>
  close(): Promise<void>
  /** What it is; `directIO` says whether the page cache is in between. */
  readonly fingerprint: Fingerprint
  readonly counters?: PowerCounters
  /** Of a simulated machine. */
  readonly bootId?: string
}
