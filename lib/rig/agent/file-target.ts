import { readSync } from 'node:fs'
import { constants, type FileHandle, open } from 'node:fs/promises'

import type { Fingerprint, PowerCounters } from '../protocol/messages.ts'
import { RigError } from '../rig-error.ts'
import { alignedFor } from './aligned-memory.ts'
import type { BlockTarget } from './block-target.ts'

export interface FileTargetOptions {
  readonly bytes: number
  readonly blockBytes: number
  readonly wholeUnitBytes: number
  /** A block device: nobody else may have it open in earnest. */
  readonly isDevice: boolean
  readonly fingerprint: Fingerprint
  readonly counters: PowerCounters | undefined
}

/** A block device or a file, past the page cache where the system allows it. */
export class FileTarget implements BlockTarget {
  readonly bytes: number
  readonly blockBytes: number
  readonly wholeUnitBytes: number
  readonly fingerprint: Fingerprint
  readonly counters?: PowerCounters
  readonly #file: FileHandle
  /** The same, opened with O_DSYNC: its writes are durable when they complete. */
  readonly #through: FileHandle
  readonly #isDirect: boolean

  private constructor(
    files: { file: FileHandle; through: FileHandle; isDirect: boolean },
    options: FileTargetOptions,
  ) {
    this.#file = files.file
    this.#through = files.through
    this.#isDirect = files.isDirect
    this.bytes = options.bytes
    this.blockBytes = options.blockBytes
    this.wholeUnitBytes = options.wholeUnitBytes
    this.fingerprint = { ...options.fingerprint, directIO: files.isDirect }
    if (options.counters !== undefined) this.counters = options.counters
  }

  static async open(path: string, options: FileTargetOptions): Promise<FileTarget> {
    // O_EXCL on a block device: fails with EBUSY while it is mounted.
    const flags = constants.O_RDWR | (options.isDevice ? constants.O_EXCL : 0)
    const direct = await open(path, flags | constants.O_DIRECT).catch(() => undefined)
    const isDirect = direct !== undefined && takesBlocks(direct.fd, options.blockBytes)
    const file = isDirect ? direct : await open(path, flags)
    if (!isDirect) await direct?.close()
    const again = constants.O_RDWR | constants.O_DSYNC | (isDirect ? constants.O_DIRECT : 0)
    const through = await open(path, again)
    return new FileTarget({ file, through, isDirect }, options)
  }

  allocate(bytes: number): Buffer {
    if (!this.#isDirect) return Buffer.alloc(bytes)
    const memory = alignedFor(this.#file.fd, bytes)
    if (memory === undefined) throw new RigError('no memory that direct I/O accepts was found')
    return memory
  }

  async read(buffer: Buffer, offset: number): Promise<void> {
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, offset)
    if (bytesRead !== buffer.length) throw new RigError(`read ${bytesRead} bytes at ${offset}`)
  }

  async write(buffer: Buffer, offset: number, through: boolean): Promise<void> {
    const file = through ? this.#through : this.#file
    const { bytesWritten } = await file.write(buffer, 0, buffer.length, offset)
    if (bytesWritten !== buffer.length) {
      throw new RigError(`wrote ${bytesWritten} of ${buffer.length} bytes at ${offset}`)
    }
  }

  async flush(): Promise<void> {
    await this.#file.datasync()
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#through.close()
  }
}

// Some file systems want larger pieces than the device below them.
function takesBlocks(file: number, blockBytes: number): boolean {
  const memory = alignedFor(file, blockBytes)
  if (memory === undefined) return false
  try {
    readSync(file, memory, 0, blockBytes, blockBytes)
    return true
  } catch {
    return false
  }
}
