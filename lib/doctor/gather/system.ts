import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

const commandTimeoutMs = 5_000

/** Where the kernel's files are, and how a tool is asked; a test has its own. */
export interface System {
  readonly sys: string
  readonly proc: string
  /** '' or a directory that stands for '/'. */
  readonly root: string
  /** What the tool prints; '' when it is not there or fails. */
  run(command: string, args: readonly string[]): string
}

export const thisSystem: System = {
  sys: '/sys',
  proc: '/proc',
  root: '',
  run: (command, args) => {
    try {
      return execFileSync(command, args, {
        encoding: 'utf8',
        timeout: commandTimeoutMs,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    } catch {
      return ''
    }
  },
}

/** A file's text without the white space around it; '' when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** A file's number; undefined when there is none. */
export function numberOf(path: string): number | undefined {
  const text = textOf(path)
  const value = Number(text)
  return text === '' || !Number.isFinite(value) ? undefined : value
}

/** The names in a directory, sorted; none when it cannot be read. */
export function entriesOf(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}
