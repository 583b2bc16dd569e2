import { join } from 'node:path'

import { entriesOf, type System, textOf } from './system.ts'

/** What a drive says about its own write cache, as against what the kernel was told. */
export interface DeviceCache {
  readonly says: '' | 'volatile' | 'none'
  readonly source: string
}

const unknown: DeviceCache = { says: '', source: '' }

/**
 * SCSI and SATA: the mode page, which the driver shows in scsi_disk. virtio: the device's
 * configuration. NVMe: the bit VWC, for which nvme-cli and its rights are needed.
 */
export function deviceCacheOf(directory: string, name: string, system: System): DeviceCache {
  const scsi = join(directory, 'device/scsi_disk')
  for (const entry of entriesOf(scsi)) {
    const found = fromText(textOf(join(scsi, entry, 'cache_type')), "the drive's mode page")
    if (found !== unknown) return found
  }
  if (/^vd[a-z]+$/.test(name)) {
    return fromText(textOf(join(directory, 'cache_type')), 'the virtual device')
  }
  if (!/^nvme\d+n\d+$/.test(name)) return unknown
  return fromIdentify(system.run('nvme', ['id-ctrl', `/dev/${name}`, '-o', 'json']))
}

function fromText(text: string, source: string): DeviceCache {
  if (text.startsWith('write back')) return { says: 'volatile', source }
  return text === 'write through' || text === 'none' ? { says: 'none', source } : unknown
}

function fromIdentify(text: string): DeviceCache {
  try {
    const { vwc } = JSON.parse(text) as { vwc?: unknown }
    if (typeof vwc !== 'number') return unknown
    return { says: (vwc & 1) === 1 ? 'volatile' : 'none', source: 'the drive (nvme id-ctrl)' }
  } catch {
    return unknown
  }
}
