import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Requests that a disk has completed since it was attached. */
export interface DeviceCounters {
  readonly writes: number
  readonly writtenSectors: number
  readonly flushes: number
}

// Documentation/block/stat.rst: fields of /sys/block/<dev>/stat, counted from 0.
const writesField = 4
const writtenSectorsField = 6
const flushesField = 15

/**
 * The whole disk that holds a directory; undefined where the file system is not on one (overlayfs,
 * btrfs, tmpfs).
 */
export class BlockDevice {
  readonly name: string
  readonly #stat: string

  private constructor(path: string) {
    this.name = path.slice(path.lastIndexOf('/') + 1)
    this.#stat = join(path, 'stat')
  }

  static of(directory: string): BlockDevice | undefined {
    const { dev } = statSync(directory)
    // glibc's encoding of major and minor, for numbers below 2^32.
    const major = (dev >>> 8) & 0xfff
    const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00)
    const link = `/sys/dev/block/${major}:${minor}`
    if (!existsSync(link)) return undefined
    const path = realpathSync(link)
    // A partition counts its writes, but flushes are counted by the whole disk only.
    const disk = existsSync(join(path, 'partition')) ? dirname(path) : path
    return new BlockDevice(disk)
  }

  counters(): DeviceCounters {
    const fields = readFileSync(this.#stat, 'utf8').trim().split(/\s+/).map(Number)
    return {
      writes: fields[writesField] ?? Number.NaN,
      writtenSectors: fields[writtenSectorsField] ?? Number.NaN,
      flushes: fields[flushesField] ?? Number.NaN,
    }
  }

  /** A file of /sys/block/<dev>/queue; undefined when there is none. */
  queue(name: string): string | undefined {
    const path = join(dirname(this.#stat), 'queue', name)
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
  }
}
