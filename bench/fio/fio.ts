import { execFile, spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { endWithUs } from '../../programs/child-processes.ts'
import { checkout } from '../../programs/place.ts'
import { installPackages } from '../install/debian-packages.ts'
import { type FioDirection, type FioMeasurement, parseFioOutput } from './fio-output.ts'
import type { Sample } from '../measure/rounds.ts'

const execFileAsync = promisify(execFile)
const defaultFileBytes = 256 * 2 ** 20

export type FioEngine = 'io_uring' | 'libaio'

/** One fio job. Everything is O_DIRECT, and through io_uring unless it is said otherwise. */
export interface FioJob {
  readonly rw: 'read' | 'write' | 'randread' | 'randwrite'
  readonly engine?: FioEngine
  readonly blockBytes: number
  readonly depth: number
  /**
   * Sync after every so many writes; 0: never. Before fio 3.38, io_uring at a depth above 1 sends
   * syncs until the first of them is done (axboe/fio#1754); libaio waits for each and sends one.
   */
  readonly writesPerSync: number
  readonly seconds: number
  /** Read these instead of fio's own file. */
  readonly files?: readonly string[]
}

/** What is said where fio is missing. */
export const noFio = 'fio: not installed; nothing is held against the drive'

/**
 * True when fio is there. In a checkout it is installed with apt-get when it is missing; throws when
 * that does not work.
 */
export function installFio(say: (text: string) => void): boolean {
  const works = (): boolean => spawnSync('fio', ['--version'], { stdio: 'ignore' }).status === 0
  if (works()) return true
  if (checkout === undefined) return false
  say('installing fio with apt-get')
  const failure = installPackages('fio')
  if (!works()) throw new Error(`fio: apt-get could not install it (${failure})`)
  return true
}

/** What it printed. */
export async function runFio(args: readonly string[]): Promise<string> {
  const running = execFileAsync('fio', args, { maxBuffer: 64 << 20 })
  endWithUs(running.child)
  return (await running).stdout
}

/**
 * fio on a file that is written in full before anything is measured: an overwrite needs no file
 * system metadata.
 */
export class Fio {
  readonly #file: string
  readonly #fileBytes: number

  constructor(directory: string, fileName = 'fio-file', fileBytes = defaultFileBytes) {
    this.#file = join(directory, fileName)
    this.#fileBytes = fileBytes
  }

  async prepare(): Promise<void> {
    if (existsSync(this.#file)) return
    const args = ['--rw=write', '--bs=1m', '--iodepth=4', '--end_fsync=1']
    await this.#fio([...args, ...this.#ownFile()])
  }

  /** Operations a second; MB/s in the details. */
  async run(job: FioJob): Promise<Sample> {
    const { operationsPerSecond, bytesPerSecond } = await this.measure(job)
    return {
      value: operationsPerSecond,
      details: { megabytesPerSecond: bytesPerSecond / 1e6 },
    }
  }

  async measure(job: FioJob): Promise<FioMeasurement> {
    const args = [
      `--rw=${job.rw}`,
      `--bs=${job.blockBytes}`,
      `--iodepth=${job.depth}`,
      `--fdatasync=${job.writesPerSync}`,
    ]
    // Files that are there already have their size; fio reads each to its end.
    if (job.files === undefined) args.push(...this.#ownFile())
    else args.push(`--filename=${job.files.join(':')}`, '--file_service_type=sequential')
    args.push('--time_based', `--runtime=${Math.round(job.seconds * 1000)}ms`)
    const direction: FioDirection = job.rw.endsWith('read') ? 'read' : 'write'
    return parseFioOutput(await this.#fio(args, job.engine), direction)
  }

  /** Synced 4 KiB overwrites, one after the other. */
  async overwrite(writes: number): Promise<void> {
    const args = ['--rw=write', '--bs=4096', '--iodepth=1', '--fdatasync=1']
    await this.#fio([...args, ...this.#ownFile(), `--number_ios=${writes}`])
  }

  #ownFile(): string[] {
    return [`--filename=${this.#file}`, `--size=${this.#fileBytes}`]
  }

  async #fio(args: string[], engine: FioEngine = 'io_uring'): Promise<string> {
    const common = ['--name=seawall', `--ioengine=${engine}`, '--direct=1', '--output-format=json']
    return runFio([...common, ...args])
  }

  remove(): void {
    rmSync(this.#file, { force: true })
  }
}
