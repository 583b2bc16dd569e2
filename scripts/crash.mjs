// `npm run crash [-- OPTIONS]`: sets up what is missing, builds everything in C++ a second time with
// the mutants in it, then runs crash/main.ts.
import { spawn } from 'node:child_process'

import { root, toolEnvironment } from './environment.mjs'
import { setup } from './setup.mjs'

const args = process.argv.slice(2)
setup({ forTests: true })
const needsMutants = !args.some((arg) => ['--no-mutants', '--help', 'list'].includes(arg))
if (needsMutants) {
  // Not before setup: it uses tsx.
  const { buildMutants } = await import('../crash/mutants/build.mjs')
  await buildMutants((text) => console.log(`setup: ${text}`))
}

const child = spawn(process.execPath, ['--import', 'tsx', 'crash/main.ts', ...args], {
  cwd: root,
  env: {
    ...toolEnvironment(),
    SEAWALL_CALLER_DIRECTORY: process.env.INIT_CWD ?? process.cwd(),
  },
  stdio: 'inherit',
})
// The child decides when it is over: it has things to put away. A terminal sends it SIGINT itself.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
