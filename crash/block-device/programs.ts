import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = join(root, 'build/crash/block-device')

/** The programs that scripts/setup-crash.mjs builds. */
export const programs = {
  server: join(folder, 'block_device_server'),
  mounter: join(folder, 'mounter'),
} as const

let reason: string | undefined
let isChecked = false

/** Why there can be no block device on this machine; installs and builds what is missing. */
export function whyUnavailable(): string | undefined {
  if (!isChecked) reason = findReason()
  isChecked = true
  return reason
}

function findReason(): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting needs root'
  for (const device of ['/dev/fuse', '/dev/loop-control']) {
    if (!existsSync(device)) return `there is no ${device}`
  }
  try {
    execFileSync(process.execPath, [join(root, 'scripts/setup-crash.mjs')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer }
    return `its programs cannot be built: ${String(stderr ?? error)
      .trim()
      .slice(-300)}`
  }
  return undefined
}
