// timeout: 240s
// Goal: --repair does what the next open would do and no more, keeps a copy of what changes, loses
// nothing that was acknowledged, and refuses everything else without changing a byte.
// Method: real logs and stores; `seawall verify --repair` as a process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { recordHeader } from '../../../lib/format/layout.ts'
import { Engine, Log } from '../../../lib/index.ts'
import { repair } from '../../../lib/inspection/verify/repair.ts'
import { verify } from '../../../lib/inspection/verify/verify.ts'
import { Random, seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { flip, flipLog, imageOf, readLog } from './damage.ts'
import { makeStore, runSeawall, type StoreKind } from './run-seawall.ts'

const seed = seedOr(Date.now() % 2 ** 31)

/** A log or store as the only thing in a directory of its own. */
async function subjectOf(kind: StoreKind): Promise<string> {
  const directory = join(temporaryDirectory(), 'subject')
  cpSync(await makeStore(kind), directory, { recursive: true, preserveTimestamps: true })
  return directory
}

async function tearTail(directory: string): Promise<void> {
  const { layout, records } = await readLog(directory)
  flipLog(layout, (records.at(-1)?.lsn ?? 0) + recordHeader.bytes + 9)
}

function besideOf(directory: string): string[] {
  return readdirSync(dirname(directory)).filter((name) => name !== 'subject')
}

test('torn tail -> cut off; the copies are the bytes as they were; acknowledged records are there', async () => {
  const directory = await subjectOf('killed-log')
  await tearTail(directory)
  const original = `${directory}-original`
  cpSync(directory, original, { recursive: true })
  const run = await runSeawall('verify', directory, '--repair')
  assert.is(run.status, 0, run.stdout + run.stderr)
  assert.match(run.stdout, /torn-tail[^]*repaired: 3,0\d\d bytes cut off behind LSN \d+/)
  const [copy = ''] = besideOf(directory).filter((name) => name.includes('before-repair'))
  assert.match(copy, /^subject-before-repair-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d+Z$/)
  const files = readdirSync(join(dirname(directory), copy), { recursive: true }) as string[]
  assert.ok(files.includes('master') && files.some((name) => name.endsWith('.wal')))
  for (const name of files.filter((file) => file !== 'wal')) {
    const kept = readFileSync(join(dirname(directory), copy, name))
    assert.ok(kept.equals(readFileSync(join(original, name))), name)
  }
  // What is not in the copy has not changed.
  for (const name of readdirSync(original, { recursive: true }) as string[]) {
    if (files.includes(name) || name === 'LOCK') continue
    assert.ok(readFileSync(join(directory, name)).equals(readFileSync(join(original, name))), name)
  }
  const log = await Log.open(directory)
  assert.is(log.recovery.decision, 'clean-end')
  let records = 0
  for await (const record of log.read()) if (record.type !== 7) records += 1
  assert.is(records, 300)
  await log.close()
})

test('putting the copies back -> the directory as it was', async () => {
  const directory = await subjectOf('killed-log')
  await tearTail(directory)
  const before = imageOf(directory)
  const copy = join(dirname(directory), 'kept')
  const run = await runSeawall('verify', directory, '--repair', '--copy-to', copy, '--json')
  assert.is(run.status, 0, run.stderr)
  const report = JSON.parse(run.stdout) as { outcome: string; copy: string; after: object }
  assert.is(report.outcome, 'repaired')
  assert.is(report.copy, copy)
  cpSync(copy, directory, { recursive: true })
  const hashes = (image: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(image).map(([name, text]) => [name, text.split(' ')[0] ?? '']),
    )
  assert.equal(hashes(imageOf(directory)), hashes(before))
})

test('torn tail of a store -> cut off; it opens, with everything that was acknowledged', async () => {
  const directory = await subjectOf('killed-store')
  await tearTail(directory)
  const pages = readFileSync(join(directory, 'pages'))
  const run = await runSeawall('verify', directory, '--repair')
  assert.is(run.status, 0, run.stdout + run.stderr)
  assert.ok(readFileSync(join(directory, 'pages')).equals(pages), 'the pages are not touched')
  const engine = await Engine.open(directory)
  assert.is(engine.recovery.damagedPages.length, 0)
  await engine.transaction(async (tx) => {
    const page = await tx.page(6)
    assert.match(Buffer.from(page.body.subarray(0, 8)).toString(), /third 29/)
  })
  await engine.close()
})

test('unfinished files -> removed, and kept in the copy', async () => {
  const directory = await subjectOf('log')
  writeFileSync(join(directory, 'wal', '00000000000000000009.wal.tmp'), 'half')
  const run = await runSeawall('verify', directory, '--repair')
  assert.is(run.status, 0, run.stdout + run.stderr)
  assert.not(existsSync(join(directory, 'wal', '00000000000000000009.wal.tmp')))
  const [copy = ''] = besideOf(directory)
  const kept = join(dirname(directory), copy, 'wal', '00000000000000000009.wal.tmp')
  assert.is(readFileSync(kept, 'utf8'), 'half')
})

const untouched: [string, StoreKind, (directory: string) => unknown, string[], number, RegExp][] = [
  ['nothing to repair', 'log', () => {}, [], 0, /nothing to repair/],
  [
    'damage in the middle',
    'log',
    async (directory) => {
      const { layout, records } = await readLog(directory)
      flipLog(layout, (records[100]?.lsn ?? 0) + recordHeader.bytes + 9)
    },
    [],
    1,
    /not repaired, and nothing was changed: .*1 x record-damaged.*restore from a copy/,
  ],
  [
    'torn tail and damage',
    'killed-log',
    async (directory) => {
      const { layout, records } = await readLog(directory)
      flipLog(layout, (records[100]?.lsn ?? 0) + recordHeader.bytes + 9)
      await tearTail(directory)
    },
    [],
    1,
    /not repaired, and nothing was changed/,
  ],
  [
    'damaged page',
    'store',
    (directory) => flip(join(directory, 'pages'), 14 * 4096 + 500),
    [],
    1,
    /not repaired, and nothing was changed: .*page-damaged/,
  ],
  [
    'something where the copy should go',
    'killed-log',
    async (directory) => {
      await tearTail(directory)
      mkdirSync(join(dirname(directory), 'kept'))
    },
    ['--copy-to', 'BESIDE/kept'],
    2,
    /there is something at .*kept already/,
  ],
  [
    'copy into the log itself',
    'killed-log',
    tearTail,
    ['--copy-to', 'BESIDE/subject/kept'],
    2,
    /the copy must not lie in/,
  ],
  [
    'copy into the log, by a name that looks as if it led out of it',
    'killed-log',
    tearTail,
    ['--copy-to', 'BESIDE/subject/..kept'],
    2,
    /the copy must not lie in/,
  ],
  [
    'copy into the log through a link',
    'killed-log',
    async (directory) => {
      await tearTail(directory)
      symlinkSync(join(directory, 'wal'), join(dirname(directory), 'link'))
    },
    ['--copy-to', 'BESIDE/link/kept'],
    2,
    /the copy must not lie in/,
  ],
  [
    'copy to where nothing can be made',
    'killed-log',
    tearTail,
    ['--copy-to', 'BESIDE/missing/kept'],
    2,
    /does not exist/,
  ],
]

for (const [name, kind, damage, args, status, expected] of untouched) {
  test(`${name} -> exit code ${status}, a sentence, and not a byte is changed`, async () => {
    const directory = await subjectOf(kind)
    await damage(directory)
    const before = imageOf(dirname(directory))
    const given = args.map((arg) => arg.replace('BESIDE', dirname(directory)))
    const run = await runSeawall('verify', directory, '--repair', ...given)
    assert.is(run.status, status, run.stdout + run.stderr)
    assert.match(run.stdout + run.stderr, expected)
    assert.equal(imageOf(dirname(directory)), before)
  })
}

test('killed at any moment -> untouched or open in order; run again, it ends well', async () => {
  const random = new Random(seed)
  for (let round = 0; round < 8; round++) {
    const about = `seed ${seed}, round ${round}`
    const kind = random.pick<StoreKind>(['killed-log', 'killed-store'])
    const directory = await subjectOf(kind)
    await tearTail(directory)
    const { tail } = await verify(directory)
    const kept = (await readLog(directory)).records.filter(({ lsn }) => lsn < tail.endLSN)
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'lib/cli/main.ts', 'verify', '--repair', directory],
      { cwd: new URL('../../..', import.meta.url).pathname, stdio: 'ignore' },
    )
    const timer = setTimeout(() => child.kill('SIGKILL'), 300 + random.below(900))
    await once(child, 'close')
    clearTimeout(timer)
    assert.is((await verify(directory)).damage, 0, about)
    const again = await repair(directory, { copyTo: `${directory}-again` })
    assert.is.not(again.outcome, 'refused', about)
    const { records } = await readLog(directory)
    for (const [i, { lsn, body }] of kept.entries()) {
      assert.is(records[i]?.lsn, lsn, about)
      assert.ok(Buffer.from(body).equals(records[i]?.body ?? Buffer.alloc(0)), about)
    }
    const opened = await (kind === 'killed-log' ? Log.open(directory) : Engine.open(directory))
    await opened.close()
    assert.is((await verify(directory)).damage, 0, about)
  }
})

test('log that is in use -> refused with who has it; nothing is changed', async () => {
  const directory = await subjectOf('log')
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', new URL('hold-log.ts', import.meta.url).pathname, directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    const before = imageOf(dirname(directory))
    const run = await runSeawall('verify', directory, '--repair')
    assert.is(run.status, 2, run.stdout)
    assert.match(
      run.stderr,
      new RegExp(`another process .* has this directory open: process ${child.pid}`),
    )
    assert.equal(imageOf(dirname(directory)), before)
    const looked = await runSeawall('verify', directory)
    assert.is(looked.status, 0, looked.stdout + looked.stderr)
    assert.match(looked.stdout, new RegExp(`process ${child.pid} .* has it open for writing`))
    const stat = await runSeawall('stat', directory)
    assert.match(stat.stdout, new RegExp(`open +for writing by process ${child.pid} `))
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test.run()
