import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'

import { pathOf } from '../install/postgres-packages.ts'
import { type FsyncRates, parseTestFsync } from './test-fsync-output.ts'

const timeoutMs = 30_000

/**
 * Runs pg_test_fsync, a second for each way to sync, until it has printed what is asked for: the
 * whole of it takes seventeen seconds, two of which are about single writes of 8 kB.
 */
export async function testFsync(path: string, methods: readonly string[]): Promise<FsyncRates> {
  const args = ['--secs-per-test=1', `--filename=${path}`]
  const child = spawn(pathOf('pg_test_fsync'), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGTERM'), timeoutMs)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    // It prints a way's name before it is measured; the line is whole when the next one begins.
    const isDone = methods.every((method) => new RegExp(` ${method} .*ops/sec.*\\n`).test(printed))
    if (isDone) child.kill('SIGTERM')
  })
  try {
    await once(child, 'close')
  } finally {
    clearTimeout(timer)
    rmSync(path, { force: true })
  }
  return parseTestFsync(printed)
}
