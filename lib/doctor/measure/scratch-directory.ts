import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** What the names of scratch directories begin with. */
export const scratchPrefix = 'seawall-doctor-scratch-'

const open = new Set<string>()

// Whatever ends this process in order takes them along, also an exit in the middle of measuring.
process.on('exit', () => {
  for (const path of open) remove(path)
})

/** Runs `work` with a new directory in `parent`, and removes it in every ending. */
export async function withScratchDirectory<T>(
  parent: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = mkdtempSync(join(parent, scratchPrefix))
  open.add(path)
  try {
    return await work(path)
  } finally {
    remove(path)
    open.delete(path)
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}
