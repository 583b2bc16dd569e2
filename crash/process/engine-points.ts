// Where an engine is killed, beside the points of its log.
import { inTheMiddleOfWork, type NamedPoint, pointsAt } from './named-point.ts'
import type { KillPoint } from './protocol.ts'

const segment = 'wal/*.wal'
const images = { options: { tornPages: 'fullPageImages' } }
const recovering = { before: inTheMiddleOfWork }
// A page of which half is in its place, and all of it in the doublewrite area.
const tornPage: KillPoint = {
  arming: 'running',
  operation: 'write',
  path: 'pages',
  moment: 'middle',
  count: 12,
}
const tornPageRepaired = /repaired [1-9]/
const losersUndone = /undone [1-9]/

const creation: NamedPoint[] = [
  ...pointsAt('opening', 'create', 'pages.tmp', [['new store: an empty data file', 'after']]),
  ...pointsAt('opening', 'rename', 'pages', [
    ['new store: before the data file has its name', 'before'],
    ['new store: the data file has its name', 'after'],
  ]),
  ...pointsAt('opening', 'create', 'doublewrite', [['new store: an empty copy area', 'after']]),
  ...pointsAt('opening', 'allocate', 'doublewrite', [
    ['new store: an unsynced copy area', 'after'],
  ]),
  ...pointsAt('opening', 'durableWrite', segment, [
    ['new store: half of the first checkpoint', 'middle', 2],
    ['new store: the first checkpoint is in the log only', 'after', 2],
  ]),
].map((point) => ({ ...point, isNew: true }))

const pages: NamedPoint[] = [
  ...pointsAt('running', 'allocate', 'pages', [
    ['before the data file grows', 'before'],
    ['the data file has grown', 'after'],
  ]),
  ...pointsAt('running', 'durableWrite', 'doublewrite', [
    ['before the doublewrite', 'before', 2],
    ['half a doublewrite', 'middle', 2],
    ['a doublewrite is under way', 'during', 2],
    ['between doublewrite and home write', 'after', 2],
  ]),
  ...pointsAt('running', 'write', 'pages', [['half a home write', 'middle', 12]], {
    leaves: tornPageRepaired,
  }),
  ...pointsAt('running', 'write', 'pages', [
    ['before a home write', 'before', 2],
    ['home writes are under way', 'during', 2],
    ['a home write is done, others are not', 'after', 2],
  ]),
  ...pointsAt('running', 'sync', 'pages', [
    ['all home writes are done, before their sync', 'before', 2],
    ['after the sync of the pages', 'after', 2],
  ]),
  ...pointsAt(
    'running',
    'write',
    'pages',
    [
      ['full page images: half a home write', 'middle', 3],
      ['full page images: a home write is done', 'after', 3],
    ],
    images,
  ),
]

const checkpoints: NamedPoint[] = [
  ...pointsAt('checkpoint', 'durableWrite', segment, [
    ['checkpoint: before its records', 'before'],
    ['checkpoint: half of its records', 'middle'],
    ['checkpoint: its records are in the log, before the master record', 'after'],
  ]),
  ...pointsAt('checkpoint', 'write', 'master', [
    ['checkpoint: half of the master record', 'middle'],
    ['checkpoint: the master record names it, before its sync', 'after'],
  ]),
  ...pointsAt('checkpoint', 'sync', 'master', [
    ['checkpoint: the master record names it, before the log is released', 'after'],
  ]),
]

const rollbacks: NamedPoint[] = pointsAt(
  'rollback',
  'durableWrite',
  segment,
  [
    ['rollback: before its compensations are in the log', 'before'],
    ['rollback: half of a write of compensations', 'middle'],
    ['rollback: compensations are in the log', 'after'],
  ],
  { leaves: losersUndone },
)

const restarts: NamedPoint[] = [
  ...pointsAt('opening', 'sync', 'pages', [['restart: the pages are synced', 'after']], recovering),
  ...pointsAt(
    'opening',
    'read',
    'doublewrite',
    [['restart: while it looks for torn pages', 'after']],
    recovering,
  ),
  ...pointsAt(
    'opening',
    'write',
    'pages',
    [
      ['restart: before a torn page is repaired', 'before'],
      ['restart: half of a repaired page', 'middle'],
    ],
    { before: tornPage, leaves: tornPageRepaired },
  ),
  ...pointsAt(
    'opening',
    'write',
    'pages',
    [['restart: a torn page is repaired, before the sync', 'after']],
    { before: tornPage },
  ),
  ...pointsAt('opening', 'sync', 'pages', [['restart: repaired pages are synced', 'after', 2]], {
    before: tornPage,
  }),
  ...pointsAt('opening', 'read', 'pages', [['restart: in redo', 'after', 6]], recovering),
  ...pointsAt(
    'opening',
    'durableWrite',
    segment,
    [
      ['restart: before compensations and checkpoint', 'before', 2],
      ['restart: half a write of compensations and checkpoint', 'middle', 2],
      ['restart: compensations and checkpoint are in the log', 'after', 2],
    ],
    recovering,
  ),
  ...pointsAt('opening', 'write', 'master', [
    ['second restart: half of its checkpoint in the master record', 'middle', 3],
    ['third restart: its checkpoint in the master record, before its sync', 'after', 3],
  ]),
  ...pointsAt(
    'opening',
    'remove',
    'doublewrite',
    [
      ['restart: before the copy area is removed', 'before'],
      ['restart: the copy area is removed, before the directory sync', 'after'],
    ],
    { ...images, ...recovering },
  ),
]

export const enginePoints: readonly NamedPoint[] = [
  ...creation,
  ...pages,
  ...checkpoints,
  ...rollbacks,
  ...restarts,
]
