import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { type FioMeasurement, parseFioOutput } from './fio-output.ts'
import { type FioEngine, runFio } from './fio.ts'

const execFileAsync = promisify(execFile)
const blockBytes = 4096

/**
 * What a file is when it is written to: `written` in full before, with `allocated` blocks that were
 * never written (fallocate), or `growing` with every write.
 */
export type FileState = 'written' | 'allocated' | 'growing'

export interface SyncedWrites {
  readonly state: FileState
  readonly engine: FioEngine
  readonly depth: number
  /** `dsync`: each write is durable when it completes. `fdatasync`: a sync after each write. */
  readonly sync: 'dsync' | 'fdatasync'
  readonly seconds: number
}

/** fio's durable 4 KiB writes, O_DIRECT and from the beginning of a file to its end. */
export class FioSyncedWrites {
  readonly #directory: string
  readonly #fileBytes: number

  constructor(directory: string, fileBytes: number) {
    this.#directory = directory
    this.#fileBytes = fileBytes
  }

  /** Makes the file what it has to be; what this writes is on the drive when it resolves. */
  async prepare(state: FileState): Promise<void> {
    const path = this.#path(state)
    rmSync(path, { force: true })
    if (state === 'allocated') {
      await execFileAsync('fallocate', ['--length', String(this.#fileBytes), path])
    } else if (state === 'written') {
      await this.#fio('io_uring', path, ['--bs=1m', '--iodepth=4', `--size=${this.#fileBytes}`])
    }
    await execFileAsync('sync', ['--file-system', this.#directory])
  }

  async run({ state, engine, depth, sync, seconds }: SyncedWrites): Promise<FioMeasurement> {
    const runtime = `--runtime=${Math.round(seconds * 1000)}ms`
    const durable = sync === 'dsync' ? '--sync=dsync' : '--fdatasync=1'
    return this.#fio(engine, this.#path(state), [
      `--bs=${blockBytes}`,
      `--iodepth=${depth}`,
      `--size=${this.#fileBytes}`,
      durable,
      '--time_based',
      runtime,
      ...(state === 'growing' ? ['--fallocate=none', '--file_append=0'] : ['--overwrite=1']),
    ])
  }

  remove(): void {
    for (const state of ['written', 'allocated', 'growing'] as const) {
      rmSync(this.#path(state), { force: true })
    }
  }

  #path(state: FileState): string {
    return join(this.#directory, `fio-${state}`)
  }

  async #fio(engine: FioEngine, path: string, args: readonly string[]): Promise<FioMeasurement> {
    const common = ['--name=seawall', '--rw=write', '--direct=1', '--output-format=json']
    const all = [...common, `--ioengine=${engine}`, `--filename=${path}`, ...args]
    return parseFioOutput(await runFio(all), 'write')
  }
}
