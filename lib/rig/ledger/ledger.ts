import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

import { RigError } from '../rig-error.ts'
import {
  decodeEntry,
  encodeEntry,
  entryHeaderBytes,
  entryPayloadBytesMax,
  type LedgerEntry,
  ledgerMagic,
} from './ledger-entry.ts'

const readBytes = entryPayloadBytesMax + entryHeaderBytes
const defaultSyncMs = 50

export interface LedgerOptions {
  /** Milliseconds for which entries are collected before they are written and synced. */
  syncMs?: number
  /** A write or sync failed: nothing that comes after is kept. */
  onFailure: (error: unknown) => void
}

/**
 * What the observer knows, in a file: every announcement and acknowledgement with its time of
 * arrival, in order. Only appended to, synced in batches.
 */
export class Ledger {
  readonly #file: FileHandle
  readonly #options: LedgerOptions
  #offset: number
  #pending: Buffer[] = []
  #whenDurable: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #syncing: Promise<void> | undefined
  #failed = false
  /** Bytes that were cut off when the ledger was opened: an entry that was not written whole. */
  readonly cutBytes: number

  private constructor(file: FileHandle, offset: number, cutBytes: number, options: LedgerOptions) {
    this.#file = file
    this.#offset = offset
    this.cutBytes = cutBytes
    this.#options = options
  }

  /**
   * Opens or creates the ledger, passes every entry to `replay`, and cuts a torn tail off: an entry
   * that was never whole was never confirmed to the agent.
   *
   * @throws RigError when the file is not a ledger
   */
  static async open(
    path: string,
    replay: (entry: LedgerEntry) => void,
    options: LedgerOptions,
  ): Promise<Ledger> {
    const file = await open(path, 'a+')
    try {
      const { size } = await file.stat()
      const end = size < ledgerMagic.length ? 0 : await replayAll(file, path, replay)
      if (end < size) await file.truncate(end)
      if (end === 0) await file.appendFile(ledgerMagic)
      await file.datasync()
      await syncDirectory(dirname(path))
      return new Ledger(file, Math.max(end, ledgerMagic.length), size - end, options)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Bytes of the file, with what is on its way. */
  get bytes(): number {
    return this.#offset
  }

  append(type: number, probe: number, payload: Buffer, atMs = Date.now()): void {
    const entry = encodeEntry(type, probe, payload, atMs)
    this.#offset += entry.length
    this.#pending.push(entry)
    this.#schedule()
  }

  /** Calls `then` once everything appended so far is durable; never when that fails. */
  whenDurable(then: () => void): void {
    this.#whenDurable.push(then)
    this.#schedule()
  }

  /** Writes and syncs what was appended so far, now. */
  async sync(): Promise<void> {
    await this.#syncing
    await this.#write()
    if (this.#failed) throw new RigError('the ledger could not be written; see the first message')
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.sync()
    clearTimeout(this.#timer)
    await this.#file.close()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#syncing !== undefined || this.#failed) return
    this.#timer = setTimeout(() => void this.#write(), this.#options.syncMs ?? defaultSyncMs)
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#syncing ??= this.#writeBatch().finally(() => {
      this.#syncing = undefined
      if (this.#pending.length > 0 || this.#whenDurable.length > 0) this.#schedule()
    })
    return this.#syncing
  }

  async #writeBatch(): Promise<void> {
    if (this.#failed) return
    const bytes = Buffer.concat(this.#pending)
    const waiting = this.#whenDurable
    this.#pending = []
    this.#whenDurable = []
    try {
      if (bytes.length > 0) {
        await this.#file.appendFile(bytes)
        await this.#file.datasync()
      }
    } catch (error) {
      this.#failed = true
      this.#options.onFailure(error)
      return
    }
    for (const then of waiting) then()
  }
}

/** Reads all entries; where the valid ones end. */
async function replayAll(
  file: FileHandle,
  path: string,
  replay: (entry: LedgerEntry) => void,
): Promise<number> {
  const head = Buffer.alloc(ledgerMagic.length)
  await file.read(head, 0, head.length, 0)
  if (!head.equals(ledgerMagic)) throw new RigError(`${path} is not a ledger of the rig`)
  let end = ledgerMagic.length
  for (;;) {
    const buffer = Buffer.allocUnsafe(readBytes)
    const { bytesRead } = await file.read(buffer, 0, readBytes, end)
    const bytes = buffer.subarray(0, bytesRead)
    let at = 0
    for (;;) {
      const decoded = decodeEntry(bytes, at)
      if (decoded === undefined) break
      replay(decoded.entry)
      at = decoded.next
    }
    if (at === 0) return end
    end += at
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync()
  await directory.close()
}
