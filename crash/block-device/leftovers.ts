// The folders of block devices carry the process that they belong to in their names, so that what a
// killed one could not take down is found by the next.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const prefix = 'seawall-block-device-'
const pattern = new RegExp(`^(.*/${prefix}(\\d+)-(\\d+)-\\d+)(/|$)`)
let made = 0

/** A path in `parent` that no other process and no other call gets. */
export function deviceDirectory(parent: string): string {
  made += 1
  return join(parent, `${prefix}${process.pid}-${startTime(process.pid) ?? 0}-${made}`)
}

/** Takes down mounts, loop devices and folders whose process is gone. */
export function removeLeftovers(): void {
  const stale = staleMounts()
  const directories = new Set(stale.map((path) => pattern.exec(path)?.[1] ?? path))
  // A file system comes after the device that it lies on.
  const isDevice = (path: string): boolean => path.endsWith('/device')
  for (const path of stale.filter((path) => !isDevice(path))) attempt('umount', ['-l', path])
  for (const loop of staleLoops()) attempt('losetup', ['-d', loop])
  for (const path of stale.filter(isDevice)) attempt('umount', ['-l', path])
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
}

function staleMounts(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return lines.map((line) => line.split(' ')[4] ?? '').filter(isStale)
}

function staleLoops(): string[] {
  const isLoop = (name: string): boolean => name.startsWith('loop')
  return readdirSync('/sys/block')
    .filter(isLoop)
    .filter((name) => {
      const path = `/sys/block/${name}/loop/backing_file`
      return existsSync(path) && isStale(readFileSync(path, 'utf8').trim())
    })
    .map((name) => `/dev/${name}`)
}

function isStale(path: string): boolean {
  const [, , pid, started] = pattern.exec(path) ?? []
  return pid !== undefined && startTime(Number(pid)) !== Number(started)
}

/** Ticks after boot; tells a process from a later one with the same number. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return undefined
  }
}

function attempt(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 })
  } catch {
    // Whoever it belonged to may be at it itself.
  }
}
