import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

import type { BlockDevice } from './block-device.ts'

// A larger one would make the failure file a burden; it is left out, and said so.
const base64BytesMax = 4 * 2 ** 20

/** The image with which the current recording began: its blocks that are not zero, as base64. */
export async function imageOf(device: BlockDevice, folder: string): Promise<string | undefined> {
  const path = join(folder, 'image')
  await device.save(path)
  const text = gzipSync(readFileSync(path), { level: 9 }).toString('base64')
  rmSync(path)
  return text.length <= base64BytesMax ? text : undefined
}

export async function showImage(device: BlockDevice, image: string, folder: string): Promise<void> {
  const path = join(folder, 'image')
  writeFileSync(path, gunzipSync(Buffer.from(image, 'base64')))
  await device.load(path)
  rmSync(path)
}
