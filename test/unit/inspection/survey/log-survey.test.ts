// Goal: LogSurvey shows what stands in a directory - pieces put together, pages with their condition - and changes nothing.
// Method: real logs and stores in temporary directories; damage by hand; native/log/log_survey has its own tests.
import { createHash } from 'node:crypto'
import { openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, Log, type LSN } from '../../../../lib/index.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import type {
  ScannedItem,
  ScannedRecord,
  ScanOptions,
} from '../../../../lib/inspection/survey/survey-types.ts'
import { expectError } from '../../../support/expect-error.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'

const mib = 1024 * 1024

async function scan(survey: LogSurvey, options?: ScanOptions): Promise<ScannedItem[]> {
  const all: ScannedItem[] = []
  for await (const items of survey.scan(options)) all.push(...items)
  return all
}

function records(items: readonly ScannedItem[]): ScannedRecord[] {
  return items.filter((item) => item.what === 'record').filter((item) => item.sort === 'record')
}

async function logWith(bodies: readonly Uint8Array[]): Promise<{ path: string; lsns: LSN[] }> {
  const path = temporaryDirectory()
  await using log = await Log.open(path, { segmentBytes: mib })
  const lsns: LSN[] = []
  for (const body of bodies) lsns.push(await log.commit(body, { type: 7 }))
  return { path, lsns }
}

function overwrite(path: string, offset: number, bytes: Uint8Array): void {
  writeSync(openSync(path, 'r+'), bytes, 0, bytes.length, offset)
}

function fingerprint(path: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    const info = statSync(join(path, name))
    hash.update(`${name} ${info.size} ${info.mtimeMs} ${info.ctimeMs}`)
    if (info.isFile()) hash.update(readFileSync(join(path, name)))
  }
  return hash.digest('hex')
}

test('a record in several pieces -> one record with its whole body, or as much as is wanted', async () => {
  const body = Buffer.alloc(9 * mib, 'seawall ')
  const { path, lsns } = await logWith([Buffer.from('before'), body, Buffer.from('behind')])
  await using survey = await LogSurvey.open(path)
  const found = records(await scan(survey))
  assert.equal(
    found.map(({ lsn, type, bodyBytes, pieces }) => ({ lsn, type, bodyBytes, pieces })),
    [
      { lsn: lsns[0], type: 7, bodyBytes: 6, pieces: 1 },
      { lsn: lsns[1], type: 7, bodyBytes: body.length, pieces: 3 },
      { lsn: lsns[2], type: 7, bodyBytes: 6, pieces: 1 },
    ],
  )
  assert.ok(body.equals(found[1]?.body as Uint8Array))
  const short = records(await scan(survey, { bodyBytesMax: 5 * mib + 3 }))
  assert.ok(body.subarray(0, 5 * mib + 3).equals(short[1]?.body as Uint8Array))
  assert.is(short[1]?.bodyBytes, body.length)
  const none = records(await scan(survey, { bodyBytesMax: 0 }))
  assert.equal(
    none.map((record) => record.body.length),
    [0, 0, 0],
  )
})

test('pieces that are missing -> the record is shown with what is wrong', async () => {
  const { path, lsns } = await logWith([Buffer.alloc(9 * mib, 1), Buffer.from('behind')])
  const [lsn = 0] = lsns
  const payload = mib - 4096
  // The header of the second piece, 4 MiB and a header behind the first.
  const second = lsn + 24 + 4 * mib
  const segment = Math.floor(second / payload)
  const file = join(path, 'wal', `${String(segment).padStart(20, '0')}.wal`)
  overwrite(file, 4096 + (second % payload), new Uint8Array(24).fill(0xff))
  await using survey = await LogSurvey.open(path)
  const found = records(await scan(survey))
  assert.equal(
    found.map(({ problem, pieces }) => ({ problem, pieces })),
    [
      { problem: 'its last pieces are missing', pieces: 1 },
      { problem: 'its first pieces are missing', pieces: 1 },
      { problem: undefined, pieces: 1 },
    ],
  )
  assert.is((await survey.tail()).verdict, 'clean')
})

test('from and to -> what begins between them, whole', async () => {
  const { path, lsns } = await logWith(Array.from({ length: 50 }, (_, i) => Buffer.alloc(100, i)))
  await using survey = await LogSurvey.open(path)
  const between = records(await scan(survey, { from: lsns[10] as LSN, to: lsns[20] as LSN }))
  assert.equal(
    between.map((record) => record.lsn),
    lsns.slice(10, 20),
  )
  const { path: long, lsns: longLSNs } = await logWith([Buffer.alloc(9 * mib, 1), Buffer.from('b')])
  await using inside = await LogSurvey.open(long)
  const whole = records(await scan(inside, { to: ((longLSNs[0] as LSN) + 1) as LSN }))
  assert.equal(
    whole.map(({ bodyBytes, problem }) => ({ bodyBytes, problem })),
    [{ bodyBytes: 9 * mib, problem: undefined }],
  )
  const [gap, first] = await scan(survey, { from: ((lsns[10] as LSN) + 1) as LSN })
  assert.is(gap?.what === 'gap' && gap.isAtStart, true)
  assert.is(first?.lsn, lsns[11])
})

test('a log in use -> seen without its lock; the writer goes on', async () => {
  const path = temporaryDirectory()
  await using log = await Log.open(path)
  for (let i = 0; i < 20; i++) {
    const lsn = await log.commit(Buffer.from(`record ${i}`))
    await using survey = await LogSurvey.open(path)
    assert.is(records(await scan(survey)).at(-1)?.lsn, lsn)
    const { verdict, endLSN } = await survey.tail()
    assert.is(verdict, 'clean')
    assert.is(endLSN, log.flushedLSN)
  }
})

test('pages -> their condition, pageLSN and bytes', async () => {
  const path = temporaryDirectory()
  const ids: number[] = []
  {
    await using engine = await Engine.open(path, { pageSize: 4096 })
    for (let i = 0; i < 8; i++) {
      ids.push(
        await engine.transaction(async (tx) => {
          const page = await tx.allocatePage()
          tx.write(page, 0, Buffer.from(`page ${i}`))
          return page.id
        }),
      )
    }
  }
  overwrite(join(path, 'pages'), (ids[2] as number) * 4096 + 2000, Buffer.from('x'))
  const other = readFileSync(join(path, 'pages'))
  const copied = other.subarray((ids[4] as number) * 4096, ((ids[4] as number) + 1) * 4096)
  overwrite(join(path, 'pages'), (ids[3] as number) * 4096, copied)
  await using survey = await LogSurvey.open(path)
  assert.is((await survey.pages(1, 1))[0]?.condition, 'valid')
  const file = await survey.pageFile()
  assert.is(file?.pageBytes, 4096)
  const pages = await survey.pages(1, (file?.pages ?? 0) - 1)
  const conditionOf = (i: number): string | undefined =>
    pages.find((page) => page.pageId === ids[i])?.condition
  assert.equal([0, 1, 2, 3, 4].map(conditionOf), [
    'valid',
    'valid',
    'damaged',
    'misplaced',
    'valid',
  ])
  const { endLSN } = await survey.tail()
  for (const page of pages) assert.ok(page.pageLSN < endLSN)
  const bytes = await survey.page(ids[0] as number)
  assert.is(bytes.length, 4096)
  assert.ok(Buffer.from(bytes).includes('page 0'))
})

test('looked at in every way -> not a byte and not a time has changed', async () => {
  const { path } = await logWith([Buffer.from('a'), Buffer.alloc(3 * mib)])
  truncateSync(join(path, 'master'), 65536)
  for (const damage of ['one slot', 'no master']) {
    const before = fingerprint(path)
    await using survey = await LogSurvey.open(path)
    await scan(survey)
    await survey.tail()
    assert.is(await survey.pageFile(), undefined, damage)
    assert.is(fingerprint(path), before, damage)
    truncateSync(join(path, 'master'), 0)
  }
})

test('what is no log, and what is closed -> a typed error', async () => {
  const { path } = await logWith([Buffer.from('a')])
  await expectError('ERR_SEAWALL_NOT_FOUND', () => LogSurvey.open(join(path, 'nothing')))
  await expectError('ERR_SEAWALL_NOT_A_LOG', () => LogSurvey.open(join(path, 'master')))
  await expectError('ERR_SEAWALL_NOT_FOUND', () => LogSurvey.open(temporaryDirectory()))
  await using plain = await LogSurvey.open(path)
  await expectError('ERR_SEAWALL_NOT_FOUND', () => plain.pages(1, 1))
  const survey = await LogSurvey.open(path)
  await survey.close()
  await survey.close()
  await expectError('ERR_SEAWALL_CLOSED', () => survey.tail())
  await expectError('ERR_SEAWALL_CLOSED', () => scan(survey))
})

test('closed while it is scanned -> the scan comes to its end', async () => {
  const { path } = await logWith([Buffer.alloc(9 * mib)])
  const survey = await LogSurvey.open(path)
  let items = 0
  for await (const batch of survey.scan()) {
    items += batch.length
    await survey.close()
  }
  assert.ok(items >= 2)
})

test.run()
