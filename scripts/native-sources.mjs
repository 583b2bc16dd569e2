// The one list of C++ sources, for bindings.gyp, CMakeLists.txt and the addons for tests: what lies
// in the layers' folders, except programs.
// Usage: node scripts/native-sources.mjs core|addon|simulated|shared [NATIVE]
// (paths relative to the working directory, one a line; NATIVE: another folder than native/)
import { readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const core = ['base', 'format', 'io', 'log', 'page']
// What stands for the outside world, which addons for tests bring themselves.
const storage = ['napi/posix_storage_factory.cc']
const execution = [
  'io/wake_signal.cc',
  'napi/event_channel.cc',
  'napi/job_thread.cc',
  'napi/threaded_execution.cc',
]
const lists = {
  core: { layers: core, without: [] },
  addon: { layers: [...core, 'napi'], without: [] },
  // All but the storage.
  simulated: { layers: [...core, 'napi'], without: storage },
  // All but the storage, the threads and the module itself.
  shared: { layers: [...core, 'napi'], without: [...storage, ...execution, 'napi/addon.cc'] },
}
const programs = ['format/layout_print.cc']
const [name = '', folder = join(root, 'native')] = process.argv.slice(2)
const list = lists[name]
if (list === undefined) throw new Error(`usage: native-sources.mjs ${Object.keys(lists).join('|')}`)

for (const layer of list.layers) {
  for (const file of readdirSync(join(folder, layer)).sort()) {
    const source = `${layer}/${file}`
    if (!file.endsWith('.cc') || programs.includes(source) || list.without.includes(source))
      continue
    console.log(relative(process.cwd(), resolve(folder, source)))
  }
}
