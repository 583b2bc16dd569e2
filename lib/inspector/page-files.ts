import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the page. */
export interface PageFile {
  readonly contentType: string
  readonly bytes: Uint8Array
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const pageDirectory = fileURLToPath(new URL('page/', import.meta.url))

/**
 * The files of the page by the paths that they are asked for with; '' is the page itself. They are
 * read once: no path of a request ever reaches the file system.
 */
export function pageFiles(directory = pageDirectory): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const contentType = contentTypes[extname(entry.name)]
    if (!entry.isFile() || contentType === undefined) continue
    const path = join(entry.parentPath ?? entry.path, entry.name)
    const name = relative(directory, path)
    files.set(name === 'index.html' ? '' : name, { contentType, bytes: readFileSync(path) })
  }
  return files
}
