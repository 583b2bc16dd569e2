// Builds crash_log, unless it is there. Prints its path.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { hashOf, once, root, run } from '../../scripts/environment.mjs'

// The folder of the native tests without a sanitizer: crash/mutants/build.mjs uses it too.
const build = join(root, 'build/native-none')
const program = join(build, 'crash_log')
const sources = [
  'native',
  'simulation/device',
  'crash/log-states',
  'CMakeLists.txt',
  'scripts/native-sources.mjs',
]
once('crash-log', hashOf(sources), existsSync(program), () => {
  run('cmake', ['-S', '.', '-B', build])
  run('cmake', ['--build', build, '--target', 'crash_log', '--parallel', '2'])
})
console.log(program)
