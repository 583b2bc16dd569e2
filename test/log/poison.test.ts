// Goal: the first failed write rejects everyone who waits with one error and its cause, refuses everything after it, and loses
// nothing that was acknowledged (P5, H26: a file size limit is an error and not the end of the process).
// Method: a child limits its own file size in the middle of its work, so that writes of the log fail with EFBIG.
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { bodiesOf, openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const library = new URL('../../lib/index.ts', import.meta.url).href

function runLimited(directory: string, backend: string): Record<string, unknown> {
  const script = `
    import { Log } from '${library}'
    import { execFileSync } from 'node:child_process'
    const sizes = { segmentBytes: 1 << 20, bufferBytes: 64 * 1024 }
    const log = await Log.open(${JSON.stringify(directory)}, { ...sizes, backend: '${backend}', idleMarkMs: 60000 })
    // Nothing else may be writing when the limit comes: no idle mark, no segment being prepared.
    while (log.stats().segments < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await log.commit(Buffer.from('acknowledged'))
    const events = []
    log.on('error', (error) => events.push(error.code))
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=4096:unlimited'])
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => log.commit(Buffer.alloc(500))))
    const errors = results.map((result) => result.reason)
    const code = async (action) => { try { await action() } catch (error) { return error.code } }
    const out = {
      distinct: new Set(errors).size,
      code: errors[0].code,
      errno: errors[0].cause.errno,
      events,
      append: await code(() => log.append(Buffer.alloc(1))),
      commitSync: await code(() => log.commitSync(Buffer.alloc(1))),
      flush: await code(() => log.flush()),
      truncate: await code(() => log.truncateBefore(log.oldestLSN)),
      read: (await (async () => { const all = []; for await (const { body } of log.read()) all.push(Buffer.from(body).toString()); return all })()),
      poisoned: log.stats().poisoned,
      close: await code(() => log.close()),
    }
    console.log(JSON.stringify(out))`
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
    },
  )
  assert.is(result.status, 0, `${result.signal} ${result.stdout}${result.stderr}`)
  return JSON.parse(result.stdout) as Record<string, unknown>
}

for (const backend of ['auto', 'threads']) {
  test(`a write fails (${backend}) -> one error for all, sticky, reads go on, reopen recovers`, async () => {
    const directory = temporaryDirectory()
    assert.equal(runLimited(directory, backend), {
      distinct: 1,
      code: 'ERR_SEAWALL_POISONED',
      errno: 27,
      events: ['ERR_SEAWALL_POISONED'],
      append: 'ERR_SEAWALL_POISONED',
      commitSync: 'ERR_SEAWALL_POISONED',
      flush: 'ERR_SEAWALL_POISONED',
      truncate: 'ERR_SEAWALL_POISONED',
      read: ['acknowledged'],
      poisoned: true,
      close: 'ERR_SEAWALL_POISONED',
    })
    const log = await openSmall({ segmentBytes: 1 << 20 }, directory)
    assert.is((await bodiesOf(log))[0], 'acknowledged')
    await log.commit(Buffer.from('after'))
    await log.close()
  })
}

test.run()
