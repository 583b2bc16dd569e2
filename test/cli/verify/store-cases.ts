// Damage to the pages of a store.
import { copyFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

import {
  doublewriteHeader,
  masterRecord,
  pageHeader,
  recordBeginCheckpoint,
  storeHeader,
} from '../../../lib/format/layout.ts'
import type { ScannedRecord } from '../../../lib/inspection/survey/survey-types.ts'
import { crc32c } from '../../../lib/rig/protocol/crc32c.ts'
import { editMaster, flip, readBytes, writeBytes } from './damage.ts'
import { type DamageCase, pageBytes, pages, type Subject } from './damage-case.ts'

export const storeCases: readonly DamageCase[] = [
  {
    name: 'byte in a page body',
    kind: 'store',
    damage: (subject) => flip(pages(subject), 14 * pageBytes + 500),
    found: ['page-damaged'],
    status: 1,
  },
  {
    name: 'byte in a page header',
    kind: 'store',
    damage: (subject) => flip(pages(subject), 15 * pageBytes + pageHeader.pageLSN),
    found: ['page-damaged'],
    status: 1,
  },
  {
    name: 'page in the place of another',
    kind: 'store',
    damage: (subject) =>
      writeBytes(
        pages(subject),
        6 * pageBytes,
        readBytes(pages(subject), 7 * pageBytes, pageBytes),
      ),
    found: ['page-damaged'],
    status: 1,
  },
  {
    name: 'page that was never written',
    kind: 'store',
    damage: (subject) => writeBytes(pages(subject), 6 * pageBytes, Buffer.alloc(pageBytes)),
    found: ['page-behind-log', 'allocation-contradiction'],
    status: 1,
  },
  {
    name: 'torn page with a whole copy in the doublewrite file',
    kind: 'killed-store',
    damage: (subject) => tearCopiedPage(subject),
    found: ['page-repairable'],
    status: 0,
  },
  {
    name: 'torn page, and the doublewrite file is damaged too',
    kind: 'killed-store',
    damage: (subject) => {
      tearCopiedPage(subject)
      flip(join(subject.directory, 'doublewrite'), doublewriteHeader.sequence)
    },
    found: ['page-damaged'],
    status: 1,
  },
  {
    name: 'byte in the doublewrite file alone',
    kind: 'killed-store',
    damage: ({ directory }) => flip(join(directory, 'doublewrite'), pageBytes + 100),
    found: [],
    status: 0,
  },
  {
    name: 'torn page with an image in the log',
    kind: 'imaged-store',
    damage: (subject) => flip(pages(subject), 2 * pageBytes + 500),
    found: ['page-repairable'],
    status: 0,
  },
  {
    name: 'torn page whose image is older than the checkpoint',
    kind: 'imaged-store',
    damage: (subject) => flip(pages(subject), 15 * pageBytes + 500),
    found: ['page-damaged'],
    status: 1,
  },
  {
    name: 'log of an earlier moment under newer pages',
    kind: 'killed-store',
    damage: (subject) => cutLog(subject),
    found: ['page-ahead-of-log'],
    status: 1,
  },
  {
    name: 'data file of an earlier moment',
    kind: 'killed-store',
    damage: (subject) => {
      // The same pages with an earlier pageLSN: a write that was lost.
      const page = readBytes(pages(subject), 3 * pageBytes, pageBytes)
      oldPage(subject, page)
      writeBytes(pages(subject), 3 * pageBytes, page)
    },
    found: ['page-behind-log'],
    status: 1,
  },
  {
    name: 'data file removed',
    kind: 'store',
    damage: (subject) => rmSync(pages(subject)),
    found: ['data-file-damaged'],
    status: 1,
  },
  {
    name: 'byte in the header of the data file',
    kind: 'store',
    damage: (subject) => flip(pages(subject), storeHeader.pageBytes),
    found: ['data-file-damaged'],
    status: 1,
  },
  {
    name: 'data file of another store',
    kind: 'store',
    damage: async (subject) =>
      copyFileSync(join(await subject.other('killed-store'), 'pages'), pages(subject)),
    found: ['data-file-damaged'],
    status: 1,
  },
  {
    name: 'data file truncated',
    kind: 'store',
    damage: (subject) => truncateSync(pages(subject), 8 * pageBytes),
    found: ['page-beyond-file'],
    status: 1,
  },
]

// Pages that the doublewrite file has copies of are those that were written last.
function tearCopiedPage(subject: Subject): void {
  const copied = readBytes(join(subject.directory, 'doublewrite'), doublewriteHeader.bytes, 4)
  flip(pages(subject), copied.readUInt32LE(0) * pageBytes + 3000)
}

/** The log ends where its second half begins, as it did then. */
function cutLog({ directory, layout, records }: Subject): void {
  const begin = records.filter(({ type }) => type === recordBeginCheckpoint)[1] as ScannedRecord
  const end = (records[records.indexOf(begin) + 1] as ScannedRecord).nextLSN
  const payloadBytes = layout.segmentBytes - layout.blockBytes
  for (const { path, number } of layout.segments) {
    const from = Math.max(0, end - number * payloadBytes)
    if (from < payloadBytes) {
      writeBytes(path, layout.blockBytes + from, Buffer.alloc(payloadBytes - from))
    }
  }
  editMaster(directory, (view) => {
    view.setBigUint64(masterRecord.promiseLSN, BigInt(end), true)
    view.setBigUint64(masterRecord.checkpointLSN, BigInt(begin.lsn), true)
  })
}

/** `page` as it was before its last change: only its pageLSN, as the checksum is what counts. */
function oldPage({ layout }: Subject, page: Buffer): void {
  page.writeBigUInt64LE(page.readBigUInt64LE(pageHeader.pageLSN) - 64n, pageHeader.pageLSN)
  const covered = Buffer.concat([Buffer.from(layout.logId, 'hex'), page.subarray(4)])
  page.writeUInt32LE(crc32c(covered), pageHeader.pageCrc)
}
