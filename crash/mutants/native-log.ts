import { expression, type Mutant, statement } from './mutant.ts'

const writer = 'native/log/log_writer.cc'
const header = 'native/format/record_header.cc'
const segmentFiles = 'native/log/segment_files.cc'

const oneBatch =
  'SEAWALL_RETURN_IF_ERROR(one_durable_write ? WriteDurably(writes_.front()) : WriteThenSync());'
const writeOneBatch =
  'Status wrote = one_durable_write ? WriteDurably(writes_.front()) : WriteThenSync();'
const writeDurably =
  'return file->WriteAt(write.file_offset, slices, slice_count, Durability::kDurable);'
const submitDurably = `queue->SubmitWrite(files_.front().get(), write.file_offset, slices, slice_count,
                     Durability::kDurable, 0);`
const syncSegment = 'SEAWALL_RETURN_IF_ERROR(file->Sync());'

/** Bugs of the writer: what is durable when, and what an error means. */
export const nativeLogWriter: readonly Mutant[] = [
  {
    name: 'log-sync-deleted',
    bug: 'a batch of several writes is acknowledged without a sync',
    killedBy: ['L1-log'],
    edits: [statement(writer, syncSegment, '')],
  },
  {
    name: 'acknowledged-at-write-completion',
    bug: 'a lone write of the log is not a durable one: it is acknowledged when it is in the cache',
    killedBy: ['L1-log'],
    edits: [statement(writer, writeDurably, writeDurably.replace('kDurable', 'kNone'))],
  },
  {
    name: 'polled-batch-not-durable',
    bug: 'the same for a batch that the appending thread submits',
    killedBy: ['L1-log'],
    edits: [statement(writer, submitDurably, submitDurably.replace('kDurable', 'kNone'))],
  },
  {
    name: 'polled-batch-acknowledged-in-flight',
    bug: 'a batch of the appending thread counts as durable when it was submitted',
    killedBy: ['L1-log'],
    edits: [
      statement(writer, 'if (written.ok()) Advance();', ''),
      statement(writer, 'queue->Flush();', 'queue->Flush(); Advance();'),
    ],
  },
  {
    name: 'ring-end-not-carried-over',
    bug: 'the end of a record that passes the end of the ring is written from an older lap',
    killedBy: ['L2'],
    edits: [statement(writer, 'ring_->WrapAround(sealed_lsn_, stream_bytes);', '')],
  },
  {
    name: 'sync-before-write-completion',
    bug: 'the sync is issued while the writes that it should cover are still in flight',
    killedBy: ['L1-log'],
    edits: [
      expression(
        writer,
        'AwaitAll(in_flight)',
        `[&] {
          for (const std::shared_ptr<File>& early : files_) {
            Status synced = early->Sync();
            if (!synced.ok()) return synced;
          }
          files_.clear();
          return AwaitAll(in_flight);
        }()`,
      ),
    ],
  },
  {
    name: 'sync-failure-retried',
    bug: 'a failed sync is tried again, and the second one, which covers nothing, counts',
    killedBy: ['L3'],
    edits: [
      statement(
        writer,
        syncSegment,
        'if (!file->Sync().ok()) SEAWALL_RETURN_IF_ERROR(file->Sync());',
      ),
    ],
  },
  {
    name: 'only-eio-is-an-error',
    bug: 'a write of the log that fails with another errno than EIO counts as done',
    killedBy: ['L3'],
    edits: [
      statement(
        writer,
        oneBatch,
        `${writeOneBatch} constexpr int kEio = 5;
         if (wrote.sys_errno() == kEio) return wrote;`,
      ),
    ],
  },
  {
    name: 'short-write-is-success',
    bug: 'a write of the log that ended short counts as done',
    killedBy: ['L3'],
    edits: [
      statement(
        writer,
        oneBatch,
        `${writeOneBatch}
         if (!wrote.ok() && wrote.sys_errno() != 0) return wrote;`,
      ),
    ],
  },
  {
    name: 'poison-ignored',
    bug: 'after a failed write or sync the log goes on as if nothing had happened',
    killedBy: ['L3'],
    edits: [
      statement('native/log/log.cc', 'SEAWALL_ASSERT(!cause.ok());', 'return false;'),
      statement(
        writer,
        'SEAWALL_ASSERT(sealed_lsn_ == durable_lsn() && sealed_lsn_ < published);',
        'sealed_lsn_ = durable_lsn();',
      ),
    ],
  },
  {
    name: 'promise-of-what-is-not-durable',
    bug: 'a record promises everything below itself, also what is written in the same batch',
    killedBy: ['L1-log'],
    edits: [
      expression(
        header,
        '(lsn - durable_lsn) / layout::record_alignment_bytes',
        '(durable_lsn - durable_lsn) / layout::record_alignment_bytes',
      ),
    ],
  },
]

/** Bugs of files: names, headers, the master record. */
export const nativeLogFiles: readonly Mutant[] = [
  {
    name: 'no-directory-sync',
    bug: 'a new segment gets its name, and the directory is not synced',
    killedBy: ['L1-log'],
    edits: [expression(segmentFiles, 'storage_->SyncDirectory(directory_)', 'Status::Ok()')],
  },
  {
    name: 'segment-header-not-synced',
    bug: 'a segment is used before its header is durable',
    killedBy: ['L1-log'],
    edits: [statement(segmentFiles, 'return file->Sync();', 'return Status::Ok();')],
  },
  {
    name: 'segment-named-before-it-exists',
    bug: 'the master record names the next segment before the file is made',
    killedBy: ['L1-log'],
    edits: [
      statement(
        'native/log/segment_preparer.cc',
        'SEAWALL_RETURN_IF_ERROR(MakeFile(number));',
        `SEAWALL_RETURN_IF_ERROR(master_->Update(
             [&](MasterFields* fields) { fields->last_segment = number; }));
         SEAWALL_RETURN_IF_ERROR(MakeFile(number));`,
      ),
    ],
  },
  {
    name: 'master-not-synced',
    bug: 'the master record is written and not synced',
    killedBy: ['L1-log'],
    edits: [statement('native/log/master_file.cc', 'SEAWALL_RETURN_IF_ERROR(file_->Sync());', '')],
  },
  {
    name: 'single-master-slot',
    bug: 'the master record is written over itself instead of in turns',
    killedBy: ['L1-log'],
    edits: [expression('native/log/master_file.cc', '(sequence % 2)', 'uint64_t{0}')],
  },
  {
    name: 'segments-recycled-before-the-master-says-so',
    bug: 'segments are used again although the master record still counts them as the log',
    killedBy: ['L1-log'],
    edits: [statement('native/log/log_access.cc', 'fields->oldest_lsn = lsn;', '')],
  },
]
