import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { control, mutantNamed } from '../mutants/table.ts'
import { nativeRoot } from '../../simulation/native-root.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const mutant = process.env.SEAWALL_MUTANT ?? ''
const isMutated = mutant !== ''

/** What a child process runs, and the addons that it may load. */
export interface PreparedProgram {
  /** Library and clients as one file of JavaScript: a process starts in half the time. */
  readonly script: string
  /** The addon that ships. */
  readonly addon: string
  /** The same with a storage that ends the process at a named operation. */
  readonly killingAddon: string
}

interface Bundler {
  build(options: Record<string, unknown>): Promise<unknown>
}

// What of esbuild's interface for plugins is used here.
interface Loading {
  onLoad(
    filter: { readonly filter: RegExp },
    load: (file: { readonly path: string }) => { contents: string; loader: 'ts' } | undefined,
  ): void
}

/** Builds what is not there yet; the script goes to `directory`. */
export async function prepareProgram(directory: string): Promise<PreparedProgram> {
  const script = join(directory, 'child.mjs')
  await bundler().build({
    entryPoints: [here('child/main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [{ name: 'mutant', setup: loadMutant }],
  })
  // crash/mutants/build.mjs has built the ones with bugs.
  if (!isMutated) await promisify(execFile)(process.execPath, [here('build-addon.mjs')])
  const root = nativeRoot()
  return {
    script,
    addon: join(root, 'native/build/Release/seawall.node'),
    killingAddon: join(root, 'crash/process/native/build/Release/seawall_killing.node'),
  }
}

// The bug that the run asks for, if it is one of the library's TypeScript: children are bundled, so
// crash/mutants/register.mjs does not reach them.
function loadMutant({ onLoad }: Loading): void {
  if (!isMutated || mutant === control) return
  const edits = mutantNamed(mutant).edits.filter(({ form }) => form === undefined)
  if (edits.length === 0) return
  onLoad({ filter: /\/lib\/.*\.ts$/ }, ({ path }) => {
    const mine = edits.filter(({ file }) => path === here(`../../${file}`))
    if (mine.length === 0) return undefined
    const change = (text: string, { original, mutated }: (typeof mine)[number]): string =>
      text.replace(original, () => mutated)
    return { contents: mine.reduce(change, readFileSync(path, 'utf8')), loader: 'ts' }
  })
}

// The one that tsx brings, with which all of this runs.
function bundler(): Bundler {
  const require = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))
  return require('esbuild') as Bundler
}
