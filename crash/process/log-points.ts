// Where a log is killed: every step of docs/RECOVERY.md that has a before and an after on disk.
import { inTheMiddleOfWork, type NamedPoint, pointsAt } from './named-point.ts'

const segment = 'wal/*.wal'
const unnamedSegment = 'wal/*.tmp'
const recovering = { before: inTheMiddleOfWork }
// Records that wait in memory until there is a large batch of them: more than one write.
const largeBatch = { options: { bufferBytes: 64 * 1024, writerDelayMs: 50 } }

const creation: NamedPoint[] = [
  ...pointsAt('opening', 'create', 'master.tmp', [
    ['new log: the file for the master record', 'after'],
  ]),
  ...pointsAt('opening', 'write', 'master.tmp', [['new log: half a master record', 'middle']]),
  ...pointsAt('opening', 'rename', 'master', [
    ['new log: before the master record has its name', 'before'],
    ['new log: the master record has its name, which is not durable', 'after'],
  ]),
  ...pointsAt('opening', 'create', 'wal', [['new log: an empty folder of segments', 'after']]),
  ...pointsAt('opening', 'allocate', unnamedSegment, [
    ['new log: a segment without zeros', 'after'],
  ]),
  ...pointsAt('opening', 'write', unnamedSegment, [
    ['new log: half a segment of zeros', 'middle'],
    ['new log: half a segment header', 'middle', 2],
  ]),
  ...pointsAt('opening', 'rename', segment, [['new log: the first segment has its name', 'after']]),
  ...pointsAt('opening', 'write', 'master', [['new log: half of the first incarnation', 'middle']]),
  ...pointsAt('opening', 'durableWrite', segment, [
    ['new log: half of the first record', 'middle'],
  ]),
].map((point) => ({ ...point, isNew: true }))

const batches: NamedPoint[] = [
  ...pointsAt('running', 'durableWrite', segment, [
    ['before a log write', 'before', 10],
    ['half a log write', 'middle', 10],
    ['a log write is under way', 'during', 10],
    ['a log write is done and nobody knows', 'after', 10],
  ]),
  ...pointsAt(
    'running',
    'write',
    segment,
    [
      ['before the second write of a batch', 'before', 2],
      ['half of the second write of a batch', 'middle', 2],
      ['writes of a batch are under way', 'during', 2],
      ['after a log write, before its sync', 'after', 2],
    ],
    largeBatch,
  ),
  ...pointsAt(
    'running',
    'sync',
    segment,
    [
      ['all writes of a batch are done, before its sync', 'before'],
      ['the sync of a batch is under way', 'during'],
      ['after the sync of a batch', 'after'],
    ],
    largeBatch,
  ),
]

const rotation: NamedPoint[] = [
  ...pointsAt('running', 'create', unnamedSegment, [['next segment: an empty file', 'after']]),
  ...pointsAt('running', 'allocate', unnamedSegment, [['next segment: space, no zeros', 'after']]),
  ...pointsAt('running', 'write', unnamedSegment, [['next segment: half a write', 'middle']]),
  ...pointsAt('running', 'sync', unnamedSegment, [
    ['next segment: before the sync of its header', 'before'],
    ['next segment: after the sync of its header', 'after'],
  ]),
  ...pointsAt('running', 'rename', segment, [
    ['next segment: before it has its name', 'before'],
    ['next segment: it has its name, before the directory sync', 'after'],
  ]),
  ...pointsAt('running', 'syncDirectory', 'wal', [
    ['next segment: after the directory sync, before the master record', 'after'],
  ]),
  ...pointsAt('running', 'write', 'master', [
    ['before the master record', 'before'],
    ['half a master record', 'middle'],
    ['after the master record, before its sync', 'after'],
  ]),
  ...pointsAt('running', 'sync', 'master', [['after the sync of the master record', 'after']]),
  ...pointsAt('running', 'rename', unnamedSegment, [
    ['a segment to be used again has lost its name', 'after'],
  ]),
  ...pointsAt('running', 'open', unnamedSegment, [
    ['a segment to be used again still has its old header', 'after'],
  ]),
  ...pointsAt('running', 'remove', segment, [
    ['before a segment too many is removed', 'before'],
    ['a segment too many is removed, before the directory sync', 'after'],
  ]),
]

const ending: NamedPoint[] = [
  ...pointsAt('closing', 'write', 'master', [
    ['closing: before the master record says so', 'before'],
    ['closing: half a master record', 'middle'],
    ['closing: the master record says so, before its sync', 'after'],
  ]),
  ...pointsAt('closing', 'sync', 'master', [['closing: all is done but the exit', 'after']]),
]

const recovery: NamedPoint[] = [
  ...pointsAt('opening', 'lock', 'LOCK', [['recovery: it has the lock', 'after']], recovering),
  ...pointsAt('opening', 'sync', 'master', [['recovery: the master record is synced', 'after']]),
  ...pointsAt('opening', 'sync', segment, [
    ['recovery: before the sync of the tail', 'before'],
    ['recovery: after the sync of the tail', 'after'],
  ]),
  ...pointsAt('opening', 'read', segment, [['recovery: while it scans', 'after', 2]]),
  ...pointsAt(
    'opening',
    'remove',
    unnamedSegment,
    [['recovery: a segment without a name is removed', 'after']],
    {
      before: { arming: 'running', operation: 'rename', path: segment, moment: 'before', count: 1 },
    },
  ),
  ...pointsAt(
    'opening',
    'write',
    'master',
    [
      ['recovery: before the new incarnation', 'before'],
      ['recovery: half of the new incarnation', 'middle'],
      ['recovery: the new incarnation in one slot, before its sync', 'after'],
      ['recovery: half of the second slot', 'middle', 2],
      ['recovery: the new incarnation in both slots', 'after', 2],
    ],
    recovering,
  ),
  ...pointsAt(
    'opening',
    'durableWrite',
    segment,
    [
      ['recovery: before the incarnation record', 'before'],
      ['recovery: half of the incarnation record', 'middle'],
      ['recovery: after the incarnation record', 'after'],
    ],
    recovering,
  ),
  // In the recovery of a recovery: nothing else happens before them.
  ...pointsAt('opening', 'durableWrite', segment, [
    ['recovery of a recovery: half of the incarnation record', 'middle'],
    ['third recovery: after the incarnation record', 'after'],
  ]),
  ...pointsAt('opening', 'write', 'master', [['fourth recovery: half of the master', 'middle']]),
]

export const logPoints: readonly NamedPoint[] = [
  ...creation,
  ...batches,
  ...rotation,
  ...ending,
  ...recovery,
]
