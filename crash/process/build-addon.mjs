// Builds the addon with the killing storage, unless it is there. Prints its path.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { hashOf, once, root, run } from '../../scripts/environment.mjs'

const addon = join(root, 'crash/process/native/build/Release/seawall_killing.node')
const liburing = run(process.execPath, ['scripts/detect-liburing.mjs']).trim()
const sources = [
  'native',
  'crash/process/native',
  'scripts/native-sources.mjs',
  'package-lock.json',
]
once('killing-addon', `${hashOf(sources)} ${liburing}`, existsSync(addon), () => {
  run('node-gyp', ['configure', 'build', '-C', 'crash/process/native', '-j', '2'])
})
console.log(addon)
