// `node crash/mutants/generate-native.mjs [SOURCE [DESTINATION]]`: a copy of native/ in which every
// C++ mutant of the table is a switch at run time (SEAWALL_MUTANT=NAME). Default: native/ to
// build/mutants/native. Files that did not change keep their times, so that a build goes on.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { tsImport } from 'tsx/esm/api'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const headerPath = 'base/mutants.h'

function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (!entry.isDirectory()) return [path]
    return entry.name === 'build' ? [] : filesBelow(path)
  })
}

/** Writes `text` to `path` unless it is there already. */
export function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(text))) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/**
 * Makes `destination` the same as `source`, file by file; `change` is given name and content. Files
 * that are in neither `source` nor `extra` are removed, except what was built there.
 */
export function mirror(source, destination, change = (_, content) => content, extra = []) {
  const wanted = new Set(extra)
  for (const path of filesBelow(source)) {
    const name = relative(source, path)
    wanted.add(name)
    writeIfChanged(join(destination, name), change(name, readFileSync(path)))
  }
  for (const path of filesBelow(destination)) {
    if (!wanted.has(relative(destination, path))) rmSync(path)
  }
}

/** The tree with the switches. @throws when a text of the table is not in its file exactly once */
export async function generateNative(source, destination) {
  const { nativeMutants } = await tsImport('./table.ts', import.meta.url)
  const { mutantsHeader, withSwitches } = await tsImport('./switches.ts', import.meta.url)
  const changed = new Set(nativeMutants.flatMap(({ edits }) => edits.map(({ file }) => file)))
  writeIfChanged(join(destination, headerPath), mutantsHeader(nativeMutants))
  const withSwitchesIn = (name, content) => {
    const file = `native/${name}`
    if (!changed.delete(file)) return content
    const switched = withSwitches(content.toString(), file, nativeMutants)
    return `#include "${headerPath}"\n${switched}`
  }
  mirror(source, destination, withSwitchesIn, [headerPath])
  if (changed.size > 0) throw new Error(`no such files: ${[...changed].join(', ')}`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [source = join(root, 'native'), destination = join(root, 'build/mutants/native')] =
    process.argv.slice(2)
  await generateNative(resolve(source), resolve(destination))
}
