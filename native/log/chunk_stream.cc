#include "log/chunk_stream.h"

#include <algorithm>
#include <cstring>

#include "base/align.h"
#include "base/bytes.h"

namespace seawall {

namespace {

// A scan that stops after one record should not read a megabyte; one that goes on should.
constexpr uint64_t kFirstChunkBytes = uint64_t{64} << 10;
// Room before a chunk for the rest of the one before it. A longer rest is put together in a buffer
// of its own.
constexpr uint64_t kHeadroomBytesMax = uint64_t{64} << 10;
constexpr uint8_t kUnreadableByte = 0xFF;
// Below, fresh memory costs less than keeping it.
constexpr size_t kReusedBytesMin = size_t{512} << 10;

}  // namespace

struct ChunkStream::Read {
  Lsn lsn = 0;     // first wanted byte
  Lsn end = 0;     // first byte not wanted
  Lsn io_lsn = 0;  // lsn, rounded down to a block
  uint64_t io_bytes = 0;
  std::shared_ptr<File> file;
  std::shared_ptr<uint8_t> buffer;  // headroom, then io_bytes
  uint64_t headroom_bytes = 0;
  bool done = false;
  Status status;

  uint8_t* io_data() { return buffer.get() + headroom_bytes; }
  uint8_t* wanted() { return io_data() + (lsn - io_lsn); }
};

ChunkStream::ChunkStream(SegmentFiles* segments, std::unique_ptr<IoQueue> queue, Lsn start,
                         uint64_t read_bytes_max, Unreadable unreadable)
    : segments_(segments),
      queue_(std::move(queue)),
      unreadable_(unreadable),
      chunk_bytes_max_(read_bytes_max),
      headroom_bytes_(std::min(kHeadroomBytesMax, read_bytes_max)),
      full_buffers_(std::make_shared<ChunkBuffers>(headroom_bytes_ + read_bytes_max)),
      next_read_(start),
      chunk_bytes_(std::min(kFirstChunkBytes, read_bytes_max)) {
  SEAWALL_ASSERT(read_bytes_max > 0 && read_bytes_max % segments->geometry().block_bytes == 0);
  window_.lsn = start;
}

ChunkStream::~ChunkStream() {
  IoCompletion completions[8];
  while (in_flight_ > 0) {
    const size_t count = queue_->Wait(completions, 8);
    SEAWALL_ASSERT(count > 0 && count <= in_flight_);
    in_flight_ -= count;
  }
}

// Chunks of full size come one after the other; what is smaller stands at the beginning of a scan,
// which may be over soon.
std::shared_ptr<uint8_t> ChunkStream::NewBuffer(size_t bytes) {
  const size_t full_bytes = headroom_bytes_ + chunk_bytes_max_;
  if (full_bytes >= kReusedBytesMin && bytes > full_bytes / 2 && bytes <= full_bytes)
    return full_buffers_->Take();
  return AlignedBuffer(bytes, segments_->storage()->alignment().memory_bytes).Share();
}

Status ChunkStream::SubmitOne(Lsn limit) {
  const LogGeometry& geometry = segments_->geometry();
  auto read = std::make_unique<Read>();
  const uint64_t segment = geometry.SegmentOf(next_read_);
  read->lsn = next_read_;
  read->io_lsn = geometry.BlockStart(next_read_);
  read->end = std::min({read->io_lsn + chunk_bytes_, geometry.EndOf(segment), limit});
  // No further than needed: behind the end a power cut may have left what cannot be read.
  read->io_bytes =
      AlignUp(read->end - read->io_lsn, segments_->storage()->alignment().offset_bytes);
  SEAWALL_RETURN_IF_ERROR(segments_->Get(segment, &read->file));
  // The data behind the headroom stays aligned: both are whole blocks.
  read->headroom_bytes = headroom_bytes_;
  read->buffer = NewBuffer(headroom_bytes_ + read->io_bytes);
  queue_->SubmitRead(read->file.get(), geometry.FileOffsetOf(read->io_lsn), read->io_data(),
                     read->io_bytes, reinterpret_cast<uint64_t>(read.get()));
  in_flight_ += 1;
  next_read_ = read->end;
  chunk_bytes_ = std::min(2 * chunk_bytes_, chunk_bytes_max_);
  reads_.push_back(std::move(read));
  return Status::Ok();
}

void ChunkStream::SubmitAhead(Lsn limit) {
  submit_status_ = Status::Ok();
  while (next_read_ < limit && reads_.size() < queue_->capacity() && submit_status_.ok()) {
    submit_status_ = SubmitOne(limit);
  }
}

Status ChunkStream::AwaitFront() {
  Read* front = reads_.front().get();
  while (!front->done) {
    IoCompletion completion;
    const size_t count = queue_->Wait(&completion, 1);
    SEAWALL_ASSERT(count == 1 && in_flight_ > 0);
    in_flight_ -= 1;
    auto* read = reinterpret_cast<Read*>(completion.tag);
    read->done = true;
    read->status = std::move(completion.status);
  }
  if (front->status.ok()) return Status::Ok();
  if (unreadable_ == Unreadable::kReplace) return ReadSectorBySector(front);
  return front->status;
}

// A drive that cannot read one sector fails the whole read; the sectors around it are still good,
// also those of the same block: a rewritten tail has acknowledged bytes before the new ones.
Status ChunkStream::ReadSectorBySector(Read* read) {
  const uint64_t offset = segments_->geometry().FileOffsetOf(read->io_lsn);
  const uint32_t sector_bytes = segments_->storage()->alignment().offset_bytes;
  for (uint64_t at = 0; at < read->io_bytes; at += sector_bytes) {
    Status status = read->file->ReadAt(offset + at, read->io_data() + at, sector_bytes);
    if (status.ok()) continue;
    if (!status.IsLostBytes()) return status;
    std::memset(read->io_data() + at, kUnreadableByte, sector_bytes);
    unreadable_sectors_ += 1;
  }
  read->status = Status::Ok();
  return Status::Ok();
}

Status ChunkStream::Advance(Lsn from, Lsn limit) {
  SubmitAhead(limit);
  if (reads_.empty()) {
    SEAWALL_RETURN_IF_ERROR(submit_status_);
    DropBefore(from);
    return Status::Ok();
  }
  SEAWALL_RETURN_IF_ERROR(AwaitFront());
  DropBefore(from);
  std::unique_ptr<Read> read = std::move(reads_.front());
  reads_.pop_front();
  SEAWALL_ASSERT(read->lsn == window_.end());
  const size_t rest_bytes = window_.bytes;
  const size_t chunk_bytes = read->end - read->lsn;
  const size_t room = headroom_bytes_ + (read->lsn - read->io_lsn);
  std::shared_ptr<uint8_t> joined;
  uint8_t* data = nullptr;
  if (rest_bytes <= room) {
    data = read->wanted() - rest_bytes;
    joined = std::move(read->buffer);
  } else {
    joined = NewBuffer(rest_bytes + chunk_bytes);
    data = joined.get();
    CopyBytes(data + rest_bytes, read->wanted(), chunk_bytes);
  }
  CopyBytes(data, window_.data, rest_bytes);
  buffer_ = std::move(joined);
  window_.data = data;
  window_.bytes = rest_bytes + chunk_bytes;
  return Status::Ok();
}

void ChunkStream::DropBefore(Lsn from) {
  SEAWALL_ASSERT(from >= window_.lsn && from <= window_.end());
  const size_t dropped = from - window_.lsn;
  window_.data += dropped;
  window_.bytes -= dropped;
  window_.lsn = from;
}

std::shared_ptr<uint8_t> ChunkStream::TakeBuffer(Lsn from) {
  DropBefore(from);
  std::shared_ptr<uint8_t> taken = std::move(buffer_);
  buffer_ = NewBuffer(window_.bytes);
  CopyBytes(buffer_.get(), window_.data, window_.bytes);
  window_.data = buffer_.get();
  return taken;
}

}  // namespace seawall
