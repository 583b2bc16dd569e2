import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SeawallError } from '../../lib/index.ts'
import type { Failure } from '../layer.ts'
import { BlockDevice, type DeviceOptions } from './block-device.ts'
import { engineSubject } from './engine-subject.ts'
import { showImage } from './image-file.ts'
import { removeLeftovers } from './leftovers.ts'
import { logSubject } from './log-subject.ts'
import { BrokenPromise, type Subject } from './subject.ts'

interface ImageParameters {
  readonly subject: string
  readonly device: DeviceOptions
  readonly options: unknown
  readonly allowed: unknown
  /** Missing when it was too large, or not the first of its run. */
  readonly image?: string
}

/** Recovers the image of a failure again. The same image always recovers to the same. */
export async function replayImage(failure: Failure): Promise<Failure | undefined> {
  const parameters = failure.parameters as unknown as ImageParameters
  const { image, device: options } = parameters
  if (image === undefined) throw new Error('the failure has no image; it cannot be met again')
  removeLeftovers()
  const folder = mkdtempSync(join(tmpdir(), 'seawall-replay-'))
  try {
    const device = await BlockDevice.open(folder, options)
    try {
      await showImage(device, image, folder)
      const broken = await recoverImage(device, parameters)
      if (broken === undefined) return undefined
      const oracle = broken instanceof BrokenPromise ? broken.oracle : failure.oracle
      return { ...failure, oracle, message: broken.message }
    } finally {
      await device.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function recoverImage(
  device: BlockDevice,
  { subject: name, options, allowed }: ImageParameters,
): Promise<Error | undefined> {
  const subject = (name === logSubject.name ? logSubject : engineSubject) as Subject<
    unknown,
    unknown,
    unknown
  >
  await device.mount()
  try {
    const { found } = await subject.recover(device.mountPoint, options, device.events)
    return subject.violation(found, allowed)
  } catch (error) {
    if (error instanceof BrokenPromise || error instanceof SeawallError) return error
    throw error
  } finally {
    await device.unmount()
  }
}
