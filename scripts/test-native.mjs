// Builds and runs the native tests: `npm run test:native [-- FILTER] [--sanitizer
// address|thread|none]`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { root, run } from './environment.mjs'
import { setup } from './setup.mjs'

/** Returns {passed, failed, skipped}; a crash counts as one failure. */
export function runNativeTests({ sanitizer = 'address', filter = '' } = {}) {
  const build = join(root, 'build', `native-${sanitizer}`)
  const none = sanitizer === 'none'
  run('cmake', ['-S', '.', '-B', build, `-DSEAWALL_SANITIZER=${none ? '' : sanitizer}`])
  run('cmake', ['--build', build, '--target', 'native_tests', '--parallel', '2'])
  const result = spawnSync(join(build, 'native_tests'), filter === '' ? [] : [filter], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    timeout: 20 * 60_000,
    maxBuffer: 64 << 20,
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
  })
  process.stdout.write(result.stdout ?? '')
  const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(result.stdout ?? '')
  if (closing === null) {
    console.log(`FAIL native tests: ${result.signal ?? `exit code ${result.status}`}`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const totals = {
    passed: Number(closing[1]),
    failed: Number(closing[2]),
    skipped: Number(closing[3]),
  }
  if (result.status !== 0 && totals.failed === 0) totals.failed = 1
  return totals
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2)
  const at = args.indexOf('--sanitizer')
  const sanitizer = at < 0 ? 'address' : (args.splice(at, 2)[1] ?? 'address')
  setup({ forTests: true })
  if (!existsSync(join(root, 'test/native'))) throw new Error('no native tests')
  const totals = runNativeTests({ sanitizer, filter: args[0] ?? '' })
  process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1)
}
