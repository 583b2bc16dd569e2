import { Fio } from './fio.ts'
import type { FioMeasurement } from './fio-output.ts'
import type { Sample } from '../measure/rounds.ts'

const pageBytes = 8192
const writesPerSync = 128

/** What the drive gives a buffer pool: whole pages at random places of one file, O_DIRECT. */
export class FioPages {
  readonly #fio: Fio

  constructor(directory: string, fileBytes: number) {
    this.#fio = new Fio(directory, 'fio-pages', fileBytes)
  }

  /** Writes the file in full, so that no measured write needs file system metadata. */
  async prepare(): Promise<void> {
    await this.#fio.prepare()
  }

  /** Bytes a second with `depth` reads under way, through io_uring. */
  async randomReads(depth: number, seconds: number): Promise<Sample> {
    const job = { rw: 'randread', blockBytes: pageBytes, depth, writesPerSync: 0, seconds } as const
    return sampleOf(await this.#fio.measure(job))
  }

  /**
   * Bytes a second with `depth` writes under way and an fdatasync after every 128 of them. Through
   * libaio, which sends exactly that many syncs (see FioJob) and is as fast here. The sync covers
   * the writes that are complete when it begins; nothing waits for the others first.
   */
  async randomWrites(depth: number, seconds: number): Promise<Sample> {
    const job = { rw: 'randwrite', blockBytes: pageBytes, depth, writesPerSync, seconds } as const
    return sampleOf(await this.#fio.measure({ ...job, engine: 'libaio' }))
  }

  remove(): void {
    this.#fio.remove()
  }
}

function sampleOf(measured: FioMeasurement): Sample {
  const { operations, operationsPerSecond, bytesPerSecond, syncs } = measured
  return { value: bytesPerSecond, details: { operations, operationsPerSecond, syncs } }
}
