import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

import type { BlockLayer, LayerKind, MountFacts } from '../facts.ts'
import { deviceCacheOf } from './device-cache.ts'
import { entriesOf, numberOf, type System, textOf } from './system.ts'

const sectorBytes = 512
const depthMax = 16

/** The number of a device as the kernel writes it. */
export function deviceNumber(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn)
  return `${major}:${minor}`
}

/** The block devices below a mount, from the top down, each once. */
export function layersOf(mount: MountFacts | undefined, system: System): BlockLayer[] {
  const number = mount === undefined ? '' : blockNumberOf(mount, system)
  const found = new Map<string, BlockLayer>()
  const visit = (directory: string, depth: number): void => {
    const name = basename(directory)
    if (found.has(name) || depth > depthMax) return
    const below = belowOf(directory)
    found.set(
      name,
      layerAt(
        directory,
        below.map((one) => basename(one)),
        system,
      ),
    )
    for (const one of below) visit(one, depth + 1)
  }
  const top = resolved(join(system.sys, 'dev/block', number))
  if (number !== '' && top !== undefined) visit(top, 0)
  return [...found.values()]
}

// Btrfs has a number of its own (0:40) and names its device.
function blockNumberOf(mount: MountFacts, system: System): string {
  if (!mount.number.startsWith('0:')) return mount.number
  if (!mount.source.startsWith('/dev/')) return ''
  try {
    const { rdev } = statSync(system.root + mount.source, { bigint: true })
    return rdev === 0n ? '' : deviceNumber(rdev)
  } catch {
    return ''
  }
}

function belowOf(directory: string): string[] {
  if (textOf(join(directory, 'partition')) !== '') return [dirname(directory)]
  return entriesOf(join(directory, 'slaves')).flatMap(
    (name) => resolved(join(directory, 'slaves', name)) ?? [],
  )
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

function layerAt(directory: string, below: string[], system: System): BlockLayer {
  const name = basename(directory)
  const text = (path: string): string => textOf(join(directory, path))
  const number = (path: string): number | undefined => numberOf(join(directory, path))
  const kind = kindOf(directory, name)
  const { says, source } = deviceCacheOf(directory, name, system)
  const start = kind === 'partition' ? number('start') : undefined
  const rotational = text('queue/rotational')
  const fua = text('queue/fua')
  return {
    name,
    number: text('dev'),
    kind,
    model: [text('device/vendor'), text('device/model')]
      .filter((part) => part !== '' && !part.startsWith('0x'))
      .join(' '),
    serial: text('device/serial') || text('serial'),
    writeCache: text('queue/write_cache'),
    deviceCache: says,
    deviceCacheSource: source,
    fua: fua === '' ? undefined : fua !== '0',
    logicalBlockBytes: number('queue/logical_block_size'),
    physicalBlockBytes: number('queue/physical_block_size'),
    atomicMinBytes: number('queue/atomic_write_unit_min_bytes'),
    atomicMaxBytes: number('queue/atomic_write_unit_max_bytes'),
    atomicBoundaryBytes: number('queue/atomic_write_boundary_bytes'),
    isRotational: rotational === '' ? undefined : rotational !== '0',
    isRemovable: text('removable') === '1',
    scheduler: /\[(.+?)\]/.exec(text('queue/scheduler'))?.[1] ?? text('queue/scheduler'),
    startBytes: start === undefined ? undefined : start * sectorBytes,
    detail: detailOf(directory, kind),
    below,
  }
}

function kindOf(directory: string, name: string): LayerKind {
  if (textOf(join(directory, 'partition')) !== '') return 'partition'
  if (/^(zram|ram|pmem_volatile)\d/.test(name)) return 'memory'
  if (/^(nbd|rbd|drbd)\d/.test(name)) return 'network'
  if (/^dm-/.test(name)) return 'mapped'
  if (/^md/.test(name)) return 'raid'
  if (/^loop/.test(name)) return 'loop'
  return /^bcache/.test(name) ? 'cached' : 'disk'
}

function detailOf(directory: string, kind: LayerKind): string {
  const text = (path: string): string => textOf(join(directory, path))
  if (kind === 'raid') return `${text('md/level')} ${text('md/consistency_policy')}`.trim()
  if (kind === 'loop') return text('loop/backing_file')
  if (kind === 'mapped') return `${text('dm/name')} ${text('dm/uuid').split('-')[0]}`.trim()
  return kind === 'cached' ? (/\[(.+?)\]/.exec(text('bcache/cache_mode'))?.[1] ?? '') : ''
}
