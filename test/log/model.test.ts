// timeout: 240s
// Goal: any sequence of appends, commits, flushes, truncations, reads and reopens behaves like an array of records.
// Method: random sequences from a printed seed against that array; H50: scans never show what is not durable.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { Log, LSN } from '../../lib/index.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'
import { generator } from '../support/random.ts'

const seed = Number(process.env.SEAWALL_SEED ?? 20261121)

interface Entry {
  lsn: LSN
  type: number
  body: Buffer
}

async function check(log: Log, model: Entry[]): Promise<void> {
  const flushed = log.flushedLSN
  const durable = model.filter((entry) => entry.lsn < flushed)
  let i = 0
  for await (const { lsn, type, body } of log.read({ to: flushed })) {
    const expected = durable[i]
    assert.ok(expected !== undefined, `seed ${seed}: a record too many at ${lsn}`)
    assert.equal([lsn, type], [expected.lsn, expected.type], `seed ${seed}`)
    assert.is(Buffer.compare(body, expected.body), 0, `seed ${seed}`)
    i += 1
  }
  assert.is(i, durable.length, `seed ${seed}: records are missing`)
}

for (const padToBlock of [false, true]) {
  test(`H50 random use${padToBlock ? ' with padToBlock' : ''} -> the same records as an array`, async () => {
    console.log(`seed ${seed}`)
    const random = generator(seed)
    const directory = temporaryDirectory()
    let log = await openSmall({ padToBlock, writerDelayMs: 1 + random(5) }, directory)
    let model: Entry[] = []
    const body = (): Buffer => {
      const kind = random(20)
      const size = kind === 0 ? random(200_000) : kind < 4 ? random(9000) : random(300)
      return Buffer.alloc(size, random(256))
    }
    for (let step = 0; step < 1500; step++) {
      const entry = { type: random(65_536), body: body() }
      const options = { type: entry.type }
      const choice = random(100)
      if (choice < 40) model.push({ lsn: log.append(entry.body, options), ...entry })
      else if (choice < 60) model.push({ lsn: await log.commit(entry.body, options), ...entry })
      else if (choice < 65) model.push({ lsn: log.commitSync(entry.body, options), ...entry })
      else if (choice < 75) assert.ok((await log.flush()) > (model.at(-1)?.lsn ?? -1))
      else if (choice < 85 && model.length > 0) {
        const wanted = model[random(model.length)] as Entry
        const record = await log.get(wanted.lsn, { unflushed: true })
        assert.is(record.type, wanted.type, `seed ${seed}`)
        assert.is(Buffer.compare(record.body, wanted.body), 0, `seed ${seed}`)
      } else if (choice < 90 && model.length > 4) {
        await log.flush()
        const keep = random(model.length)
        await log.truncateBefore((model[keep] as Entry).lsn)
        model = model.slice(keep)
      } else if (choice < 96) await check(log, model)
      else if (choice < 98) {
        await log.close()
        log = await openSmall({ padToBlock }, directory)
        await check(log, model)
      }
    }
    await log.flush()
    await check(log, model)
    await log.close()
  })
}

test.run()
