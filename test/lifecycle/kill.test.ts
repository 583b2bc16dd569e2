// timeout: 300s
// Goal: a process killed with SIGKILL at any moment loses nothing that it acknowledged (H44: the
// lock goes with it).
// Method: a child commits numbered records and reports each acknowledgement; it is killed at a
// random moment, over and over on
// the same log. The parent keeps the promise list.
import { spawn } from 'node:child_process'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../lib/index.ts'
import { generator } from '../support/random.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const library = new URL('../../lib/index.ts', import.meta.url).href
const seed = Number(process.env.SEAWALL_SEED ?? 20261121)
const rounds = Number(process.env.SEAWALL_KILLS ?? 24)

const random = generator(seed)

function childScript(directory: string, first: number, backend: string): string {
  return `
    import { Log } from '${library}'
    import { writeSync } from 'node:fs'
    const log = await Log.open(${JSON.stringify(directory)}, { segmentBytes: 256 * 1024, bufferBytes: 64 * 1024, backend: '${backend}' })
    // The pipe may be full for a moment.
    const say = (text) => {
      while (true) {
        try {
          return writeSync(1, text)
        } catch (error) {
          if (error.code !== 'EAGAIN') throw error
        }
      }
    }
    say('open\\n')
    let next = ${first}
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (;;) {
        const number = next++
        const body = Buffer.alloc(8 + (number * 7919) % 5000, number & 255)
        body.writeDoubleLE(number, 0)
        await log.commit(body)
        say(number + '\\n')
      }
    }))`
}

for (const backend of ['auto', 'threads'] as const) {
  test(`killed ${rounds} times while committing (${backend}) -> every acknowledged record is there, once`, async () => {
    console.log(`seed ${seed}`)
    const directory = temporaryDirectory()
    let present = 0
    for (let round = 0; round < rounds; round++) {
      const acknowledged = await runAndKill(
        childScript(directory, present, backend),
        5 + random(60),
      )
      await using log = await Log.open(directory)
      let expected = 0
      for await (const { body } of log.read()) {
        const number = Buffer.from(body).readDoubleLE(0)
        assert.is(number, expected, `round ${round}, seed ${seed}`)
        assert.is(body.length, 8 + ((number * 7919) % 5000))
        expected += 1
      }
      assert.ok(
        expected > acknowledged,
        `round ${round}: ${acknowledged} acknowledged, ${expected} there, seed ${seed}`,
      )
      assert.ok(expected >= present)
      present = expected
    }
    assert.ok(present > rounds)
  })
}

/**
 * Runs the child, kills it `delayMs` after it has opened the log; the highest number it
 * acknowledged, or -1.
 */
function runAndKill(script: string, delayMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let output = ''
    child.stdout.on('data', (data: Buffer) => {
      if (output === '') setTimeout(() => child.kill('SIGKILL'), delayMs)
      output += data.toString()
    })
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`the child ended by itself: ${output}`))
      const lines = output.split('\n').slice(1, -1)
      resolve(lines.reduce((highest, line) => Math.max(highest, Number(line)), -1))
    })
  })
}

test.run()
