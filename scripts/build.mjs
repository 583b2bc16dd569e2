// The addon and dist/: what the package holds of lib/, and the programs that `seawall` starts.
import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

import { hashOf, once, root, run } from './environment.mjs'
import { setup } from './setup.mjs'

// What they read at run time, beside the compiled file that does.
const copied = [
  { directory: 'lib/inspector/page' },
  { directory: 'bench/report', only: /\.(css|js)$/ },
  { directory: 'bench/peers', only: /\.mjs$/ },
]

// Without what the benchmarks write, and what npm installs for them.
function inputs() {
  const ofBench = readdirSync(join(root, 'bench')).filter((name) => !/^(results|peers)$/.test(name))
  const peers = readdirSync(join(root, 'bench/peers')).filter((name) => name.endsWith('.mjs'))
  return [
    ...['lib', 'programs', 'demo'],
    ...ofBench.map((name) => join('bench', name)),
    ...peers.map((name) => join('bench/peers', name)),
  ]
}

function copyInto(out) {
  for (const { directory, only = /./ } of copied) {
    const from = join(root, directory)
    if (!existsSync(from)) continue
    for (const file of readdirSync(from, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath ?? file.path, file.name)
      const isOurs = file.isFile() && only.test(file.name)
      if (!isOurs || path.includes('/node_modules/')) continue
      // Nothing that was compiled may have this name.
      cpSync(path, join(out, relative(root, path)), { errorOnExist: true, force: false })
    }
  }
}

export function buildDist() {
  const files = [...inputs(), 'scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json']
  const isThere = existsSync(join(root, 'dist/lib/index.js'))
  once('dist', hashOf(files), isThere, () => {
    // Built aside: who runs dist/ meanwhile finds it whole, and nothing stays of what was before.
    const out = join(root, 'build/dist')
    rmSync(out, { recursive: true, force: true })
    run('tsc', ['-p', 'tsconfig.build.json', '--outDir', out])
    copyInto(out)
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    renameSync(out, join(root, 'dist'))
  })
}

setup()
buildDist()
