import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Two lives of one process number differ in this (proc(5)); undefined: there is no such process. */
function startTimeOf(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the 22nd field is the 20th behind it.
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/**
 * Makes `directory` an empty one that says which program (and which process) made it. Removes what
 * an earlier run of that program left there, and nothing else. Throws an Error with what to do when
 * that is not possible.
 */
export function claimDirectory(directory: string, program: 'demo' | 'bench'): void {
  const marker = join(directory, `made-by-the-${program}`)
  if (existsSync(marker)) {
    const [pid = 0, startTime] = readFileSync(marker, 'utf8').split(' ')
    if (Number(pid) !== process.pid && startTime && startTimeOf(Number(pid)) === startTime) {
      throw new Error(`another ${program} (process ${pid}) uses ${directory}; choose another --dir`)
    }
    rmSync(directory, { recursive: true })
  } else if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new Error(
      `${directory} is not empty and not from an earlier ${program}; choose another --dir`,
    )
  }
  mkdirSync(directory, { recursive: true })
  writeFileSync(marker, `${process.pid} ${startTimeOf(process.pid)}`)
}
