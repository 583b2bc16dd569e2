// `npm run demo:bank [-- OPTIONS]`: sets up what is missing, then runs demo/bank/main.ts.
import { spawnSync } from 'node:child_process'

import { root, toolEnvironment } from './environment.mjs'
import { setup } from './setup.mjs'

setup()
const child = spawnSync(
  process.execPath,
  ['--import', 'tsx', 'demo/bank/main.ts', ...process.argv.slice(2)],
  {
    cwd: root,
    env: { ...toolEnvironment(), SEAWALL_CALLER_DIRECTORY: process.env.INIT_CWD ?? process.cwd() },
    stdio: 'inherit',
  },
)
process.exit(child.status ?? 1)
