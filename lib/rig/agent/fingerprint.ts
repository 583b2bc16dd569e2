import { execFileSync } from 'node:child_process'
import { hostname, release } from 'node:os'
import { join, resolve } from 'node:path'

import type { Fingerprint, PowerCounters } from '../protocol/messages.ts'
import {
  type BlockDevice,
  mountsOf,
  serialOf,
  type SystemPaths,
  systemPaths,
  textOf,
} from './system-files.ts'

const queueFiles = [
  'write_cache',
  'fua',
  'logical_block_size',
  'physical_block_size',
  'atomic_write_unit_max_bytes',
  'rotational',
  'scheduler',
] as const

const commandTimeoutMs = 10_000

export function bootIdOf(paths: SystemPaths = systemPaths): string {
  return textOf(join(paths.proc, 'sys/kernel/random/boot_id'))
}

export function machineFingerprint(): Fingerprint {
  return { host: hostname(), kernel: release(), node: process.version }
}

/** What sysfs knows of a device, and nvme-cli where it is installed. */
export function deviceFingerprint(device: BlockDevice): Fingerprint {
  const { disk, name } = device
  const found: Record<string, string | number | boolean> = { device: name }
  const note = (key: string, text: string): void => {
    if (text !== '') found[key] = text
  }
  note('model', textOf(join(disk, 'device/model')))
  note('serial', serialOf(device))
  note('firmware', textOf(join(disk, 'device/firmware_rev')))
  for (const file of queueFiles) note(file, textOf(join(disk, 'queue', file)))
  return { ...found, ...nvmeIdentity(device) }
}

/** The file system that holds `path`. */
export function mountFingerprint(path: string, number: string, paths = systemPaths): Fingerprint {
  const above = mountsOf(paths)
    .filter(({ point }) => `${resolve(path)}/`.startsWith(point === '/' ? '/' : `${point}/`))
    .sort((a, b) => a.point.length - b.point.length)
  const mount = above.findLast((one) => one.number === number) ?? above.at(-1)
  if (mount === undefined) return {}
  const { fileSystem, point, options, source } = mount
  return { fileSystem, mountedOn: point, mountOptions: options, source }
}

/** The SMART counters; undefined where nvme-cli or the drive has none. */
export function powerCounters(device: BlockDevice): PowerCounters | undefined {
  const smart = nvme(device, ['smart-log'])
  const { power_cycles: powerCycles, unsafe_shutdowns: unsafeShutdowns } = smart
  if (powerCycles === undefined || unsafeShutdowns === undefined) return undefined
  return { powerCycles: Number(powerCycles), unsafeShutdowns: Number(unsafeShutdowns) }
}

// Volatile write cache and the sizes that a power failure leaves whole: 0's based, in blocks.
function nvmeIdentity(device: BlockDevice): Fingerprint {
  const { vwc, awun, awupf } = nvme(device, ['id-ctrl'])
  const { nawupf, nabspf, nabo } = nvme(device, ['id-ns'])
  const known = { vwc, awun, awupf, nawupf, nabspf, nabo }
  return Object.fromEntries(
    Object.entries(known).flatMap(([name, value]) =>
      value === undefined ? [] : [[`nvme ${name}`, Number(value)]],
    ),
  )
}

function nvme({ disk }: BlockDevice, args: string[]): Record<string, unknown> {
  const name = disk.slice(disk.lastIndexOf('/') + 1)
  if (!name.startsWith('nvme')) return {}
  try {
    const output = execFileSync('nvme', [...args, `/dev/${name}`, '-o', 'json'], {
      encoding: 'utf8',
      timeout: commandTimeoutMs,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return JSON.parse(output) as Record<string, unknown>
  } catch {
    return {}
  }
}
