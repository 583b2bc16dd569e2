// `npm run bench [-- OPTIONS]`: sets up what is missing, builds the library as it ships, then runs
// bench/main.ts.
import { spawnSync } from 'node:child_process'

import { root, toolEnvironment } from './environment.mjs'
import './build.mjs'

const child = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)],
  {
    cwd: root,
    env: {
      ...toolEnvironment(),
      SEAWALL_CALLER_DIRECTORY: process.env.INIT_CWD ?? process.cwd(),
    },
    stdio: 'inherit',
  },
)
process.exit(child.status ?? 1)
