// Goal: `--follow` gives each record once, in order, when it is durable and never before, whoever
// writes the log and whatever happens to them (P3). Method: a dump in one process; in others
// writers that rotate, truncate, are killed and opened again. What was printed is compared with
// what the log holds in the end.
import { once } from 'node:events'
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../../lib/index.ts'
import { openSmall, temporaryDirectory } from '../../support/temporary-directory.ts'
import { dumpValues, RunningDump, startModule, valuesOf } from './dump-process.ts'

const segmentBytes = 64 * 1024
const blockBytes = 4096
const entry = new URL('../../../lib/index.ts', import.meta.url).href
const running: RunningDump[] = []

test.after.each(() => {
  for (const process of running.splice(0)) process.kill()
})

function follow(directory: string, ...options: string[]): RunningDump {
  const process = new RunningDump(directory, '--follow', '--poll-ms', '5', ...options)
  running.push(process)
  return process
}

/** Records and incarnations. */
function lsnsOf(values: readonly Record<string, unknown>[]): unknown[] {
  return values
    .filter(({ what }) => what === 'record' || what === 'incarnation')
    .map(({ lsn }) => lsn)
}

/** Appends until it is killed, in batches; says when it has begun. */
function startWriter(directory: string): ReturnType<typeof startModule> {
  return startModule(`
    import { Log } from '${entry}'
    const log = await Log.open('${directory}', { segmentBytes: ${segmentBytes}, bufferBytes: 65536, idleMarkMs: 5 })
    console.log('open')
    for (let i = 0; ; i++) {
      for (let k = 0; k < 1 + (i * 7) % 40; k++) log.append(Buffer.alloc((i * 37 + k * 11) % 700))
      if (i % 50 === 49) log.append(Buffer.alloc(200_000))
      await log.flush()
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 3))
    }
  `)
}

test('writers that rotate, are killed and opened again -> each record once, none left out', async () => {
  const directory = temporaryDirectory()
  await (await Log.open(directory, { segmentBytes, bufferBytes: 65536 })).close()
  const dump = follow(directory, '--json')
  for (let life = 0; life < 4; life++) {
    const writer = startWriter(directory)
    await once(writer.stdout, 'data')
    const before = dump.stdout.length
    await dump.until(
      'records come while the log is written',
      (text) => text.length > before + 200_000,
    )
    writer.kill('SIGKILL')
    await once(writer, 'exit')
  }
  await (await Log.open(directory)).close()
  const log = lsnsOf(dumpValues(directory))
  assert.ok(log.length > 1000, `only ${log.length} records`)
  const last = `"lsn":${Number(log.at(-1))},`
  await dump.until('the last record', (text) => text.includes(last))
  assert.is(await dump.interrupt(), 0, dump.stderr)
  const shown = valuesOf(dump.stdout)
  const others = shown.filter(({ what }) => what !== 'record' && what !== 'incarnation')
  assert.equal(others, [], 'no damage, nothing truncated')
  assert.equal(lsnsOf(shown), log)
  assert.ok(Number(log.at(-1)) > 3 * segmentBytes, 'it rotated')
  assert.is(dump.stderr, '')
})

test('what a power cut could take back -> is not shown, and not when it was taken back either', async () => {
  const directory = temporaryDirectory()
  const live = temporaryDirectory()
  const log = await Log.open(live, { segmentBytes, bufferBytes: 65536, idleMarkMs: 60_000 })
  const ends: number[] = []
  for (let batch = 0; batch < 3; batch++) {
    for (let i = 0; i < 10; i++) log.append(Buffer.from(`batch ${batch}`))
    await log.flush()
    ends.push(log.flushedLSN)
  }
  cpSync(live, directory, { recursive: true })
  await log.close()
  const [, lastBatch = 0] = ends
  const records = (text: string): number => text.match(/"batch \d"/g)?.length ?? 0
  const dump = follow(directory)
  const eager = follow(directory, '--undurable')
  await eager.until('all that a scan sees', (text) => records(text) === 30)
  await dump.until('what is promised', (text) => records(text) === 20)
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.is(records(dump.stdout), 20, 'no promise, no line')
  assert.is(await eager.interrupt(), 0)

  // The power cut: the last batch did not reach the medium whole.
  const segment = join(directory, 'wal', '00000000000000000000.wal')
  const bytes = readFileSync(segment)
  bytes.fill(0, blockBytes + lastBatch, blockBytes + lastBatch + 24)
  writeFileSync(segment, bytes)
  const again = await Log.open(directory)
  assert.ok(again.recovery.cutBytes > 0)
  await again.commit(Buffer.from('batch 9'))
  await again.close()
  await dump.until('the next one', (text) => text.includes('"batch 9"'))
  assert.is(await dump.interrupt(), 0)
  assert.is(records(dump.stdout), 21)
  assert.not.match(dump.stdout, /"batch 2"/)
  assert.match(dump.stdout, /incarnation 2 after 1, opened .*, cut off \d+ bytes of a torn tail/)
})

test('truncated before it could be read -> a line says so, then it goes on', async () => {
  const directory = temporaryDirectory()
  const log = await Log.open(directory, { segmentBytes, bufferBytes: 65536, idleMarkMs: 5 })
  const first = await log.commit(Buffer.from('first'))
  const dump = follow(directory)
  await dump.until('the first', (text) => text.includes('"first"'))
  dump.stop()
  for (let i = 0; i < 2000; i++) log.append(Buffer.alloc(200))
  await log.flush()
  const kept = await log.commit(Buffer.from('kept'))
  await log.truncateBefore(kept)
  await log.commit(Buffer.from('behind'))
  await log.close()
  dump.goOn()
  await dump.until('the end', (text) => text.includes('"behind"'))
  assert.is(await dump.interrupt(), 0)
  const lines = dump.stdout.split('\n').slice(1, -1)
  const at = lines.findIndex((line) => / truncated +\d+ {2}the log was truncated before/.test(line))
  assert.ok(at > 0, dump.stdout.slice(-500))
  assert.match(lines[at - 1] ?? '', new RegExp(`^ +${first} .*"first"`))
  assert.match(lines[at + 1] ?? '', new RegExp(`^ +${kept} .*"kept"`))
  assert.is(lines.length, at + 3)
})

test('--last and --limit with --follow -> begin at the last ones, end after so many', async () => {
  const directory = temporaryDirectory()
  const log = await openSmall({ idleMarkMs: 1 }, directory)
  for (let i = 0; i < 20; i++) await log.commit(Buffer.from(`record ${i}.`))
  await new Promise((resolve) => setTimeout(resolve, 100))
  const dump = follow(directory, '--last', '2', '--limit', '4')
  await dump.until('the last two', (text) => text.includes('record 19.'))
  await log.commit(Buffer.from('record 20.'))
  await log.commit(Buffer.from('record 21.'))
  await log.commit(Buffer.from('record 22.'))
  assert.is(await dump.exited(), 0)
  assert.equal(dump.stdout.match(/record \d+/g), [
    'record 18',
    'record 19',
    'record 20',
    'record 21',
  ])
  await log.close()
})

test('the directory goes, or another log stands in its place -> exit code 2 and a sentence', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'log')
  const other = join(directory, 'other')
  for (const at of [path, other]) {
    const log = await openSmall({}, at)
    await log.commit(Buffer.from('here'))
    await log.close()
  }
  const replaced = follow(path)
  await replaced.until('a record', (text) => text.includes('"here"'))
  renameSync(path, join(directory, 'old'))
  renameSync(other, path)
  assert.is(await replaced.exited(), 2)
  assert.match(replaced.stderr, /^seawall: /)
  const removed = follow(path)
  await removed.until('a record', (text) => text.includes('"here"'))
  rmSync(path, { recursive: true })
  assert.is(await removed.exited(), 2)
  assert.match(removed.stderr, /does not exist/)
})

test('a dump of a log that is written and truncated all the time -> no damage, in order', async () => {
  const directory = temporaryDirectory()
  const writer = startModule(`
    import { Log } from '${entry}'
    const log = await Log.open('${directory}', { segmentBytes: ${segmentBytes}, bufferBytes: 65536 })
    console.log('open')
    const ends = []
    for (let i = 0; ; i++) {
      for (let k = 0; k < 30; k++) log.append(Buffer.alloc((i * 37 + k * 11) % 700))
      await log.flush()
      ends.push(log.flushedLSN)
      if (ends.length > 40) await log.truncateBefore(ends.shift())
    }
  `)
  await once(writer.stdout, 'data')
  for (let i = 0; i < 10; i++) {
    const values = dumpValues(directory)
    const damage = values.filter(({ what, problem }) => what === 'damage' || problem !== undefined)
    assert.equal(damage, [])
    const lsns = lsnsOf(values).map(Number)
    assert.ok(
      lsns.every((lsn, at) => at === 0 || lsn > (lsns[at - 1] ?? 0)),
      'in order',
    )
    assert.is(values.at(-1)?.what, 'log-end')
    assert.is.not(values.at(-1)?.verdict, 'damaged')
  }
  writer.kill('SIGKILL')
  await once(writer, 'exit')
})

test.run()
