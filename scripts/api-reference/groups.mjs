// Where each exported name stands in docs/API.md, in the order in which a reader meets them.
export const groups = [
  {
    title: 'The log',
    names: ['Log', 'LogOptions', 'Durability', 'OpenProgress', 'RecoveryReport', 'LogEvents'],
  },
  { title: 'Appending', names: ['Body', 'AppendOptions', 'CommitOptions', 'LSN'] },
  { title: 'Reading', names: ['ReadOptions', 'LogScan', 'RecordBatch', 'LogRecord'] },
  {
    title: 'The engine',
    names: [
      'Engine',
      'EngineOptions',
      'TornPageProtection',
      'CheckpointReport',
      'CheckpointCause',
      'RestartReport',
      'DamagedPage',
      'RestartProgress',
      'RestartPhase',
    ],
  },
  {
    title: 'Transactions and locks',
    names: ['Transaction', 'TransactionOptions', 'Savepoint', 'LockMode'],
  },
  {
    title: 'Pages and records',
    names: ['Page', 'PageOptions', 'ChangeCoverage', 'SlottedRecords'],
  },
  {
    title: 'Operations of your own',
    names: ['Operation', 'Compensation', 'PageActions', 'UndoActions', 'PinnedPage'],
  },
  {
    title: 'Statistics',
    names: ['LogStats', 'EngineStats', 'BufferPoolStats', 'DurationStats'],
  },
  {
    title: 'Diagnostics channels',
    names: ['ChannelMessages', 'TraceMessages', 'TransactionOutcome'],
  },
  { title: 'Errors', names: ['SeawallError', 'ErrorCode'] },
  { title: 'Time', names: ['Clock', 'systemClock', 'Timer'] },
]

/** What an object of a class or interface is called in headings; its own name elsewhere. */
export const instanceNames = {
  Log: 'log',
  LogScan: 'scan',
  RecordBatch: 'batch',
  Engine: 'engine',
  Transaction: 'tx',
  Page: 'page',
  SlottedRecords: 'tx.records',
  Operation: 'operation',
  PageActions: 'actions',
  UndoActions: 'actions',
  PinnedPage: 'pinnedPage',
  Clock: 'clock',
  Timer: 'timer',
}
