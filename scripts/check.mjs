// Everything that can be checked without running the code. Each check counts as a test in `npm
// test`.
import { pathToFileURL } from 'node:url'

import { run } from './environment.mjs'

export const checks = [
  {
    name: 'formatting and lint of both languages',
    run: () => run(process.execPath, ['scripts/format.mjs', '--check']),
  },
  { name: 'types', run: () => run('tsc', ['-p', 'tsconfig.json']) },
  { name: 'types of the inspector page', run: () => run('tsc', ['-p', 'tsconfig.page.json']) },
  {
    name: 'floating promises',
    run: () =>
      run('eslint', [
        '--max-warnings',
        '0',
        'lib',
        'simulation',
        'crash',
        'test',
        'demo',
        'bench',
        'examples',
      ]),
  },
  {
    name: 'generated files are fresh',
    run: () => run(process.execPath, ['scripts/generate.mjs', '--check']),
  },
]

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const check of checks) {
    check.run()
    console.log(`ok   ${check.name}`)
  }
}
