import { expression, type Mutant, statement } from './mutant.ts'

const header = 'native/format/record_header.cc'
const recovery = 'native/log/recovery.cc'
const opening = 'native/log/log_open.cc'

/** Bugs of the way back: which bytes are believed, and where the log ends. */
export const nativeRecovery: readonly Mutant[] = [
  {
    name: 'stale-incarnation-accepted',
    bug: 'records that an earlier recovery had cut off are accepted behind the end',
    killedBy: ['L1-log'],
    edits: [
      statement(
        'native/log/fragment_sequence.cc',
        'if (header.incarnation < incarnation_min_) return FragmentVerdict::kStaleIncarnation;',
        '',
      ),
      statement(
        'native/log/fragment_sequence.cc',
        'if (header.incarnation < incarnation_) return FragmentVerdict::kStaleIncarnation;',
        '',
      ),
    ],
  },
  {
    name: 'incarnation-not-renewed',
    bug: 'an open goes on under the number of the one before, so the cut tail stays valid',
    killedBy: ['L1-log'],
    edits: [
      expression(
        opening,
        '(options_.read_only ? 0 : 1)',
        '(options_.read_only || fields.incarnation > 0 ? 0 : 1)',
      ),
    ],
  },
  {
    name: 'checksum-without-lsn',
    bug: 'the checksum of a header does not say where the record belongs',
    killedBy: ['L1-log'],
    edits: [
      expression(
        header,
        'Crc32cExtend(header_seed, &lsn, sizeof(lsn))',
        '(static_cast<void>(lsn), header_seed)',
      ),
    ],
  },
  {
    name: 'checksum-without-body',
    bug: 'a record counts as whole when its header is',
    killedBy: ['L1-log'],
    edits: [
      expression(
        header,
        'header.body_crc == Crc32c(body, header.record_bytes - kRecordHeaderBytes)',
        '(static_cast<void>(body), true)',
      ),
    ],
  },
  {
    name: 'recovery-trusts-the-cache',
    bug: 'recovery believes what it reads without syncing it first: a power cut can take it back',
    killedBy: ['L1-log'],
    edits: [statement(recovery, 'SEAWALL_RETURN_IF_ERROR(recovery.SyncTail());', '')],
  },
  {
    name: 'log-ends-with-its-segment',
    bug: 'the end of a segment file counts as the end of the log',
    killedBy: ['L1-log'],
    edits: [
      expression(
        recovery,
        'geometry.EndOf(last_segment_)',
        'geometry.EndOf(geometry.SegmentOf(master_.promise_lsn))',
      ),
    ],
  },
  {
    name: 'log-cut-at-the-promise',
    bug: 'recovery keeps what the master record promises and cuts what the scan found behind it',
    killedBy: ['L1-log'],
    edits: [
      statement(
        recovery,
        'report->end_lsn = outcome.end_lsn;',
        'report->end_lsn = master_.promise_lsn;',
      ),
    ],
  },
  {
    name: 'half-a-record-kept',
    bug: 'the log ends behind the last whole fragment, not behind the last whole record',
    killedBy: ['L1-log'],
    edits: [
      statement(
        'native/log/tail_decision.cc',
        'outcome.end_lsn = findings.end_lsn;',
        'outcome.end_lsn = findings.stop_lsn;',
      ),
    ],
  },
  {
    name: 'tail-block-not-loaded',
    bug: 'the first batch after an open writes zeros over the records before it in its block',
    killedBy: ['L1-log', 'L4'],
    edits: [statement(opening, 'SEAWALL_RETURN_IF_ERROR(LoadTailBlock(report.end_lsn));', '')],
  },
  {
    name: 'no-look-ahead',
    bug: 'damage in the middle of the log is taken for a torn tail and cut',
    killedBy: ['L1-log'],
    edits: [statement(recovery, 'if (!ended_in_order) SEAWALL_RETURN_IF_ERROR(LookAhead());', '')],
  },
  {
    name: 'no-promise',
    bug: 'records promise nothing, so damage below them cannot be told from a torn tail',
    killedBy: ['L1-log'],
    edits: [
      expression(
        header,
        '(lsn - durable_lsn) / layout::record_alignment_bytes',
        'lsn / layout::record_alignment_bytes',
      ),
    ],
  },
  {
    name: 'no-idle-mark',
    bug: 'the last batch before a pause is never promised',
    killedBy: ['L1-log'],
    edits: [expression('native/log/log.cc', '!IdleMarkIsDue()', 'true')],
  },
]
