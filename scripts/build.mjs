// The addon and dist/.
import { hashOf, once, run } from './environment.mjs'
import { setup } from './setup.mjs'

export function buildDist() {
  once('dist', hashOf(['lib', 'tsconfig.json', 'tsconfig.build.json']), () => {
    run('tsc', ['-p', 'tsconfig.build.json'])
  })
}

setup()
buildDist()
