// Goal: the engine needs none of libuv's threads, so it cannot starve the host's files and DNS, nor
// be starved by them (H59).
// Method: a process whose only libuv thread is busy for a second commits meanwhile.
import { spawnSync } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const library = new URL('../../lib/index.ts', import.meta.url).href
const program = (directory: string): string => `
  import { pbkdf2 } from 'node:crypto'
  const { Engine } = await import('${library}')
  const engine = await Engine.open('${directory}', { pageSize: 4096, bufferPoolBytes: 65536, segmentBytes: 1 << 20 })
  let isBusy = true
  pbkdf2('x', 'y', 3_000_000, 64, 'sha512', () => (isBusy = false))
  for (let i = 0; i < 30; i++) {
    await engine.transaction(async (tx) => {
      for (let j = 0; j < 4; j++) tx.write(await tx.allocatePage(), 0, Buffer.from('text'))
    })
  }
  await engine.checkpoint()
  console.log(isBusy ? 'was not held up' : 'was held up')
  process.exit(0)
`

test("H59 libuv's threads are busy -> commits, page reads, page writes and checkpoints go on", () => {
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program(temporaryDirectory())],
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, timeout: 60_000 },
  )
  assert.match(result.stdout, /was not held up/, result.stderr)
})

test.run()
