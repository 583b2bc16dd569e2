// Goal: the test runner counts a file that crashes, hangs, runs nothing or ends badly as one failure, and never says "passed"
// about nothing.
// Method: runs it on small files made for the purpose.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

interface Result {
  passed: number
  failed: number
  skipped: number
  why: string
}
interface Runner {
  runFile(file: string, options: { timeoutSeconds: number; nodeFlags: string[] }): Promise<Result>
  conclude(totals: { passed: number; failed: number; skipped: number }): {
    line: string
    ok: boolean
  }
  directivesOf(source: string): { timeoutSeconds: number; serial: boolean; nodeFlags: string[] }
}
const runner = (await import(
  new URL('../../scripts/test-runner.mjs', import.meta.url).href
)) as Runner

const uvu = JSON.stringify(new URL('../../node_modules/uvu/dist/index.mjs', import.meta.url).href)

async function run(source: string, timeoutSeconds = 20): Promise<Result> {
  const file = join(temporaryDirectory(), 'made.test.mjs')
  writeFileSync(file, `import { test } from ${uvu}\n${source}`)
  const { passed, failed, skipped, why } = await runner.runFile(file, {
    timeoutSeconds,
    nodeFlags: [],
  })
  return { passed, failed, skipped, why }
}

test('passing, failing and skipped tests -> counted', async () => {
  const source = `test('a', () => {}); test('b', () => { throw new Error('no') }); test.skip('c'); test.run()`
  assert.equal(await run(source), { passed: 1, failed: 1, skipped: 1, why: 'failed' })
})

test('crash by a signal -> one failure', async () => {
  const result = await run(`process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {})`)
  assert.equal([result.failed, result.passed], [1, 0])
})

test('hang -> one failure after the timeout', async () => {
  const result = await run(`setInterval(() => {}, 1000)`, 2)
  assert.equal([result.failed, result.why], [1, 'timed out'])
})

test('forgotten test.run(), empty suite, exit code after passing -> one failure', async () => {
  assert.is((await run(`test('never runs', () => {})`)).failed, 1)
  assert.is((await run(`test.run()`)).failed, 1)
  assert.is(
    (
      await run(
        `test('a', () => {}); test.run(); process.on('exit', () => { process.exitCode = 3 })`,
      )
    ).failed,
    1,
  )
})

test('nothing ran -> the run fails; the closing line has the counts', () => {
  assert.equal(runner.conclude({ passed: 0, failed: 0, skipped: 0 }), {
    line: '0 passed, 0 failed, 0 skipped',
    ok: false,
  })
  assert.is(runner.conclude({ passed: 1, failed: 0, skipped: 2 }).ok, true)
  assert.is(runner.conclude({ passed: 1, failed: 1, skipped: 0 }).ok, false)
})

test('directives in the first lines -> taken', () => {
  assert.equal(runner.directivesOf('// timeout: 300s\n// serial\n// needs-gc\n'), {
    timeoutSeconds: 300,
    serial: true,
    nodeFlags: ['--expose-gc'],
  })
})

test.run()
