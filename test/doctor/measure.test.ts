// timeout: 180s
// Goal: measuring leaves nothing behind in any ending, is bounded in time, memory and space, and
// refused writes become sentences.
// Method: real measuring in temporary directories; processes that end in the middle of it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { keptLogBytes } from '../../lib/doctor/measure/log-methods.ts'
import { measure, spaceNeededBytes } from '../../lib/doctor/measure/measure.ts'
import { withScratchDirectory } from '../../lib/doctor/measure/scratch-directory.ts'
import { Stopwatch } from '../../lib/doctor/measure/stopwatch.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const mib = 1024 * 1024
const never = new AbortController().signal

test('every method -> numbers that hang together, progress that ends, nothing left', async () => {
  const directory = temporaryDirectory()
  const seen: number[] = []
  const { rows, trial, notMeasured } = await measure(
    directory,
    { hasIoUring: true },
    { seconds: 1, signal: never, onProgress: (done) => seen.push(done) },
  )
  assert.is(notMeasured, '')
  assert.is(rows.length, 13)
  assert.is(new Set(rows.map(({ id }) => id)).size, 13)
  for (const { id, skipped, operations, p50Us, p99Us, maxUs, operationsPerSecond } of rows) {
    if (id.startsWith('direct-') && skipped !== '') continue
    assert.is(skipped, '', id)
    assert.ok(operations > 0 && operationsPerSecond > 0, id)
    assert.ok(
      p50Us > 0 && p50Us <= p99Us && p99Us <= maxUs * 1.01,
      `${id} ${p50Us} ${p99Us} ${maxUs}`,
    )
  }
  assert.match(trial?.backend ?? '', /^(io_uring|threads)$/)
  assert.ok(seen.length >= 13)
  assert.equal(readdirSync(directory), [])
})

test('a long run in memory -> the growing file and the log stay small', async () => {
  const { bavail, bsize } = statfsSync('/dev/shm')
  if (bavail * bsize < spaceNeededBytes) {
    console.log('too little memory in /dev/shm: not tried')
    return
  }
  const directory = mkdtempSync('/dev/shm/seawall-test-')
  try {
    let most = 0
    let grown = 0
    let shrunk = 0
    const onProgress = (): void => {
      most = Math.max(most, bytesIn(directory))
      const bytes = sizeOf(join(directory, readdirSync(directory)[0] ?? '', 'growing'))
      if (bytes < grown) shrunk += 1
      grown = bytes
    }
    const options = { seconds: 10, signal: never, onProgress }
    const { rows } = await measure(directory, { hasIoUring: true }, options)
    const written = rows.map(({ operations, writeBytes }) => operations * writeBytes)
    assert.ok((written[4] ?? 0) > 64 * mib && shrunk > 0, 'the growing file began anew')
    assert.ok(Math.max(...written.slice(10)) > 1.5 * keptLogBytes, 'the log was cut off')
    assert.ok(most > 16 * mib, `${most} bytes were seen`)
    assert.ok(most < spaceNeededBytes / 2, `${most} bytes at most`)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + sizeOf(join(entry.path, entry.name)), 0)
}

// The log may have removed it a moment ago.
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

test('without the addon -> the files are measured all the same', async () => {
  const directory = temporaryDirectory()
  const { rows, trial } = await measure(directory, { error: 'x' }, { seconds: 1, signal: never })
  assert.is(rows.length, 10)
  assert.is(trial, undefined)
})

test('aborted at any progress -> throws the reason, nothing left', async () => {
  for (const turn of [1, 2, 9, 20]) {
    const directory = temporaryDirectory()
    const ending = new AbortController()
    let turns = 0
    const onProgress = (): void => {
      turns += 1
      if (turns === turn) ending.abort('SIGINT')
    }
    let thrown: unknown
    await measure(
      directory,
      { hasIoUring: true },
      { seconds: 2, signal: ending.signal, onProgress },
    ).catch((error: unknown) => (thrown = error))
    assert.is(thrown, 'SIGINT', `turn ${turn}`)
    assert.equal(readdirSync(directory), [])
  }
})

test('a place where nothing can be made -> a sentence, no failure', async () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  const found = await measure(file, { hasIoUring: true }, { seconds: 1, signal: never })
  assert.is(found.isRefused, true)
  assert.match(found.notMeasured, /not a directory/i)
  assert.equal(found.rows, [])
})

test('scratch directory -> gone after a failure, an exit and an uncaught error', async () => {
  const directory = temporaryDirectory()
  let seen: string[] = []
  await withScratchDirectory(directory, (path) => {
    writeFileSync(join(path, 'file'), 'x')
    seen = readdirSync(directory)
    return Promise.reject(new Error('on purpose'))
  }).catch(() => undefined)
  assert.match(seen[0] ?? '', /^seawall-doctor-scratch-/)
  assert.equal(readdirSync(directory), [])
  const module = new URL('../../lib/doctor/measure/scratch-directory.ts', import.meta.url).href
  for (const ending of ['process.exit(3)', "setImmediate(() => { throw new Error('x') })"]) {
    const script = `
      import { writeFileSync, readdirSync } from 'node:fs'
      import { withScratchDirectory } from ${JSON.stringify(module)}
      await withScratchDirectory(${JSON.stringify(directory)}, async (path) => {
        writeFileSync(path + '/file', 'x')
        console.log(readdirSync(${JSON.stringify(directory)}).length)
        ${ending}
        await new Promise((resolve) => setTimeout(resolve, 10_000))
      })`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const child = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
    assert.is(child.stdout.trim(), '1', child.stderr)
    assert.is.not(child.status, 0)
    assert.equal(readdirSync(directory), [], ending)
  }
})

test('stopwatch -> ends in time, has its percentiles, counts no pause', async () => {
  const stopwatch = new Stopwatch(200, never, () => undefined)
  const startedAtMs = performance.now()
  await stopwatch.repeat(
    () => {
      const until = performance.now() + 2
      while (performance.now() < until);
    },
    () => new Promise((resolve) => setTimeout(resolve, 30)),
  )
  const { operations, operationsPerSecond, p50Us, maxUs } = stopwatch.result()
  assert.ok(performance.now() - startedAtMs < 2_000)
  assert.ok(p50Us >= 1_990 && p50Us <= maxUs, String(p50Us))
  assert.ok(operations > 10 && operations <= 100)
  assert.ok(operationsPerSecond <= 505, `${operationsPerSecond} a second: pauses do not count`)
  assert.ok(operationsPerSecond > operations / 0.2, 'more than with the pauses in it')
  assert.is(new Stopwatch(1, never, () => undefined).result().operations, 0)
})

test.run()
