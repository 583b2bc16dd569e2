import { readFileSync, readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where the kernel's files are; a test has its own. */
export interface SystemPaths {
  readonly sys: string
  readonly proc: string
}

export const systemPaths: SystemPaths = { sys: '/sys', proc: '/proc' }

/** A file's text without the line end; '' when there is none. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

export function entriesOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** A block device as sysfs describes it. */
export interface BlockDevice {
  /** nvme0n1p2 */
  readonly name: string
  /** Directory in sysfs. */
  readonly directory: string
  /** Directory of the whole disk, when this is a partition; else the same. */
  readonly disk: string
  readonly number: string
}

/** The block device with this number (`259:3`); undefined when there is none in sysfs. */
export function blockDevice(number: string, paths = systemPaths): BlockDevice | undefined {
  let directory: string
  try {
    directory = realpathSync(join(paths.sys, 'dev/block', number))
  } catch {
    return undefined
  }
  const isPartition = textOf(join(directory, 'partition')) !== ''
  const disk = isPartition ? dirname(directory) : directory
  return { name: basename(directory), directory, disk, number }
}

/** The number of a device as the kernel writes it. */
export function deviceNumber(dev: number): string {
  const major = Math.floor(dev / 256) & 0xfff
  const minor = (dev & 0xff) | (Math.floor(dev / 4096) & 0xfff00)
  return `${major}:${minor}`
}

export function serialOf({ disk }: BlockDevice): string {
  const places = ['device/serial', 'serial', 'device/vpd_pg80', 'device/wwid', 'wwid']
  for (const place of places) {
    const text = textOf(join(disk, place))
      .replace(/[^\x20-\x7e]/g, '')
      .trim()
    if (text !== '') return text
  }
  return ''
}

/** The mounts of /proc/self/mountinfo. */
export function mountsOf(
  paths = systemPaths,
): { number: string; point: string; fileSystem: string; options: string; source: string }[] {
  return textOf(join(paths.proc, 'self/mountinfo'))
    .split('\n')
    .flatMap((line) => {
      const [left = '', right = ''] = line.split(' - ')
      const [, , number = '', , point = '', mountOptions = ''] = left.split(' ')
      const [fileSystem = '', source = '', superOptions = ''] = right.split(' ')
      if (number === '') return []
      return [{ number, point, fileSystem, source, options: `${mountOptions},${superOptions}` }]
    })
}
