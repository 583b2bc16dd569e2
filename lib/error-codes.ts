// GENERATED from native/base/status_codes.def by scripts/generate.mjs. Do not edit.

/** What happened and what to do, by code. */
export const errorCodes = {
  ERR_SEAWALL_INVALID_ARGUMENT: {
    what: 'an argument has the wrong type or value',
    remedy: 'fix the call; the log is unchanged',
  },
  ERR_SEAWALL_INVALID_OPTION: {
    what: 'an option is unknown, has the wrong type, or is out of range',
    remedy: 'fix the options; nothing was opened or created',
  },
  ERR_SEAWALL_RECORD_TOO_LARGE: {
    what: 'the record body is larger than maxRecordBytes',
    remedy: 'split the record or open the log with a larger maxRecordBytes; nothing was appended',
  },
  ERR_SEAWALL_LSN_OUT_OF_RANGE: {
    what: 'the LSN is not the start of a record in the readable range',
    remedy: 'use LSNs that append, commit or read returned',
  },
  ERR_SEAWALL_LSN_TRUNCATED: {
    what: 'the LSN is below oldestLSN: its records were removed by truncateBefore',
    remedy: 'start again from oldestLSN',
  },
  ERR_SEAWALL_UNKNOWN_PAGE: {
    what: 'the page does not exist: it lies beyond the end of the data file, or was never allocated or was freed',
    remedy: 'use page numbers that allocatePage returned',
  },
  ERR_SEAWALL_OUTSIDE_PAGE: {
    what: 'a change reaches beyond the body of the page',
    remedy: 'keep offset and length within page.body; nothing was changed',
  },
  ERR_SEAWALL_PAGE_FULL: {
    what: 'the page has no room for the record',
    remedy: 'use another page, or split this one; nothing was changed',
  },
  ERR_SEAWALL_UNKNOWN_SLOT: {
    what: 'there is no record in this slot of the page',
    remedy: 'use slots that insert returned; nothing was changed',
  },
  ERR_SEAWALL_NOT_LOCKED: {
    what: 'the transaction does not hold an exclusive lock that covers this change',
    remedy: 'take the page or the key with mode X first; nothing was changed',
  },
  ERR_SEAWALL_CLOSED: {
    what: 'the log is closed',
    remedy: 'open it again',
  },
  ERR_SEAWALL_POISONED: {
    what: 'something failed earlier, so nothing more can be promised',
    remedy: 'look at the cause, then close and open the log again: recovery decides what is durable',
  },
  ERR_SEAWALL_READ_ONLY: {
    what: 'the log was opened with readOnly',
    remedy: 'open it without readOnly to append',
  },
  ERR_SEAWALL_ABORTED: {
    what: 'the AbortSignal of this wait was aborted; what was appended stays appended',
    remedy: 'nothing, or wait again',
  },
  ERR_SEAWALL_TRANSACTION_ENDED: {
    what: 'the transaction has ended, or is being committed or rolled back',
    remedy: 'begin a new transaction',
  },
  ERR_SEAWALL_TRANSACTION_TIMEOUT: {
    what: 'the transaction took longer than timeoutMs and is rolled back',
    remedy: 'try again with less work in it, or raise timeoutMs',
  },
  ERR_SEAWALL_DEADLOCK: {
    what: 'transactions wait for each other\'s locks, and this one was chosen to give way',
    remedy: 'roll back and run the transaction again',
  },
  ERR_SEAWALL_LOCK_TIMEOUT: {
    what: 'a lock was not granted within lockTimeoutMs',
    remedy: 'roll back and run the transaction again, or raise lockTimeoutMs',
  },
  ERR_SEAWALL_BUFFER_POOL_FULL: {
    what: 'every page in memory is pinned by a running transaction',
    remedy: 'release pages that are done with, run fewer transactions at once, or raise bufferPoolBytes',
  },
  ERR_SEAWALL_LOCKED: {
    what: 'another process or another handle has this directory open',
    remedy: 'close the other one; a killed process can hold it for a moment longer',
  },
  ERR_SEAWALL_NOT_FOUND: {
    what: 'the directory, or a log in it, does not exist',
    remedy: 'check the path; a log is created only when it is opened for writing',
  },
  ERR_SEAWALL_PERMISSION: {
    what: 'the operating system refused access',
    remedy: 'check owner and mode of the directory and its files',
  },
  ERR_SEAWALL_NO_SPACE: {
    what: 'the file system or quota is full',
    remedy: 'free space or truncate the log; what was accepted before stays safe',
  },
  ERR_SEAWALL_LOG_FULL: {
    what: 'appending would take the log over maxLogBytes',
    remedy: 'truncate the log with truncateBefore, or raise maxLogBytes',
  },
  ERR_SEAWALL_LSN_EXHAUSTED: {
    what: 'the log has used all LSNs that a JavaScript number can hold exactly',
    remedy: 'start a new log',
  },
  ERR_SEAWALL_IO_URING_UNAVAILABLE: {
    what: 'backend \'io_uring\' was asked for, but the kernel or a sandbox forbids it or this build lacks it',
    remedy: 'use backend \'auto\' or \'threads\', or allow io_uring (sysctl kernel.io_uring_disabled, seccomp)',
  },
  ERR_SEAWALL_DIRECT_IO_UNAVAILABLE: {
    what: 'directIO \'require\' was asked for, but the file system refuses O_DIRECT',
    remedy: 'use directIO \'auto\' or another file system',
  },
  ERR_SEAWALL_IO: {
    what: 'a read, write or sync failed, or ended short',
    remedy: 'look at errno, syscall and path; check the drive',
  },
  ERR_SEAWALL_BINDING_UNAVAILABLE: {
    what: 'the native addon could not be loaded',
    remedy: 'install a prebuilt package for this platform or build it from source',
  },
  ERR_SEAWALL_NOT_A_LOG: {
    what: 'the directory holds files that are not a Seawall log',
    remedy: 'open another directory; nothing was changed',
  },
  ERR_SEAWALL_UNSUPPORTED_FORMAT: {
    what: 'the log was written by a newer version or with another byte order',
    remedy: 'open it with the version that wrote it; nothing was changed',
  },
  ERR_SEAWALL_OPTION_MISMATCH: {
    what: 'an option differs from what the log was created with',
    remedy: 'leave the option out or give the stored value',
  },
  ERR_SEAWALL_CORRUPT_LOG: {
    what: 'bytes that were durable are damaged or missing',
    remedy: 'restore from a copy; nothing was cut and nothing was changed',
  },
  ERR_SEAWALL_LOG_MISMATCH: {
    what: 'files of different logs, or of different ages of one log, are mixed',
    remedy: 'restore all files of the directory from the same moment',
  },
  ERR_SEAWALL_NOT_A_STORE: {
    what: 'the directory holds a log, but not the log of a page store',
    remedy: 'open it with Log.open, or open another directory; nothing was changed',
  },
  ERR_SEAWALL_CORRUPT_STORE: {
    what: 'the data file, its header, or a checkpoint is damaged or missing',
    remedy: 'restore from a copy; no page was changed',
  },
  ERR_SEAWALL_DAMAGED_PAGE: {
    what: 'the page is damaged and there is nothing to repair it from',
    remedy: 'restore the store from a copy; the other pages stay readable',
  },
  ERR_SEAWALL_PAGE_AHEAD_OF_LOG: {
    what: 'the page was changed by a record beyond the end of the log: the log is older than the data file',
    remedy: 'restore log and data file from the same moment',
  },
  ERR_SEAWALL_UNKNOWN_OPERATION: {
    what: 'no operation with this number is registered, or it cannot be undone',
    remedy: 'pass the operation to Engine.open; nothing was changed',
  },
  ERR_SEAWALL_OPERATION_FAILED: {
    what: 'redo or undo of an operation threw, or wrote outside its page',
    remedy: 'correct the operation; its record and everything behind it is kept',
  },
  ERR_SEAWALL_REDO_MISMATCH: {
    what: 'redo of an operation gave another page than the change itself did',
    remedy: 'make the operation depend on the page and its payload only',
  },
} as const

/** What kind of failure it is: a name that never changes its meaning. */
export type ErrorCode = keyof typeof errorCodes
