// Fills prebuilds/<platform>-<arch>/ with the addon for this machine, and dist/, for `npm pack`.
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { root, run } from './environment.mjs'
import './build.mjs'

rmSync(join(root, 'prebuilds', `${process.platform}-${process.arch}`), {
  recursive: true,
  force: true,
})
run('prebuildify', [
  '--napi',
  '--strip',
  '--tag-libc',
  '-t',
  process.versions.node,
  '--cwd',
  'native',
  '--out',
  '.',
  '--name',
  'seawall',
])
