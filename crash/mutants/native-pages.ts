import { expression, type Mutant, statement } from './mutant.ts'

const store = 'native/page/page_store.cc'
const doublewrite = 'native/page/doublewrite.cc'

/** Bugs of the page store: the WAL rule, torn pages, durable pages. */
export const nativePages: readonly Mutant[] = [
  {
    name: 'page-written-before-its-log',
    bug: 'the WAL rule is off: a page goes out before the records that changed it are durable',
    killedBy: ['L2'],
    edits: [statement(store, 'SEAWALL_RETURN_IF_ERROR(AwaitLog(*batch));', '')],
  },
  {
    name: 'pages-not-synced',
    bug: 'pages count as written without a sync',
    killedBy: ['L1-engine'],
    edits: [statement(store, 'SEAWALL_RETURN_IF_ERROR(file_->file()->Sync());', '')],
  },
  {
    name: 'pages-trusted-in-the-cache',
    bug: 'an open believes the pages that a killed process left, without syncing them first',
    killedBy: ['L2'],
    edits: [statement(store, 'SEAWALL_RETURN_IF_ERROR(file->file()->Sync());', '')],
  },
  {
    name: 'page-write-failure-forgotten',
    bug: 'a page that could not be written counts as written',
    killedBy: ['L3'],
    edits: [statement(store, 'if (first_failure.ok()) first_failure = completion.status;', '')],
  },
  {
    name: 'doublewrite-not-durable',
    bug: 'pages go to their places before their doublewrite copies are durable',
    killedBy: ['L1-engine'],
    edits: [expression(doublewrite, 'Durability::kDurable', 'Durability::kNone')],
  },
  {
    name: 'doublewrite-repair-skipped',
    bug: 'torn pages are not repaired from their copies',
    killedBy: ['L1-engine'],
    edits: [
      statement(
        store,
        `SEAWALL_RETURN_IF_ERROR(
      Doublewrite::Repair(storage, directory, log_id, file.get(), end_lsn, repaired));`,
        'repaired->clear();',
      ),
    ],
  },
  {
    name: 'page-checksum-ignored',
    bug: 'a torn page counts as a page',
    killedBy: ['L1-engine'],
    edits: [
      expression(
        'native/format/page_header.cc',
        'header.page_crc != ChecksumOf(page, page_bytes, seed)',
        'AllZero(page, page_bytes)',
      ),
    ],
  },
]

/** Bugs of the system calls, which only a real file system can show. */
export const nativeSystemCalls: readonly Mutant[] = [
  {
    name: 'fdatasync-deleted',
    bug: 'a sync is not one',
    killedBy: ['L5'],
    edits: [
      statement(
        'native/io/posix_file.cc',
        'if (fdatasync(descriptor_) != 0) return Status::FromErrno(errno, "fdatasync", path_);',
        '',
      ),
    ],
  },
  {
    name: 'dsync-flag-deleted',
    bug: 'a durable write is an ordinary one',
    killedBy: ['L5'],
    edits: [
      expression(
        'native/io/posix_file.cc',
        'durability == Durability::kDurable ? RWF_DSYNC : 0',
        '0',
      ),
    ],
  },
  {
    name: 'directory-fsync-deleted',
    bug: 'the sync of a directory is not one',
    killedBy: ['L5'],
    edits: [
      statement(
        'native/io/posix_storage.cc',
        'if (descriptor < 0) return Status::FromErrno(errno, "open", path);',
        `if (descriptor >= 0) close(descriptor);
         return Status::Ok();`,
      ),
    ],
  },
]
