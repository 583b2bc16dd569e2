// Goal: every view of every kind of log is right and bounded, says what a log cannot show, and never
// changes the log.
// Method: real servers on real directories; views are compared with each other.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, Log } from '../../lib/index.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { crashedStore, damageLog, plainLog, sampleOptions, stampsOf } from './sample-stores.ts'
import { ask, endAll, indexed, inspect, type Json, post } from './served.ts'

test.after.each(endAll)

test('a store -> every view answers, and they agree with each other', async () => {
  const inspector = await inspect(await crashedStore(51))
  const index = await indexed(inspector)
  const summary = await ask(inspector, 'summary')
  assert.ok(summary.isStore)
  assert.is(summary.use.state, 'closed')
  assert.is(summary.tail.endLSN, index.toLSN)
  assert.is(index.running, 3)
  const records = await ask(inspector, `records?from=${index.fromLSN}&count=50`)
  assert.is(records.rows.length, 50)
  assert.is(records.rows[0].lsn, index.fromLSN)
  assert.not(records.hasBefore)
  const further = await ask(inspector, `records?from=${records.nextLSN}&count=50`)
  const back = await ask(inspector, `records?before=${further.rows[0].lsn}&count=50`)
  assert.equal(back.rows, records.rows)
  const last = await ask(inspector, 'records?before=9007199254740991&count=1')
  assert.is(last.rows[0].nextLSN, index.toLSN)
  assert.is(last.nextLSN, undefined)
  // The inside of a record leads to it.
  const [row] = further.rows
  assert.equal((await ask(inspector, `records?from=${row.lsn + 8}&count=1`)).rows, [row])
  const record = await ask(inspector, `record?lsn=${row.lsn}`)
  assert.is(record.value.lsn, row.lsn)
  assert.is(record.typeName, row.typeName)
  assert.is(Buffer.from(record.body, 'base64').length, record.value.bodyBytes)
  const window = await ask(inspector, `window?from=${index.fromLSN}&to=${index.toLSN}`)
  assert.is(window.lanes.lanes.length, index.committed + index.rolledBack + index.running)
  const near = await ask(inspector, `window?from=${row.lsn}&to=${row.lsn + 2000}`)
  assert.is(near.blocks[0].lsn, row.lsn)
  const tables = await ask(inspector, 'tables')
  assert.is(tables.transactionCount, 3)
  const pages = await ask(inspector, 'pages?first=1&count=100')
  const dirty = pages.rows.filter((each: Json) => each.recLSN !== undefined)
  assert.is(dirty.length, tables.pageCount)
  const page = await ask(inspector, `page?id=${dirty[0].pageId}`)
  assert.is(Number(page.header.pageLSN), dirty[0].pageLSN)
  assert.is(Buffer.from(page.bytes, 'base64').length, 4096)
  const restart = await ask(inspector, 'restart?step=0')
  assert.is(restart.steps[0].phase, 'analysis')
  for (;;) {
    const { isComplete, counts } = await ask(inspector, 'restart-summary')
    if (isComplete === true) {
      assert.is(counts.end, 3)
      break
    }
  }
  const end = await ask(inspector, 'restart?step=999999999')
  assert.is(end.steps.at(-1).action, 'end')
})

test('what an answer holds -> bounded, whatever is asked for', async () => {
  const inspector = await inspect(await crashedStore(52))
  const { fromLSN, toLSN } = await indexed(inspector)
  const most = await ask(inspector, `records?from=${fromLSN}&count=500`)
  assert.is(most.rows.length, 500)
  const bad = [
    ...[
      'records?count=501',
      'records?count=-1',
      'records?from=x',
      'records?from=1e9',
      'record',
      'record?lsn=',
    ],
    ...[
      'record?lsn=99999999999999999999',
      'page',
      'page?id=4294967296',
      'pages?count=501',
      'window',
      'window?from=0',
    ],
    ...['restart?step=-1', 'restart?step=0x10', 'tables?lsn=%20', 'window?from=NaN&to=3'],
  ]
  for (const view of bad) {
    const response = await fetch(`${inspector.address}api/${view}`)
    const { code, message } = (await response.json()) as Json
    assert.is(response.status, 400, view)
    assert.is(code, 'ERR_SEAWALL_INVALID_ARGUMENT', view)
    assert.ok(message.length > 20)
  }
  assert.equal((await ask(inspector, `window?from=0&to=9007199254740991`)).to, toLSN)
  assert.equal((await ask(inspector, `window?from=${toLSN}&to=${fromLSN}`)).blocks, [])
})

test('what is not there -> a sentence', async () => {
  const inspector = await inspect(await crashedStore(53))
  const { fromLSN, toLSN } = await indexed(inspector)
  const sentences: Record<string, RegExp> = {
    [`record?lsn=${fromLSN + 4}`]: /^No record begins at LSN \d+\.$/,
    [`record?lsn=${fromLSN - 8}`]: /has been let go/,
    [`record?lsn=${toLSN}`]: /^The log ends at LSN/,
    'page?id=0': /header of the data file/,
    'page?id=100000': /^There is no page 100000: the last one is \d+\.$/,
  }
  for (const [view, sentence] of Object.entries(sentences)) {
    assert.match((await ask(inspector, view)).lacking, sentence)
  }
})

test('a plain log -> records, and sentences about what only a store has', async () => {
  const inspector = await inspect(await plainLog())
  const { records } = await indexed(inspector)
  assert.is(records, 401)
  assert.is((await ask(inspector, 'records?count=500')).rows.length, 401)
  for (const view of [
    'tables?lsn=100',
    'pages',
    'restart?step=0',
    'restart-summary',
    'page?id=1',
  ]) {
    assert.match((await ask(inspector, view)).lacking, /^A plain log /, view)
  }
  assert.is((await ask(inspector, 'window?from=0&to=10000')).lanes, undefined)
})

test('a damaged log -> what is left, and where the damage is', async () => {
  const directory = await crashedStore(54)
  const lsn = await damageLog(directory)
  const inspector = await inspect(directory)
  const { problems } = await indexed(inspector)
  assert.equal(
    problems.map((each: Json) => each.lsn),
    [lsn],
  )
  const { rows } = await ask(inspector, `records?from=${lsn}&count=2`)
  assert.is(rows[0].what, 'damage')
  assert.is(rows[1].what, 'record')
  assert.match(
    (await ask(inspector, `record?lsn=${lsn}`)).lacking,
    /No record can be read from LSN/,
  )
  assert.ok((await ask(inspector, `window?from=${lsn - 500}&to=${lsn + 500}`)).blocks.length > 0)
  assert.is((await ask(inspector, 'tables')).transactionCount, 3)
})

test('a log that an open refuses -> it is looked into all the same; why there is no restart', async () => {
  const directory = await crashedStore(55)
  const whole = await inspect(directory)
  const { toLSN } = await indexed(whole)
  // Both slots are lost: an open has nothing to begin from.
  writeFileSync(join(directory, 'master'), Buffer.alloc(8192, 0x55))
  const inspector = await inspect(directory)
  const summary = await ask(inspector, 'summary')
  assert.is(summary.layout.master, undefined)
  assert.is(summary.tail.verdict, 'damaged')
  const index = await indexed(inspector)
  assert.ok(index.records > 1000)
  assert.match((await ask(inspector, 'restart-summary')).lacking, /An open refuses this store/)
  assert.ok((await ask(inspector, `records?before=${toLSN}&count=3`)).rows.length > 0)
  for (const view of [
    'pages',
    'tables',
    'summary',
    'records',
    `window?from=${toLSN - 1000}&to=${toLSN}`,
  ]) {
    await ask(inspector, view)
  }
})

test('an empty log -> every view answers', async () => {
  const directory = temporaryDirectory()
  await (await Log.open(directory)).close()
  const inspector = await inspect(directory)
  await indexed(inspector)
  for (const view of [
    'summary',
    'records',
    'window?from=0&to=100',
    'tables',
    'pages',
    'restart',
    'record?lsn=0',
  ]) {
    await ask(inspector, view)
  }
})

test('a log in use -> looking again shows what has been written', async () => {
  const directory = temporaryDirectory()
  const log = await Log.open(directory, { segmentBytes: 256 * 1024 })
  await log.commit(Buffer.from('one'))
  const inspector = await inspect(directory)
  assert.is((await ask(inspector, 'summary')).use.state, 'writer')
  assert.is((await indexed(inspector)).records, 2)
  for (let i = 0; i < 5; i++) await log.commit(Buffer.from(`more ${i}`))
  assert.is((await indexed(inspector)).records, 2)
  // While others ask; all of them are answered.
  const asking = Array.from({ length: 20 }, () => ask(inspector, 'records'))
  assert.is((await post(inspector, 'api/refresh', '{}')).status, 200)
  await Promise.all(asking)
  assert.is((await indexed(inspector)).records, 7)
  await log.close()
})

test('the directory is gone when it is looked at again -> an error, and what is known of it stays', async () => {
  const directory = await plainLog(20)
  const inspector = await inspect(directory)
  await indexed(inspector)
  rmSync(directory, { recursive: true })
  const response = await post(inspector, 'api/refresh', '{}')
  assert.is(response.status, 404)
  assert.is(((await response.json()) as Json).code, 'ERR_SEAWALL_NOT_FOUND')
  assert.is((await ask(inspector, 'summary')).directory, directory)
  assert.is((await ask(inspector, 'index')).records, 21)
})

test('everything was asked for -> not a byte and not a time in the directory has changed', async () => {
  const directory = await crashedStore(56)
  const before = stampsOf(directory)
  const inspector = await inspect(directory)
  const { toLSN } = await indexed(inspector)
  const views = [
    'records',
    'tables',
    'pages?count=500',
    'page?id=2',
    'restart?step=99',
    'restart-summary',
  ]
  for (const view of [...views, `window?from=0&to=${toLSN}`]) await ask(inspector, view)
  await post(inspector, 'api/refresh', '{}')
  await indexed(inspector)
  await inspector.close()
  assert.equal(stampsOf(directory), before)
  // It is a store like any other, and nobody holds it.
  const engine = await Engine.open(directory, sampleOptions)
  assert.is(engine.recovery.analysis.losers, 3)
  await engine.close()
})

test('no restart and no index wait for each other -> many requests at a time, all right', async () => {
  const inspector = await inspect(await crashedStore(57))
  const views = [
    'restart?step=300',
    'pages?first=1',
    'page?id=3',
    'records',
    'tables',
    'restart-summary',
    'index',
  ]
  const asked = Array.from({ length: 120 }, (_, i) =>
    ask(inspector, views[i % views.length] as string),
  )
  await Promise.all(asked)
})

test.run()
