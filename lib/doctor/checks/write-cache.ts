import type { BlockLayer } from '../facts.ts'
import { type Finding, good, note, problem, warning } from '../finding.ts'

const id = 'write-cache'

/**
 * The kernel flushes only what it believes to have a volatile write cache. `queue/write_cache` can
 * be written by anyone with the rights, and says nothing to the device: it is held against what the
 * device says itself, and against FUA, which drivers announce only together with a volatile cache.
 * (kernel: Documentation/ABI/stable/sysfs-block, block/blk-sysfs.c.)
 */
export function checkWriteCache(layers: readonly BlockLayer[]): Finding[] {
  const caching = layers.filter(({ writeCache }) => writeCache !== '')
  if (caching.length === 0) {
    return [note(id, 'Whether the drive has a volatile write cache could not be found out.')]
  }
  return [...caching.map((layer) => ofLayer(layer)), ...lostOnTheWay(layers)]
}

function ofLayer(layer: BlockLayer): Finding {
  return layer.writeCache === 'write back' ? flushed(layer) : unflushed(layer)
}

function flushed({ name, fua, deviceCache, deviceCacheSource: source }: BlockLayer): Finding {
  const how =
    fua === true ? 'flushes and single writes through the cache (FUA)' : 'flushes, without FUA'
  if (deviceCache !== 'none') {
    return good(id, `${name}: has a volatile write cache, and the kernel sends ${how}.`)
  }
  return good(
    id,
    `${name}: the kernel sends ${how}; ${source} says that there is no volatile cache to flush.`,
  )
}

function unflushed(layer: BlockLayer): Finding {
  const { name, kind, deviceCache, deviceCacheSource: source, fua } = layer
  if (deviceCache === 'none') {
    return good(
      id,
      `${name}: has no volatile write cache (the kernel and ${source} say so): no flush is needed.`,
    )
  }
  if (deviceCache === 'volatile') {
    return overridden(name, `${source} says that there is a volatile write cache`)
  }
  if (fua === true) {
    return overridden(name, 'its driver announced FUA, which goes with a volatile write cache')
  }
  if (kind === 'loop') {
    return overridden(
      name,
      'a loop device announces a write cache whenever its file can be flushed',
    )
  }
  if (kind !== 'disk') return good(id, `${name}: passes no flush on ("write through").`)
  return note(
    id,
    `${name}: the kernel believes "write through" and sends no flush. Whether the device has ` +
      'no volatile cache, or somebody has overridden the setting, cannot be known here.',
    name.startsWith('nvme')
      ? `nvme id-ctrl /dev/${name} (package nvme-cli, as root) shows it: vwc must be 0.`
      : 'Read the data sheet of the drive; a power cut proves it (seawall rig).',
  )
}

function overridden(name: string, because: string): Finding {
  return problem(
    id,
    `${name}: the kernel believes "write through" and sends no flush, but ${because}: somebody has ` +
      'overridden the setting. A power cut loses what was acknowledged.',
    `echo "write back" > /sys/block/${name}/queue/write_cache, and find out who changed it (a udev ` +
      'rule, a tuning script).',
  )
}

// A flush stops at the first layer that believes there is nothing to flush.
function lostOnTheWay(layers: readonly BlockLayer[]): Finding[] {
  return layers.flatMap((upper) => {
    if (upper.writeCache !== 'write through') return []
    const lower = allBelow(upper, layers).find(({ writeCache }) => writeCache === 'write back')
    if (lower === undefined) return []
    return [
      warning(
        'flush-path',
        `${upper.name} passes no flush on ("write through"), though ${lower.name} below it has ` +
          'a volatile write cache ("write back").',
        `Find out why: /sys/block/${upper.name}/queue/write_cache was overridden, or what ` +
          `${upper.name} is made of swallows flushes.`,
      ),
    ]
  })
}

// Through partitions, which have no setting of their own.
function allBelow({ below }: BlockLayer, layers: readonly BlockLayer[]): BlockLayer[] {
  const direct = layers.filter(({ name }) => below.includes(name))
  return direct.flatMap((layer) =>
    layer.kind === 'partition' ? [layer, ...allBelow(layer, layers)] : [layer],
  )
}
