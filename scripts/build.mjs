// The addon and dist/.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { hashOf, once, root, run } from './environment.mjs'
import { setup } from './setup.mjs'

export function buildDist() {
  const key = hashOf(['lib', 'tsconfig.json', 'tsconfig.build.json'])
  once('dist', key, existsSync(join(root, 'dist/index.js')), () => {
    run('tsc', ['-p', 'tsconfig.build.json'])
  })
}

setup()
buildDist()
