import { execFileSync } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

import {
  type Coins,
  durableWrites,
  lastFlushBefore,
  type Piece,
  survivingPieces,
} from './crash-image.ts'
import { parseWriteRecord, type WriteRecord } from './write-record.ts'

/** Makes the images that crashes of a recorded disk may leave. The points must ascend. */
export class ImageBuilder {
  readonly record: WriteRecord
  readonly #file: number
  readonly #durablePath: string
  readonly #durable: number
  #applied = 0

  /** `basePath`: the disk before the first entry. It is changed. */
  constructor(recordPath: string, basePath: string) {
    this.#file = openSync(recordPath, 'r')
    this.#durablePath = basePath
    this.#durable = openSync(basePath, 'r+')
    const readAt = (buffer: Buffer, position: number): number =>
      readSync(this.#file, buffer, 0, buffer.length, position)
    this.record = parseWriteRecord(readAt, fstatSync(this.#file).size)
  }

  close(): void {
    closeSync(this.#file)
    closeSync(this.#durable)
  }

  /** Writes the image of a crash behind the first `point` entries to `path`. */
  build(point: number, coins: Coins, path: string): void {
    const writes = durableWrites(this.record, point, this.#applied)
    this.#copy(writes, this.#durable)
    this.#applied = Math.max(this.#applied, lastFlushBefore(this.record.entries, point))
    copySparse(this.#durablePath, path)
    const image = openSync(path, 'r+')
    try {
      this.#copy(survivingPieces(this.record, point, coins), image)
    } finally {
      closeSync(image)
    }
  }

  #copy(pieces: readonly Piece[], to: number): void {
    for (const { offset, bytes, dataAt } of pieces) {
      const data = Buffer.allocUnsafe(bytes)
      if (readSync(this.#file, data, 0, bytes, dataAt) < bytes) throw new Error('the record is cut')
      writeSync(to, data, 0, bytes, offset)
    }
  }
}

export function copySparse(from: string, to: string): void {
  execFileSync('cp', ['--sparse=always', '--reflink=auto', from, to])
}
