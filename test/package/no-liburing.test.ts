// timeout: 300s
// serial
// Goal: a machine without liburing builds the addon and passes the log's tests on the threads backend; where io_uring is
// forbidden the log falls back by itself and says so (H23).
// Method: a build with liburing switched off; a seccomp filter that refuses io_uring_setup, as container runtimes do.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { expectError } from '../support/expect-error.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const root = new URL('../..', import.meta.url).pathname
let withoutLiburing = ''

test('built with liburing off -> the log tests pass, stats say threads and why', async () => {
  const copy = temporaryDirectory()
  for (const name of ['native', 'scripts', 'bindings.gyp', 'package.json']) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !path.includes('native/build'),
    })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  execFileSync(join(root, 'node_modules/.bin/node-gyp'), ['rebuild', '-C', 'native', '-j', '2'], {
    cwd: copy,
    env: { ...process.env, SEAWALL_LIBURING: '0' },
    stdio: 'pipe',
  })
  withoutLiburing = join(copy, 'native/build/Release/seawall.node')
  const result = spawnSync(process.execPath, ['--import', 'tsx', 'test/log/log.test.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, SEAWALL_NATIVE_BINDING: withoutLiburing },
  })
  assert.is(result.status, 0, result.stdout + result.stderr)
  await using log = await openSmall({ nativeBinding: withoutLiburing })
  assert.is(log.stats().backend, 'threads')
  assert.match(log.stats().backendReason, /without liburing/)
  await expectError('ERR_SEAWALL_IO_URING_UNAVAILABLE', () =>
    openSmall({ nativeBinding: withoutLiburing, backend: 'io_uring' }),
  )
})

test('H23 io_uring forbidden by seccomp (EPERM, ENOSYS) -> threads by itself, stats say why; an error when it was asked for', () => {
  const wrapper = join(temporaryDirectory(), 'forbid-io-uring')
  execFileSync('g++', ['-o', wrapper, join(root, 'test/support/forbid-io-uring.cc')])
  const script = `
    import { Log } from ${JSON.stringify(new URL('../../lib/index.ts', import.meta.url).href)}
    const log = await Log.open(${JSON.stringify(temporaryDirectory())})
    await log.commit(Buffer.from('x'))
    const { backend, backendReason } = log.stats()
    const forced = await Log.open(${JSON.stringify(temporaryDirectory())}, { backend: 'io_uring' }).catch((error) => error)
    console.log(JSON.stringify({ backend, backendReason, code: forced.code, errno: forced.errno }))
    await log.close()`
  for (const [call, errno, reason] of [
    ['setup', 1, /seccomp/],
    ['setup', 38, /no io_uring/],
    ['enter', 1, /io_uring_enter.*seccomp/],
  ] as const) {
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script]
    const output = execFileSync(wrapper, [call, `${errno}`, ...node], {
      encoding: 'utf8',
      cwd: root,
    })
    const result = JSON.parse(output) as {
      backend: string
      backendReason: string
      code: string
      errno: number
    }
    assert.is(result.backend, 'threads')
    assert.match(result.backendReason, reason)
    assert.is(result.code, 'ERR_SEAWALL_IO_URING_UNAVAILABLE')
    assert.is(result.errno, errno)
  }
})

test.run()
