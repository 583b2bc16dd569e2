// timeout: 120s
// Goal: whatever stands in a directory, and whoever put it there, the tools say a sentence: they do
// not crash, hang or take somebody else's file for the log.
// Method: copies of a real store with numbers that no log has, checksums right, and with pipes, links
// and directories in place of files; the tools as processes, because native code would end the test.
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { lsnMax, masterRecord } from '../../../lib/format/layout.ts'
import { Engine } from '../../../lib/index.ts'
import { LogSurvey } from '../../../lib/inspection/survey/log-survey.ts'
import { verify } from '../../../lib/inspection/verify/verify.ts'
import { expectError } from '../../support/expect-error.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { editMaster, readLog } from './damage.ts'
import { makeStore, runSeawall } from './run-seawall.ts'

const killed = await makeStore('killed-store')

function copyOf(directory: string): string {
  const copy = join(temporaryDirectory(), 'copy')
  cpSync(directory, copy, { recursive: true })
  return copy
}

function segmentPath(directory: string, number: number | bigint): string {
  return join(directory, 'wal', `${String(number).padStart(20, '0')}.wal`)
}

const found = async (directory: string): Promise<string[]> =>
  (await verify(directory)).found.map(({ code }) => code)

type Field = 'incarnationStartLSN' | 'promiseLSN' | 'lastSegment' | 'checkpointLSN' | 'oldestLSN'

const numbers: readonly [Field, bigint][] = [
  // More than all log that there can be.
  ['incarnationStartLSN', 2n ** 64n - 1n],
  ['lastSegment', 2n ** 64n - 1n],
  ['checkpointLSN', 2n ** 60n],
  // Ten thousands of millions of segments that are missing.
  ['lastSegment', BigInt(lsnMax) / 61440n],
  // Where no record can begin.
  ['promiseLSN', 4004n],
  ['oldestLSN', 52n],
]

for (const [field, value] of numbers) {
  test(`master record with ${field} ${value} -> damage, and no more of it than can be read`, async () => {
    const directory = copyOf(killed)
    editMaster(directory, (view) => view.setBigUint64(masterRecord[field], value, true))
    for (const command of ['verify', 'stat', 'dump']) {
      const { status, stdout, stderr } = await runSeawall(command, directory)
      assert.is(status, 1, `${command}: ${stderr}`)
      assert.match(stdout + stderr, /damage|missing/i)
      assert.ok(stdout.length < 200_000)
      assert.not.match(stdout + stderr, /assertion|\n {4}at /)
    }
  })
}

test('a record that names LSNs beyond all others -> a scan from there is over', async () => {
  await using survey = await LogSurvey.open(killed)
  for (const from of [2 ** 60, 2 ** 64]) {
    for await (const _ of survey.scan({ from: from as never })) assert.unreachable()
  }
})

test('master record of a log that was never opened, with a log behind it -> damage, as an open says', async () => {
  const directory = copyOf(killed)
  editMaster(directory, (view) => {
    view.setUint32(masterRecord.incarnation, 0, true)
    view.setBigUint64(masterRecord.checkpointLSN, 0n, true)
    for (const field of ['incarnationStartLSN', 'promiseLSN', 'oldestLSN'] as const) {
      view.setBigUint64(masterRecord[field], 0n, true)
    }
  })
  assert.ok((await found(directory)).includes('log-end-damaged'))
  await expectError('ERR_SEAWALL_LOG_MISMATCH', () => Engine.open(directory))
})

for (const number of [9007199254740991n, 146601550381n, 18446744073709551615n]) {
  test(`segment file ${number} -> somebody else's; the log is what it was`, async () => {
    const directory = copyOf(killed)
    const { records } = await readLog(directory)
    copyFileSync(segmentPath(directory, 0), segmentPath(directory, number))
    assert.equal(await found(directory), ['foreign-file'])
    assert.is((await readLog(directory)).records.length, records.length)
    await (await Engine.open(directory)).close()
  })
}

test('no regular file where one belongs -> damage that names it, and an open refuses', async () => {
  for (const name of ['LOCK', 'master', 'pages', 'doublewrite', 'wal/00000000000000000000.wal']) {
    const directory = copyOf(killed)
    const path = join(directory, name)
    renameSync(path, `${directory}-elsewhere`)
    symlinkSync(`${directory}-elsewhere`, path)
    const { status, stdout } = await runSeawall('verify', directory)
    assert.is(status, 1, name)
    assert.match(stdout, `${name} is no regular file\n  what to do: put the file itself`)
    await expectError('ERR_SEAWALL_NOT_A_LOG', () => Engine.open(directory))
  }
})

test('pipes where files belong -> nothing waits for their other end', async () => {
  for (const name of ['LOCK', 'master', 'pages', 'wal/00000000000000000001.wal']) {
    const directory = copyOf(killed)
    rmSync(join(directory, name))
    execFileSync('mkfifo', [join(directory, name)])
    assert.ok((await found(directory)).includes('file-irregular'), name)
  }
})

test('a segment that cannot be opened -> all records up to the promise are checked', async () => {
  const directory = copyOf(killed)
  rmSync(segmentPath(directory, 1))
  mkdirSync(segmentPath(directory, 1))
  const { tail, checks, found: groups } = await verify(directory)
  assert.is(tail.verdict, 'damaged')
  assert.ok(tail.endLSN > 0 && tail.endLSN === tail.promiseLSN)
  assert.ok((checks.find(({ name }) => name === 'log')?.counts.records ?? 0) > 500)
  assert.ok(groups.some(({ code }) => code === 'log-end-damaged'))
})

test('unfinished file that is a directory -> damage: an open cannot remove it', async () => {
  const directory = copyOf(killed)
  mkdirSync(join(directory, 'wal', 'x.tmp'))
  assert.equal(await found(directory), ['file-irregular'])
  await expectError('ERR_SEAWALL_IO', () => Engine.open(directory))
})

test('master.tmp beside a master record -> foreign: no open removes it', async () => {
  const directory = copyOf(killed)
  writeFileSync(join(directory, 'master.tmp'), 'x')
  assert.equal(await found(directory), ['foreign-file'])
})

test.run()
