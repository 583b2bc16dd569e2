// Who has a log open. Every handle holds a lock on the file LOCK (an open file description lock, which
// belongs to no process in the eyes of the kernel), so /proc/locks says that there is one, and the
// open files of the processes say whose it may be.
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface LockHolder {
  readonly pid: number
  /** Its command line. */
  readonly command: string
}

/** Who holds the lock of a log directory. */
export interface LogUse {
  /**
   * `writer`: open for writing; `readers`: only for reading; `unknown`: this system does not tell
   * (no /proc).
   */
  readonly state: 'closed' | 'writer' | 'readers' | 'unknown'
  /** Those that could be found; others belong to other users or other containers. */
  readonly holders: readonly LockHolder[]
}

/** Looks once; a moment later it may be otherwise. Never throws. */
export async function logUse(directory: string): Promise<LogUse> {
  const path = join(directory, 'LOCK')
  const file = await stat(path).catch(() => undefined)
  // Nobody can have it open without the file.
  if (file === undefined) return { state: 'closed', holders: [] }
  const locks = await readFile('/proc/locks', 'utf8').catch(() => undefined)
  if (locks === undefined) return { state: 'unknown', holders: [] }
  let modes = lockModes(locks, file.ino, file.dev)
  const isSure = modes.length > 0
  if (!isSure) modes = lockModes(locks, file.ino)
  if (modes.length === 0) return { state: 'closed', holders: [] }
  const holders = await holdersOf(file.dev, file.ino)
  if (!isSure && holders.length === 0) return { state: 'unknown', holders }
  return { state: modes.includes('WRITE') ? 'writer' : 'readers', holders }
}

/**
 * READ or WRITE for each lock on the file, from the text of /proc/locks. Without a device: for each
 * open file description lock on an inode of this number, as some file systems (btrfs) give their files
 * another device number than stands in that list.
 */
export function lockModes(locks: string, inode: number, device?: number): string[] {
  const modes: string[] = []
  // `1: OFDLCK  ADVISORY  WRITE -1 fe:00:1835020 0 EOF`; who waits for a lock has `->` in between.
  const pattern = /^\d+: (\S+)\s+\S+\s+(READ|WRITE)\s+\S+\s+([0-9a-f]+):([0-9a-f]+):(\d+)\s/gm
  for (const [, kind, mode = '', major = '', minor = '', number] of locks.matchAll(pattern)) {
    const isDevice =
      device === undefined
        ? kind === 'OFDLCK'
        : deviceNumber(parseInt(major, 16), parseInt(minor, 16)) === device
    if (isDevice && Number(number) === inode) modes.push(mode)
  }
  return modes
}

// As glibc's makedev.
function deviceNumber(major: number, minor: number): number {
  return (
    (minor & 0xff) +
    (major & 0xfff) * 2 ** 8 +
    Math.floor(minor / 2 ** 8) * 2 ** 20 +
    Math.floor(major / 2 ** 12) * 2 ** 44
  )
}

async function holdersOf(device: number, inode: number): Promise<LockHolder[]> {
  const names = await readdir('/proc').catch(() => [] as string[])
  const holders: LockHolder[] = []
  for (const name of names) {
    if (!/^\d+$/.test(name) || !(await hasOpen(name, device, inode))) continue
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    holders.push({ pid: Number(name), command: command.replaceAll('\0', ' ').trim() })
  }
  return holders
}

async function hasOpen(pid: string, device: number, inode: number): Promise<boolean> {
  const directory = `/proc/${pid}/fd`
  const descriptors = await readdir(directory).catch(() => [] as string[])
  for (const descriptor of descriptors) {
    const path = `${directory}/${descriptor}`
    const target = await readlink(path).catch(() => '')
    if (!target.endsWith('/LOCK')) continue
    const file = await stat(path).catch(() => undefined)
    if (file?.dev === device && file.ino === inode) return true
  }
  return false
}
