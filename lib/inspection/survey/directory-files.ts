// The files of a log directory, by name: which belong to the log, which are left over from something
// that did not come to its end, and which are somebody else's.
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { fileError } from './file-error.ts'

export interface DirectoryFiles {
  /** Paths relative to the directory. */
  readonly own: readonly string[]
  /** Unfinished files, which the next open for writing removes or makes anew. */
  readonly leftovers: readonly string[]
  readonly foreign: readonly string[]
  /** What has the name of an own file and is a link, a pipe or a directory: an open refuses it. */
  readonly irregular: readonly string[]
}

const ownNames = new Set(['LOCK', 'master', 'pages', 'doublewrite'])
// What is made under the second name is there under the first one when it is finished; an open
// removes what it finds only before it makes it again.
const unfinishedNames = new Map([
  ['master.tmp', 'master'],
  ['pages.tmp', 'pages'],
])
const segmentName = /^\d{20}\.wal$/

/** @throws ERR_SEAWALL_NOT_FOUND, ERR_SEAWALL_PERMISSION, ERR_SEAWALL_IO */
export async function directoryFiles(directory: string): Promise<DirectoryFiles> {
  const entries = await entriesOf(directory)
  const files = {
    own: [] as string[],
    leftovers: [] as string[],
    foreign: [] as string[],
    irregular: [] as string[],
  }
  const names = new Set(entries.map(({ name }) => name))
  for (const entry of entries) {
    const { name } = entry
    if (name === 'wal') continue
    const finished = unfinishedNames.get(name)
    if (ownNames.has(name)) files[entry.isFile() ? 'own' : 'irregular'].push(name)
    else if (finished !== undefined && !names.has(finished)) files.leftovers.push(name)
    else files.foreign.push(name)
  }
  if (!names.has('wal')) return files
  for (const entry of await entriesOf(join(directory, 'wal'))) {
    const path = join('wal', entry.name)
    if (segmentName.test(entry.name)) files[entry.isFile() ? 'own' : 'irregular'].push(path)
    else if (entry.name.endsWith('.tmp'))
      files[entry.isFile() ? 'leftovers' : 'irregular'].push(path)
    else files.foreign.push(path)
  }
  return files
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    throw fileError(error, directory)
  }
}
