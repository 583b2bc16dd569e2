import type { BlockLayer } from '../facts.ts'
import { type Finding, good, note, warning } from '../finding.ts'
import { inWords } from './words.ts'

const logBlockBytes = 4096

/** The blocks of the drive against those of the log. */
export function checkBlocks(layers: readonly BlockLayer[]): Finding[] {
  const id = 'blocks'
  const drives = layers.filter(
    ({ physicalBlockBytes, kind }) => physicalBlockBytes !== undefined && kind !== 'partition',
  )
  if (drives.length === 0) return [note(id, 'The block size of the drive could not be found out.')]
  const findings = drives.map(({ name, logicalBlockBytes, physicalBlockBytes = 0 }) => {
    const sizes =
      `${name} has blocks of ${logicalBlockBytes ?? '?'} bytes ` + `(${physicalBlockBytes} inside)`
    if (physicalBlockBytes <= logBlockBytes) {
      return good(id, `${sizes}: a block of the log, ${logBlockBytes} bytes, covers them.`)
    }
    return note(
      id,
      `${sizes}: a block of the log is smaller, so the drive reads and writes around it.`,
      'padToBlock does not help here; a drive with blocks of 4096 bytes is faster.',
    )
  })
  return [...findings, ...misaligned(layers)]
}

function misaligned(layers: readonly BlockLayer[]): Finding[] {
  return layers.flatMap(({ name, startBytes, below }) => {
    if (startBytes === undefined) return []
    const disk = layers.find((layer) => below.includes(layer.name))
    const unit = Math.max(logBlockBytes, disk?.physicalBlockBytes ?? 0)
    if (startBytes % unit === 0) return []
    return [
      warning(
        'partition-alignment',
        `The partition ${name} begins at byte ${startBytes}, which is no multiple of ${unit}: ` +
          'every write touches one more block of the drive than it should, and can tear there.',
        'Make the partition anew, at a multiple of 1 MiB.',
      ),
    ]
  })
}

/** Writes that the drive promises to leave whole. */
export function checkAtomicWrites(layers: readonly BlockLayer[]): Finding[] {
  const drive = layers.at(-1)
  const id = 'atomic-writes'
  if (drive === undefined) return []
  const { name, atomicMaxBytes: max, atomicMinBytes: min, atomicBoundaryBytes: boundary } = drive
  if (max === undefined) {
    return [
      note(id, `Whether ${name} writes several blocks at once cannot be known with this kernel.`),
    ]
  }
  const protection = 'the log has checksums, and an Engine its own protection against torn pages'
  if (max === 0) return [good(id, `${name} promises nothing beyond single blocks: ${protection}.`)]
  const limit =
    boundary === undefined || boundary === 0 ? '' : `, not across multiples of ${inWords(boundary)}`
  return [
    good(
      id,
      `${name} writes ${inWords(min ?? 0)} to ${inWords(max)} whole or not at all${limit}. ` +
        `Seawall does not rely on it: ${protection}.`,
    ),
  ]
}
