// timeout: 120s
// Goal: what cannot be looked at gives one sentence that says what and what to do, and exit code 2;
// never a stack trace, never a change.
// Method: stat and verify as processes on directories that are no log, of a newer format, not to be
// read, or damaged all over.
import { chmodSync, cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { masterRecord, segmentHeader } from '../../../lib/format/layout.ts'
import { crc32c } from '../../../lib/rig/protocol/crc32c.ts'
import { Random, seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { editMaster, imageOf, readBytes, writeBytes } from './damage.ts'
import { makeStore, runSeawall, runSeawallAs } from './run-seawall.ts'

const nobody = 65534
const store = await makeStore('killed-store')

function copyOf(directory: string): string {
  const copy = join(temporaryDirectory(), 'copy')
  cpSync(directory, copy, { recursive: true })
  return copy
}

async function assertRefused(directory: string, expected: RegExp): Promise<void> {
  const before = imageOf(directory)
  for (const command of ['stat', 'verify']) {
    for (const args of command === 'stat' ? [[], ['--json']] : [[], ['--repair']]) {
      const { status, stdout, stderr } = await runSeawall(command, directory, ...args)
      assert.is(status, 2, `${command}: ${stdout}`)
      assert.is(stdout, '')
      assert.match(stderr, expected)
      assert.match(stderr, /^seawall: [^\n]+ - [^\n]+\n$/, 'a sentence that says what to do')
    }
  }
  assert.equal(imageOf(directory), before)
}

function newerFormat(directory: string): void {
  editMaster(directory, (view) => view.setUint32(masterRecord.formatVersion, 2, true))
  const wal = join(directory, 'wal')
  for (const name of readdirSync(wal)) {
    const header = readBytes(join(wal, name), 0, segmentHeader.bytes)
    header.writeUInt32LE(2, segmentHeader.formatVersion)
    header.writeUInt32LE(
      crc32c(header.subarray(0, segmentHeader.headerCrc)),
      segmentHeader.headerCrc,
    )
    writeBytes(join(wal, name), 0, header)
  }
}

test('empty directory -> there is no log here', async () => {
  await assertRefused(temporaryDirectory(), /there is no log here/)
})

test('files of something else -> not a log, and which file', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'package.json'), '{}')
  await assertRefused(directory, /not a Seawall log.*'package\.json'/)
})

test('log of a newer format -> open it with the version that wrote it', async () => {
  const directory = copyOf(store)
  newerFormat(directory)
  await assertRefused(directory, /newer version.*open it with the version that wrote it/)
})

test('no such directory, and a file -> a sentence', async () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, 'x')
  for (const path of [join(file, '..', 'missing'), file]) {
    for (const command of ['stat', 'verify']) {
      const { status, stdout, stderr } = await runSeawall(command, path)
      assert.is(status, 2, stdout)
      assert.match(stderr, /^seawall: [^\n]+ - [^\n]+\n$/)
    }
  }
})

test('no permission -> a sentence; nothing is shown', async () => {
  const directory = copyOf(store)
  chmodSync(dirname(directory), 0o755)
  chmodSync(directory, 0o700)
  chmodSync(join(directory, 'master'), 0)
  // Root may read everything: somebody else looks.
  const user = process.getuid?.() === 0 ? nobody : undefined
  for (const command of ['stat', 'verify']) {
    const { status, stdout, stderr } = await runSeawallAs(user, command, directory)
    assert.is(status, 2, stdout)
    assert.is(stdout, '')
    assert.match(
      stderr,
      /^seawall: the operating system refused access[^\n]+ - check owner[^\n]+\n$/,
    )
  }
})

test('every file overwritten with noise -> a sentence or damage; never a stack trace', async () => {
  const seed = seedOr(Date.now() % 2 ** 31)
  const random = new Random(seed)
  const directory = copyOf(store)
  for (const name of readdirSync(directory, { recursive: true }) as string[]) {
    const path = join(directory, name)
    if (!statSync(path).isFile()) continue
    const bytes = Buffer.alloc(statSync(path).size)
    for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(random.below(2 ** 32), at)
    writeFileSync(path, bytes)
  }
  await assertRefused(directory, /durable are damaged|not a Seawall log/)
})

test('everything but the segment headers gone -> damage by name, exit code 1', async () => {
  const directory = copyOf(store)
  for (const name of ['master', 'pages', 'doublewrite']) {
    writeFileSync(join(directory, name), Buffer.alloc(statSync(join(directory, name)).size))
  }
  const { status, stdout, stderr } = await runSeawall('verify', directory)
  assert.is(status, 1, stderr)
  assert.match(stdout, /damage: master-damaged/)
  assert.match(stdout, /damage: data-file-damaged/)
  assert.match(stdout, /DAMAGED: \d+ findings of damage/)
  assert.is((await runSeawall('stat', directory)).status, 1)
})

test('wrong arguments -> a sentence', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'a'))
  for (const [args, expected] of [
    [['verify'], /DIR is needed; see seawall verify --help/],
    [['stat'], /DIR is needed; see seawall stat --help/],
    [['verify', directory, 'b'], /'b'/],
    [['verify', directory, '--copy-to', 'x'], /--copy-to goes with --repair/],
    [['stat', directory, '--fulll'], /did you mean '--full'/],
  ] as const) {
    const { status, stderr } = await runSeawall(...args)
    assert.is(status, 2)
    assert.match(stderr, expected)
  }
})

test('--help -> what it does, with its exit codes', async () => {
  for (const command of ['stat', 'verify']) {
    const { status, stdout } = await runSeawall(command, '--help')
    assert.is(status, 0)
    assert.match(stdout, new RegExp(`^seawall ${command} DIR \\[OPTIONS\\][^]*Exit code 0`))
  }
})

test.run()
