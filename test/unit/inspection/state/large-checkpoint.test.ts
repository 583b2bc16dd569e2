// Goal: a checkpoint with millions of dirty pages is read whole, and one that is larger than what is read
// of a record is not called damaged.
// Method: the end record of a checkpoint made by hand, in a real log.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  checkpointEndBody,
  pageEntry,
  recordBeginCheckpoint,
  recordEndCheckpoint,
} from '../../../../lib/format/layout.ts'
import type { LSN } from '../../../../lib/format/lsn.ts'
import { Log } from '../../../../lib/index.ts'
import { EngineRecords } from '../../../../lib/inspection/verify/engine-records.ts'
import { Findings } from '../../../../lib/inspection/verify/finding.ts'
import { readCheckpoint } from '../../../../lib/inspection/state/last-checkpoint.ts'
import { LogSurvey } from '../../../../lib/inspection/survey/log-survey.ts'
import { PageHistory } from '../../../../lib/inspection/verify/page-history.ts'
import { PagesSeen } from '../../../../lib/inspection/verify/pages-seen.ts'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'

// More than 16 MiB.
const pages = 1_100_000

function endOfCheckpoint(beginLSN: LSN): Buffer {
  const body = Buffer.alloc(checkpointEndBody.bytes + pages * pageEntry.bytes)
  body.writeBigUInt64LE(BigInt(beginLSN), checkpointEndBody.beginLSN)
  body.writeUInt32LE(pages + 1, checkpointEndBody.filePages)
  body.writeUInt32LE(pages, checkpointEndBody.pageCount)
  for (let i = 0; i < pages; i++) {
    const at = checkpointEndBody.bytes + i * pageEntry.bytes
    body.writeUInt32LE(i + 1, at + pageEntry.pageId)
    body.writeBigUInt64LE(BigInt(beginLSN), at + pageEntry.recLSN)
  }
  return body
}

const directory = temporaryDirectory()
const log = await Log.open(directory)
const beginLSN = log.append(Buffer.alloc(8), { type: recordBeginCheckpoint })
await log.commit(endOfCheckpoint(beginLSN), { type: recordEndCheckpoint })
await log.close()

/** What the records say when of each body `bodyBytesMax` is read. */
async function checked(
  bodyBytesMax?: number,
): Promise<{ dirty: number | undefined; found: number }> {
  const findings = new Findings()
  const history = new PageHistory(new PagesSeen(undefined), beginLSN, new Set())
  const engine = new EngineRecords(findings, history, 0 as LSN, beginLSN)
  await using survey = await LogSurvey.open(directory)
  const { endLSN } = await survey.tail()
  const bodies = bodyBytesMax === undefined ? {} : { bodyBytesMax }
  for await (const batch of survey.scan({ to: endLSN, ...bodies })) {
    for (const item of batch) if (item.what === 'record') engine.take(item)
  }
  return { dirty: engine.end(endLSN)?.dirtyPages.size, found: findings.groups().length }
}

test('checkpoint of more than a million dirty pages -> read whole', async () => {
  assert.equal(await checked(), { dirty: pages, found: 0 })
  await using survey = await LogSurvey.open(directory)
  assert.is((await readCheckpoint(survey, beginLSN))?.pages.length, pages)
})

test('checkpoint larger than what is read of it -> not known, and no damage', async () => {
  assert.equal(await checked(1024 * 1024), { dirty: undefined, found: 0 })
})

test.run()
