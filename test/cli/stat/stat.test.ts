// timeout: 240s
// Goal: `seawall stat` says of a store what opening it then finds, and changes nothing.
// Method: real logs and stores, closed and killed; the figures are compared with the report of a
// restart of a copy. The text is read for what a person looks for.
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { recordHeader } from '../../../lib/format/layout.ts'
import { Engine } from '../../../lib/index.ts'
import type { LogState } from '../../../lib/inspection/state/log-state.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { flip, flipLog, flipMasterSlot, imageOf, readLog } from '../verify/damage.ts'
import { makeStore, type Run, runSeawall, type StoreKind } from '../verify/run-seawall.ts'

async function stat(directory: string, ...args: string[]): Promise<Run> {
  const before = imageOf(directory)
  const run = await runSeawall('stat', directory, ...args)
  assert.equal(imageOf(directory), before, 'the directory has changed')
  return run
}

async function stateOf(directory: string, ...args: string[]): Promise<LogState> {
  const run = await stat(directory, '--json', ...args)
  assert.is(run.stderr, '')
  return JSON.parse(run.stdout) as LogState
}

function copyOf(directory: string): string {
  const copy = join(temporaryDirectory(), 'copy')
  cpSync(directory, copy, { recursive: true })
  return copy
}

for (const kind of ['store', 'killed-store', 'imaged-store'] as const satisfies StoreKind[]) {
  test(`${kind} -> what a restart then finds`, async () => {
    const directory = await makeStore(kind)
    const { store, tail, pageFile, layout } = await stateOf(directory)
    const engine = await Engine.open(copyOf(directory))
    const { recovery } = engine
    await engine.close()
    assert.is(store?.checkpointLSN, recovery.checkpointLSN)
    assert.is(store?.redoLSN, kind === 'store' ? tail.endLSN : recovery.redoLSN)
    assert.is(store?.dirtyPages, recovery.analysis.dirtyPages)
    assert.is(store?.transactions.length, recovery.analysis.losers)
    assert.is(store?.transactions.length, kind === 'store' ? 0 : 1)
    assert.is(store?.work.analysisRecords, recovery.analysis.records)
    assert.is(store?.work.undoRecords, recovery.undo.records)
    assert.is(tail.endLSN, recovery.log.keptTo)
    assert.is(tail.closedCleanly, recovery.log.closedCleanly)
    assert.is(layout.oldestLSN, recovery.log.keptFrom)
    assert.is(pageFile?.pageBytes, 4096)
  })
}

test('killed store -> the text names transaction, dirty pages, holder and estimate', async () => {
  const { status, stdout } = await stat(await makeStore('killed-store'))
  assert.is(status, 0)
  for (const expected of [
    /^identity +[0-9a-f]{32}, a store, format 1$/m,
    /^open +by nobody$/m,
    /^master record, slot [01] +whole, sequence \d+, holds$/m,
    /^segments +\d+ live, \d+ ahead, \d+ to be used again; 64\.0 KiB each/m,
    /^ended +not closed; nothing stands behind the end$/m,
    /^oldest LSN +48 \(42\.\d KiB before the end\)$/m,
    /^running transactions +1\n +first LSN (\d+), last \1, undo next \1,/m,
    /^dirty pages +6, the oldest since LSN \d+$/m,
    /^log held by +nobody but the last checkpoint itself.*39\.\d KiB below are needed by neither/m,
    /^restart \(estimate\) +about 1\d\d ms/m,
  ]) {
    assert.match(stdout, expected)
  }
})

test('--full -> every incarnation that is in the log, and what it cut off', async () => {
  const directory = await makeStore('killed-log')
  const { layout, records } = await readLog(directory)
  flipLog(layout, (records.at(-1)?.lsn ?? 0) + recordHeader.bytes + 9)
  const torn = await stat(directory)
  assert.is(torn.status, 0)
  assert.match(torn.stdout, /^ended +not closed; 3,0\d\d bytes behind the end were never ack/m)
  const copyTo = ['--copy-to', join(temporaryDirectory(), 'copy')]
  assert.is((await runSeawall('verify', directory, '--repair', ...copyTo)).status, 0)
  const cheap = await stateOf(directory)
  assert.equal(
    cheap.incarnations.map(({ incarnation }) => incarnation),
    [2],
  )
  const { incarnations, readFromLSN } = await stateOf(directory, '--full')
  assert.is(readFromLSN, 0)
  assert.equal(
    incarnations.map(({ incarnation, cutBytes }) => [incarnation, cutBytes > 3000]),
    [
      [1, false],
      [2, true],
    ],
  )
  const { stdout } = await stat(directory, '--full')
  assert.match(stdout, /read +the whole log, \d+ records/)
  assert.match(stdout, /2 at LSN \d+, opened 20\d\d-.*cut off 3,0\d\d bytes of a torn tail/)
})

const damaged: [string, StoreKind, (directory: string) => unknown, RegExp][] = [
  [
    'a slot of the master record',
    'log',
    (directory) => flipMasterSlot(directory, 0),
    /slot 0 +not whole: .*\n.*slot 1 +whole, sequence 7, holds/,
  ],
  [
    'both slots',
    'killed-store',
    (directory) => [0, 1].forEach((slot) => flipMasterSlot(directory, slot)),
    /restart +the master record, which names the checkpoint, is damaged/,
  ],
  [
    'a record that was durable',
    'killed-store',
    async (directory) => {
      const { layout, records } = await readLog(directory)
      flipLog(layout, (records.at(-5)?.lsn ?? 0) + recordHeader.bytes + 2)
    },
    /^ended +damaged: an open refuses it/m,
  ],
  [
    'the data file',
    'store',
    (directory) => flip(join(directory, 'pages'), 13),
    /restart +the data file, its header, or a checkpoint is damaged or missing/,
  ],
]

for (const [name, kind, damage, expected] of damaged) {
  test(`damaged: ${name} -> it is said, the rest is shown, exit code 1`, async () => {
    const directory = await makeStore(kind)
    await damage(directory)
    const { status, stdout, stderr } = await stat(directory)
    assert.is(status, 1, stderr)
    assert.match(stdout, expected)
    assert.match(stdout, /^identity +[0-9a-f]{32}/m)
  })
}

test('directory that is no log -> a sentence and exit code 2', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'notes.txt'), 'x')
  const { status, stdout, stderr } = await stat(directory)
  assert.is(status, 2)
  assert.is(stdout, '')
  assert.match(stderr, /^seawall: .* not a Seawall log.*\n$/)
})

test.run()
