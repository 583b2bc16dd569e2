import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// Says that a directory was made by the demo, and by which process.
const markerName = 'made-by-the-demo'

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('demo/main.ts')
  } catch {
    return false
  }
}

/**
 * Makes `directory` ready for a new log, which goes into the subdirectory that is returned. Removes
 * what an earlier run of the demo left there, and nothing else. Throws an Error with what to do
 * when that is not possible.
 */
export function prepareDirectory(directory: string): string {
  const marker = join(directory, markerName)
  if (existsSync(marker)) {
    const pid = Number(readFileSync(marker, 'utf8'))
    if (pid !== process.pid && isRunning(pid)) {
      throw new Error(`another demo (process ${pid}) uses ${directory}; choose another --dir`)
    }
    rmSync(directory, { recursive: true })
  } else if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new Error(`${directory} is not empty and not from an earlier demo; choose another --dir`)
  }
  mkdirSync(directory, { recursive: true })
  writeFileSync(marker, String(process.pid))
  return join(directory, 'log')
}
