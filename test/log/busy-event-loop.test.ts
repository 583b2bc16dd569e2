// Goal: a log that is as busy as it can be leaves the event loop to others, and what its listeners
// throw is not lost.
// Method: committers that want more than the buffer holds, with a timer beside them; a process whose
// listener throws.
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const runMs = 1000

test('committers that fill the buffer all the time -> the event loop goes on turning', async () => {
  for (const backend of ['auto', 'threads'] as const) {
    await using log = await openSmall({ backend, segmentBytes: 2 ** 24, bufferBytes: 2 ** 20 })
    const body = Buffer.alloc(4096)
    let last = performance.now()
    const ends = last + runMs
    let longestTurnMs = 0
    const turn = (): void => {
      const now = performance.now()
      longestTurnMs = Math.max(longestTurnMs, now - last)
      last = now
      if (now < ends) setImmediate(turn)
    }
    setImmediate(turn)
    const committer = async (): Promise<void> => {
      while (performance.now() < ends) await log.commit(body)
    }
    await Promise.all(Array.from({ length: 1024 }, committer))
    // A turn takes as long as 4 MiB take to the drive.
    assert.ok(longestTurnMs < runMs / 2, `${longestTurnMs} ms without a turn (${backend})`)
  }
})

test('listener that throws -> uncaughtException, and the log goes on', () => {
  const library = new URL('../../lib/index.ts', import.meta.url).href
  const script = `
    import { Log } from '${library}'
    const log = await Log.open(${JSON.stringify(temporaryDirectory())}, { segmentBytes: 256 * 1024 })
    const caught = []
    process.on('uncaughtException', (error) => caught.push(error.message))
    log.once('rotate', () => { throw new Error('from a listener') })
    for (let i = 0; i < 100; i++) await log.commit(Buffer.alloc(8192))
    await log.close()
    console.log(caught.join())`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 30_000,
  })
  assert.is(stdout.trim(), 'from a listener', stderr)
})

test.run()
