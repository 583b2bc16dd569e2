// Builds everything in C++ that the crash tests use a second time, with the mutants in it. The
// mutated project lies in build/mutants and has the layout of this one, so that every build file
// works there as it stands and its result is found under the same name (simulation/native-root.ts).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { hashOf, root, run } from '../../scripts/environment.mjs'
import { generateNative, mirror, writeIfChanged } from './generate-native.mjs'
const mutated = join(root, 'build/mutants')

// What the build files of the targets refer to, beside native/ itself.
const folders = ['simulation', 'crash/log-states', 'crash/process/native', 'test/native/support']
const files = [
  'CMakeLists.txt',
  'bindings.gyp',
  'scripts/native-sources.mjs',
  'scripts/detect-liburing.mjs',
]

const targets = [
  { folder: 'simulation/addon', build: (folder) => buildAddon(folder) },
  { folder: 'native', build: (folder) => buildAddon(folder) },
  { folder: 'crash/process/native', build: (folder) => buildAddon(folder) },
  { folder: 'crash/log-states', build: () => buildProgram('crash_log') },
]

function buildAddon(folder) {
  run('node-gyp', ['configure', 'build', '-C', folder, '-j', '2'])
}

function buildProgram(name) {
  const build = join(mutated, 'build/native-none')
  run('cmake', ['-S', mutated, '-B', build])
  run('cmake', ['--build', build, '--target', name, '--parallel', '2'])
}

const hasSources = (folder) =>
  existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => /\.cc$/.test(name))

const stampPath = join(mutated, 'stamp')

/** Does nothing when it was done before with the same sources. */
export async function buildMutants(say = () => {}) {
  const sources = ['native', 'crash/mutants', 'scripts', 'package-lock.json', ...folders, ...files]
  const key = hashOf(sources)
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === key) return
  say('building the addons once more, with the mutants in them')
  await generateNative(join(root, 'native'), join(mutated, 'native'))
  for (const folder of folders)
    if (existsSync(join(root, folder))) mirror(join(root, folder), join(mutated, folder))
  for (const file of files) writeIfChanged(join(mutated, file), readFileSync(join(root, file)))
  for (const { folder, build } of targets)
    if (hasSources(join(mutated, folder))) build(join(mutated, folder))
  writeFileSync(stampPath, key)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildMutants((text) => console.log(text))
}
