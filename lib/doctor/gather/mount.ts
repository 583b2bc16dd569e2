import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'

import type { MountFacts } from '../facts.ts'
import { type System, textOf } from './system.ts'

// Linux: a handle that needs no right to read what it stands for. Node has no name for it.
const openPathOnly = 0o10000000

interface MountLine extends MountFacts {
  readonly id: string
}

/** The mount that holds `path` (absolute, without symbolic links). */
export function mountOf(path: string, system: System): MountFacts | undefined {
  const lines = mountLines(textOf(join(system.proc, 'self/mountinfo')))
  return chooseMount(lines, path, mountIdOf(path, system))
}

/**
 * The kernel's answer where there is one: only it knows which of several mounts on one point is on
 * top. Otherwise the longest point above `path`, and of equal ones the last.
 */
export function chooseMount(
  lines: readonly MountLine[],
  path: string,
  id: string,
): MountFacts | undefined {
  const above = lines.filter(({ point }) => isWithin(path, point))
  const longest = Math.max(0, ...above.map(({ point }) => point.length))
  const found =
    above.find((line) => line.id === id) ?? above.findLast(({ point }) => point.length === longest)
  if (found === undefined) return undefined
  const { number, point, fileSystem, source, options } = found
  return { number, point, fileSystem, source, options }
}

/** The lines of /proc/self/mountinfo. */
export function mountLines(text: string): MountLine[] {
  return text.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ')
    const [id = '', , number = '', , point = '', mountOptions = ''] = left.split(' ')
    const [fileSystem = '', source = '', superOptions = ''] = right.split(' ')
    if (number === '' || fileSystem === '') return []
    const options = [...new Set(`${mountOptions},${superOptions}`.split(','))].filter(Boolean)
    return [{ id, number, point: unescaped(point), fileSystem, source: unescaped(source), options }]
  })
}

function isWithin(path: string, point: string): boolean {
  return `${path}/`.startsWith(point.endsWith('/') ? point : `${point}/`)
}

// The kernel writes a space as \040.
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}

function mountIdOf(path: string, system: System): string {
  let file: number
  try {
    file = openSync(path, constants.O_DIRECTORY | openPathOnly)
  } catch {
    return ''
  }
  try {
    const info = textOf(join(system.proc, 'self/fdinfo', String(file)))
    return /^mnt_id:\s*(\d+)$/m.exec(info)?.[1] ?? ''
  } finally {
    closeSync(file)
  }
}
