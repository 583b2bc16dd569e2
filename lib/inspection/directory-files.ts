// The files of a log directory, by name: which belong to the log, which are left over from something
// that did not come to its end, and which are somebody else's.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { fileError } from './file-error.ts'

export interface DirectoryFiles {
  /** Paths relative to the directory. */
  readonly own: readonly string[]
  /** Unfinished files, which the next open for writing removes. */
  readonly leftovers: readonly string[]
  readonly foreign: readonly string[]
}

const ownNames = new Set(['LOCK', 'master', 'pages', 'doublewrite'])
const leftoverNames = new Set(['master.tmp', 'probe.tmp'])
const segmentName = /^\d{20}\.wal$/

/** @throws ERR_SEAWALL_NOT_FOUND, ERR_SEAWALL_PERMISSION, ERR_SEAWALL_IO */
export async function directoryFiles(directory: string): Promise<DirectoryFiles> {
  const names = await namesIn(directory)
  const files = { own: [] as string[], leftovers: [] as string[], foreign: [] as string[] }
  for (const name of names) {
    if (name === 'wal') continue
    if (ownNames.has(name)) files.own.push(name)
    else if (leftoverNames.has(name)) files.leftovers.push(name)
    else files.foreign.push(name)
  }
  if (!names.includes('wal')) return files
  for (const name of await namesIn(join(directory, 'wal'))) {
    const path = join('wal', name)
    if (segmentName.test(name)) files.own.push(path)
    else if (name.endsWith('.tmp')) files.leftovers.push(path)
    else files.foreign.push(path)
  }
  return files
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort()
  } catch (error) {
    throw fileError(error, directory)
  }
}
