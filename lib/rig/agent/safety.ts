import { join } from 'node:path'

import { RigError } from '../rig-error.ts'
import { isRigBlock } from '../workload/block-content.ts'
import { signatureOf } from './signatures.ts'
import {
  type BlockDevice,
  entriesOf,
  mountsOf,
  serialOf,
  type SystemPaths,
  systemPaths,
  textOf,
} from './system-files.ts'

/** Why a device is in use: no serial number makes it a target. */
export function inUseBecause(
  device: BlockDevice,
  paths: SystemPaths = systemPaths,
): string | undefined {
  const parts = partitionsOf(device)
  const numbers = [device.number, ...parts.map((name) => numberOf(device, name))]
  const mount = mountsOf(paths).find(({ number }) => numbers.includes(number))
  if (mount !== undefined) return `it is mounted on ${mount.point}`
  const names = [device.name, ...parts]
  const mountedByName = mountsOf(paths).find(({ source }) =>
    names.some((name) => source === `/dev/${name}`),
  )
  if (mountedByName !== undefined) return `it is mounted on ${mountedByName.point}`
  const swaps = textOf(join(paths.proc, 'swaps'))
  if (names.some((name) => new RegExp(`^/dev/${name}\\s`, 'm').test(swaps))) {
    return 'it is used as swap space'
  }
  const holders = [device.directory, ...parts.map((name) => join(device.directory, name))].flatMap(
    (directory) => entriesOf(join(directory, 'holders')),
  )
  return holders.length > 0 ? `${holders.join(', ')} is built on it` : undefined
}

/** What would be destroyed; undefined when there is nothing, or only what the rig wrote itself. */
export function contentOf(device: BlockDevice, head: Buffer): string | undefined {
  const parts = partitionsOf(device)
  if (parts.length > 0) return `the partitions ${parts.join(', ')}`
  if (isRigBlock(head)) return undefined
  const signature = signatureOf(head)
  if (signature !== undefined) return signature
  return head.some((byte) => byte !== 0) ? 'data of an unknown kind' : undefined
}

/**
 * Refuses a device that is in use, and one that holds something unless its serial number was typed.
 *
 * @throws RigError
 */
export function checkDevice(
  path: string,
  device: BlockDevice,
  head: Buffer,
  typedSerial: string | undefined,
  paths: SystemPaths = systemPaths,
): void {
  const inUse = inUseBecause(device, paths)
  if (inUse !== undefined) throw new RigError(`${path} is refused: ${inUse}`)
  const serial = serialOf(device)
  if (typedSerial !== undefined && typedSerial !== serial) {
    throw new RigError(
      `${path} is refused: --serial says '${typedSerial}', the device says '${serial}'`,
    )
  }
  const content = contentOf(device, head)
  if (content === undefined || typedSerial !== undefined) return
  const how =
    serial === ''
      ? 'It has no serial number that could be typed: clear its beginning first (wipefs, blkdiscard).'
      : `To destroy it, say: --serial ${serial}`
  throw new RigError(`${path} is refused: it holds ${content}, which would be overwritten. ${how}`)
}

function partitionsOf({ directory }: BlockDevice): string[] {
  return entriesOf(directory).filter((name) => textOf(join(directory, name, 'partition')) !== '')
}

function numberOf({ directory }: BlockDevice, partition: string): string {
  return textOf(join(directory, partition, 'dev'))
}
