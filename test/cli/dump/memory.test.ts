// Goal: a dump of a log of any size takes a bounded amount of memory: the log is never in it (P7).
// Method: a log of 1 GiB and more is dumped in every form into a file that takes everything; the
// process tells how much memory it had at most.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../../lib/index.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const root = new URL('../../..', import.meta.url).pathname
const memoryMaxKiB = 256 * 1024
const directory = temporaryDirectory()

test.before(async () => {
  const log = await Log.open(directory)
  const small = Buffer.alloc(100, 'small ')
  const large = Buffer.alloc(12 * 1024 * 1024, 'large ')
  for (let i = 0; log.endLSN < 1024 ** 3; i++) {
    log.append(small)
    if (i % 500_000 === 0) log.append(large, { type: 1 })
    if (i % 10_000 === 0) await log.flush()
  }
  await log.close()
})

/** Most memory that the dump has had. */
async function memoryOf(...options: string[]): Promise<number> {
  const sink = openSync('/dev/null', 'w')
  const args = ['--import', 'tsx', 'lib/cli/main.ts', 'dump', directory, ...options]
  const dump = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', sink, 'inherit'] })
  const exited = once(dump, 'exit')
  let peakKiB = 0
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${dump.pid ?? 0}/status`, 'latin1')
      peakKiB = Math.max(peakKiB, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0))
    } catch {
      // It has ended.
    }
  }, 50)
  const [code] = (await exited) as [number | null]
  clearInterval(watch)
  closeSync(sink)
  assert.is(code, 0)
  assert.ok(peakKiB > 0)
  return peakKiB
}

for (const options of [
  [],
  ['--stats'],
  ['--json', '--limit', '2000000'],
  ['--hex', '--limit', '1000000'],
]) {
  test(`dump ${options.join(' ')} of 1 GiB -> within 256 MiB`, async () => {
    const peakKiB = await memoryOf(...options)
    assert.ok(peakKiB < memoryMaxKiB, `${peakKiB} KiB`)
  })
}

for (const form of ['--json', '--hex']) {
  test(`as much of large bodies as ${form} takes -> within 256 MiB`, async () => {
    const peakKiB = await memoryOf(form, '--body-bytes', '4M', '--type', '1')
    assert.ok(peakKiB < memoryMaxKiB, `${peakKiB} KiB`)
  })
}

test.run()
