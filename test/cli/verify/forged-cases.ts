// Records of a store whose checksums are right, and which no engine should have written.
import {
  compensationBody,
  masterRecord,
  recordBeginCheckpoint,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordEndCheckpoint,
  recordHeader,
  recordUpdate,
  transactionBody,
  updateBody,
} from '../../../lib/format/layout.ts'
import type { ScannedRecord } from '../../../lib/inspection/survey/survey-types.ts'
import { editMaster, flipLog, forgeRecord } from './damage.ts'
import { type DamageCase, middle, ofType, type Subject } from './damage-case.ts'

function forgeMiddle(
  subject: Subject,
  type: number,
  edit: (header: DataView, body: DataView) => void,
): void {
  forgeRecord(subject.layout, middle(ofType(subject, type)), edit)
}

export const forgedCases: readonly DamageCase[] = [
  {
    name: 'byte in the end record of the last checkpoint',
    kind: 'killed-store',
    damage: (subject) => {
      const end = ofType(subject, recordEndCheckpoint).at(-1)
      flipLog(subject.layout, (end?.lsn ?? 0) + recordHeader.bytes)
    },
    found: ['record-damaged'],
    status: 1,
  },
  {
    name: 'master record that names no checkpoint',
    kind: 'killed-store',
    damage: (subject) => {
      const { lsn } = middle(ofType(subject, recordUpdate))
      editMaster(subject.directory, (view) => {
        view.setBigUint64(masterRecord.checkpointLSN, BigInt(lsn), true)
      })
    },
    found: ['checkpoint-missing'],
    status: 1,
  },
  {
    name: 'checkpoint without its end',
    kind: 'killed-store',
    damage: (subject) => {
      const end = ofType(subject, recordEndCheckpoint).at(-1) as ScannedRecord
      // Becomes the end of a checkpoint that is not the master record's.
      forgeRecord(subject.layout, end, (_, body) => body.setBigUint64(0, 48n, true))
    },
    found: ['checkpoint-missing', 'checkpoint-contradiction'],
    status: 1,
  },
  {
    name: 'checkpoint that names a transaction that had ended',
    kind: 'killed-store',
    damage: (subject) => {
      // The commit before the checkpoint becomes a record that says nothing of the transaction.
      const commit = ofType(subject, recordCommit)
        .filter(({ lsn }) => lsn < (ofType(subject, recordBeginCheckpoint).at(-1)?.lsn ?? 0))
        .at(-1) as ScannedRecord
      forgeRecord(subject.layout, commit, (header, body) => {
        header.setUint16(recordHeader.type, recordBeginCheckpoint, true)
        body.setBigUint64(0, 0n, true)
      })
    },
    found: ['checkpoint-contradiction'],
    status: 1,
  },
  {
    name: 'prevLSN that leads elsewhere',
    kind: 'store',
    damage: (subject) =>
      forgeMiddle(subject, recordCommit, (_, body) => {
        const at = transactionBody.prevLSN
        body.setBigUint64(at, body.getBigUint64(at, true) - 8n, true)
      }),
    found: ['chain-broken'],
    status: 1,
  },
  {
    name: 'record of a transaction that has ended',
    kind: 'store',
    damage: (subject) => {
      const [first, second] = ofType(subject, recordCommit).slice(-9) as [
        ScannedRecord,
        ScannedRecord,
      ]
      const transaction = first.body.slice()
      forgeRecord(subject.layout, second, (_, body) => {
        for (const [i, byte] of transaction.entries()) body.setUint8(i, byte)
      })
    },
    // The one that lost its commit never ends, and the checkpoint knows better.
    found: ['chain-broken', 'checkpoint-contradiction'],
    status: 1,
  },
  {
    name: 'undoNextLSN that leads forward',
    kind: 'store',
    damage: (subject) => {
      const clr = ofType(subject, recordCompensation).at(-1) as ScannedRecord
      forgeRecord(subject.layout, clr, (_, body) =>
        body.setBigUint64(compensationBody.undoNextLSN, BigInt(clr.lsn), true),
      )
    },
    found: ['chain-broken'],
    status: 1,
  },
  {
    name: 'end of a transaction that is not undone',
    kind: 'store',
    damage: (subject) =>
      forgeMiddle(subject, recordCommit, (header) =>
        header.setUint16(recordHeader.type, recordEnd, true),
      ),
    found: ['chain-broken'],
    status: 1,
  },
  {
    name: 'operation that nobody has',
    kind: 'store',
    damage: (subject) =>
      forgeMiddle(subject, recordUpdate, (_, body) =>
        body.setUint16(updateBody.operation, 63, true),
      ),
    found: ['operation-unknown'],
    status: 1,
  },
  {
    name: 'record of a type that no engine writes',
    kind: 'store',
    damage: (subject) =>
      forgeMiddle(subject, recordUpdate, (header) => header.setUint16(recordHeader.type, 99, true)),
    found: ['record-undecodable'],
    status: 1,
  },
  {
    name: 'page that the data file does not have',
    kind: 'store',
    damage: (subject) =>
      forgeMiddle(subject, recordUpdate, (_, body) =>
        body.setUint32(updateBody.pageId, 100_000, true),
      ),
    found: ['page-beyond-file'],
    status: 1,
  },
]
