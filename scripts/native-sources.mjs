// The one list of C++ sources, for bindings.gyp and CMakeLists.txt: what lies in the layers'
// folders, except programs.
// Usage: node scripts/native-sources.mjs core|addon|simulated   (paths relative to the working directory,
// one a line)
import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const programs = new Set(['layout_print.cc'])
const layers = {
  core: ['base', 'format', 'io', 'log', 'page'],
  addon: ['base', 'format', 'io', 'log', 'page', 'napi'],
  // All but the storage, which the tests bring themselves.
  simulated: ['base', 'format', 'io', 'log', 'page', 'napi'],
}[process.argv[2]]
if (layers === undefined) throw new Error('usage: native-sources.mjs core|addon|simulated')

for (const layer of layers) {
  for (const name of readdirSync(join(root, 'native', layer)).sort()) {
    if (process.argv[2] === 'simulated' && name === 'posix_storage_factory.cc') continue
    if (name.endsWith('.cc') && !programs.has(name)) {
      console.log(relative(process.cwd(), join(root, 'native', layer, name)))
    }
  }
}
