import { execFile, spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Sample } from './rounds.ts'

const execFileAsync = promisify(execFile)
const fileBytes = 256 * 2 ** 20

/** One fio job. Everything is O_DIRECT through io_uring. */
export interface FioJob {
  readonly rw: 'read' | 'write'
  readonly blockBytes: number
  readonly depth: number
  /** Sync after every so many writes; 0: never. */
  readonly writesPerSync: number
  readonly seconds: number
  /** Read these instead of fio's own file. */
  readonly files?: readonly string[]
}

interface FioOutput {
  jobs: {
    [rw in 'read' | 'write']: {
      iops: number
      bw_bytes: number
    }
  }[]
}

/** Installs fio with apt-get when it is missing. Throws when that does not work. */
export function installFio(say: (text: string) => void): void {
  const works = (): boolean => spawnSync('fio', ['--version'], { stdio: 'ignore' }).status === 0
  if (works()) return
  say('installing fio with apt-get')
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '--no-install-recommends', 'fio']]) {
    const [command = 'apt-get', ...rest] = [...prefix, 'apt-get', '-y', '-qq', ...args]
    spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'], env })
  }
  if (!works()) throw new Error('fio is not installed and apt-get could not install it')
}

/**
 * fio on a file that is written in full before anything is measured: an overwrite needs no file
 * system metadata.
 */
export class Fio {
  readonly #file: string

  constructor(directory: string) {
    this.#file = join(directory, 'fio-file')
  }

  async prepare(): Promise<void> {
    if (existsSync(this.#file)) return
    const args = ['--rw=write', '--bs=1m', '--iodepth=4', '--end_fsync=1', `--size=${fileBytes}`]
    await this.#fio([`--filename=${this.#file}`, ...args])
  }

  /** Operations a second; MB/s in the details. */
  async run(job: FioJob): Promise<Sample> {
    const args = [
      `--rw=${job.rw}`,
      `--bs=${job.blockBytes}`,
      `--iodepth=${job.depth}`,
      `--fdatasync=${job.writesPerSync}`,
      `--filename=${(job.files ?? [this.#file]).join(':')}`,
    ]
    // Files that are there already have their size; fio reads each to its end.
    if (job.files === undefined) args.push(`--size=${fileBytes}`)
    else args.push('--file_service_type=sequential')
    args.push('--time_based', `--runtime=${Math.round(job.seconds * 1000)}ms`)
    const output = (await this.#fio(args)).jobs[0]?.[job.rw]
    if (output === undefined) throw new Error('fio reported no job')
    const megabytesPerSecond = output.bw_bytes / 1e6
    return {
      value: output.iops,
      details: { megabytesPerSecond },
    }
  }

  /** Synced 4 KiB overwrites, one after the other. */
  async overwrite(writes: number): Promise<void> {
    const args = ['--rw=write', '--bs=4096', '--iodepth=1', '--fdatasync=1']
    const size = [`--filename=${this.#file}`, `--size=${fileBytes}`, `--number_ios=${writes}`]
    await this.#fio([...args, ...size])
  }

  async #fio(args: string[]): Promise<FioOutput> {
    const common = ['--name=seawall', '--ioengine=io_uring', '--direct=1', '--output-format=json']
    const { stdout } = await execFileAsync('fio', [...common, ...args], { maxBuffer: 64 << 20 })
    // Warnings may come before the JSON.
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as FioOutput
  }

  remove(): void {
    rmSync(this.#file, { force: true })
  }
}
