// Damage to the log itself.
import { copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { masterRecord, recordHeader } from '../../../lib/format/layout.ts'
import type { ScannedRecord } from '../../../lib/inspection/survey/survey-types.ts'
import { editMaster, flipLog, flipMasterSlot, flipSegmentHeader, forgeRecord } from './damage.ts'
import { type DamageCase, middle, segment } from './damage-case.ts'

const nothing = (): void => {}

export const logCases: readonly DamageCase[] = [
  { name: 'a log', kind: 'log', damage: nothing, found: [], status: 0 },
  { name: 'a killed log', kind: 'killed-log', damage: nothing, found: [], status: 0 },
  { name: 'a store', kind: 'store', damage: nothing, found: [], status: 0 },
  { name: 'a killed store', kind: 'killed-store', damage: nothing, found: [], status: 0 },
  { name: 'a store with images', kind: 'imaged-store', damage: nothing, found: [], status: 0 },
  {
    name: 'byte in a record header',
    kind: 'log',
    damage: ({ layout, records }) => flipLog(layout, middle(records).lsn + recordHeader.type),
    found: ['log-gap'],
    status: 1,
  },
  {
    name: 'byte in a record body',
    kind: 'log',
    damage: ({ layout, records }) => flipLog(layout, middle(records).lsn + recordHeader.bytes + 9),
    found: ['record-damaged'],
    status: 1,
  },
  {
    name: 'byte in the first record',
    kind: 'log',
    damage: ({ layout }) => flipLog(layout, 4),
    found: ['log-gap'],
    status: 1,
  },
  {
    name: 'byte in the last record of a closed log',
    kind: 'log',
    damage: ({ layout, records }) =>
      flipLog(layout, (records.at(-1)?.lsn ?? 0) + recordHeader.bytes + 9),
    found: ['record-damaged'],
    status: 1,
  },
  {
    name: 'byte in a record behind the promise of the master record, before others',
    kind: 'killed-log',
    damage: ({ layout, records }) =>
      flipLog(layout, (records.at(-5)?.lsn ?? 0) + recordHeader.bytes + 9),
    found: ['log-end-damaged', 'record-damaged'],
    status: 1,
  },
  {
    name: 'byte in the last record of a killed log',
    kind: 'killed-log',
    damage: ({ layout, records }) =>
      flipLog(layout, (records.at(-1)?.lsn ?? 0) + recordHeader.bytes + 9),
    found: ['torn-tail'],
    status: 0,
  },
  ...[0, 1].map((slot): DamageCase => ({
    name: `byte in slot ${slot} of the master record`,
    kind: 'log',
    damage: ({ directory }) => flipMasterSlot(directory, slot),
    // The newer one says that the log was closed; without it the end is searched for.
    found: ['master-slot-damaged'],
    status: 1,
  })),
  {
    name: 'bytes in both slots of the master record',
    kind: 'log',
    damage: ({ directory }) => [0, 1].forEach((slot) => flipMasterSlot(directory, slot)),
    found: ['master-damaged', 'log-end-damaged'],
    status: 1,
  },
  {
    name: 'master record of an earlier moment',
    kind: 'log',
    damage: ({ directory, records }) =>
      editMaster(directory, (view) => {
        view.setBigUint64(masterRecord.promiseLSN, BigInt(middle(records).lsn), true)
      }),
    found: ['log-end-damaged'],
    status: 1,
  },
  {
    name: 'byte in a segment header',
    kind: 'log',
    damage: (subject) => flipSegmentHeader(segment(subject, 1)),
    found: ['segment-damaged'],
    status: 1,
  },
  {
    name: 'segment removed',
    kind: 'log',
    damage: (subject) => rmSync(segment(subject, 1)),
    // Without it the log cannot be opened.
    found: ['segment-missing', 'log-end-damaged', 'log-gap'],
    status: 1,
  },
  {
    name: 'segment truncated',
    kind: 'log',
    damage: (subject) => truncateSync(segment(subject, 1), 20_000),
    found: ['segment-damaged', 'log-gap'],
    status: 1,
  },
  {
    name: 'two segments swapped',
    kind: 'log',
    damage: (subject) => {
      const [first, second] = [segment(subject, 1), segment(subject, 2)]
      renameSync(first, `${first}-x`)
      renameSync(second, first)
      renameSync(`${first}-x`, second)
    },
    found: ['segment-damaged', 'log-gap', 'record-damaged'],
    status: 1,
  },
  {
    name: 'segment of another log',
    kind: 'log',
    damage: async (subject) => {
      const other = await subject.other('killed-log')
      const name = segment(subject, 1).slice(subject.directory.length)
      copyFileSync(join(other, name), segment(subject, 1))
    },
    found: ['segment-damaged', 'log-gap'],
    status: 1,
  },
  {
    name: 'files that do not belong, and unfinished ones',
    kind: 'log',
    damage: ({ directory }) => {
      for (const name of ['notes.txt', 'master.tmp', 'wal/5.tmp', 'wal/notes']) {
        writeFileSync(join(directory, name), 'x')
      }
    },
    found: ['leftover-file', 'foreign-file'],
    status: 0,
  },
  {
    name: 'promise of what was not there yet',
    kind: 'log',
    damage: ({ layout, records }) => {
      // A later promise first, so that the next record's goes back.
      const record = records[150] as ScannedRecord
      forgeRecord(layout, record, (header) =>
        header.setUint32(recordHeader.promiseDistance, 0, true),
      )
      const next = records[151] as ScannedRecord
      forgeRecord(layout, next, (header) =>
        header.setUint32(recordHeader.promiseDistance, 1000, true),
      )
    },
    found: ['promise-broken'],
    status: 1,
  },
]
