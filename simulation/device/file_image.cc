#include "device/file_image.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace seawall::simulation {

namespace {

SectorSet SectorsOf(size_t begin, size_t end) {
  SectorSet sectors = 0;
  for (size_t i = begin / kSectorBytes; i * kSectorBytes < end; i++)
    sectors = static_cast<SectorSet>(sectors | 1u << i);
  return sectors;
}

// Reads bytes from slices as if they were one.
class SliceReader {
 public:
  SliceReader(const IoSlice* slices, int count) : slices_(slices), count_(count) {}

  // In place when they lie in one piece, otherwise through `copy`.
  const uint8_t* Take(size_t bytes, uint8_t* copy) {
    while (index_ < count_ && at_ == slices_[index_].bytes) Advance();
    const auto* data = static_cast<const uint8_t*>(slices_[index_].data) + at_;
    if (slices_[index_].bytes - at_ >= bytes) {
      at_ += bytes;
      return data;
    }
    for (size_t done = 0; done < bytes;) {
      const size_t piece = std::min(bytes - done, slices_[index_].bytes - at_);
      std::memcpy(copy + done, static_cast<const uint8_t*>(slices_[index_].data) + at_, piece);
      done += piece;
      at_ += piece;
      if (at_ == slices_[index_].bytes && done < bytes) Advance();
    }
    return copy;
  }

 private:
  void Advance() {
    index_ += 1;
    at_ = 0;
    SEAWALL_ASSERT(index_ < count_);
  }

  const IoSlice* const slices_;
  const int count_;
  int index_ = 0;
  size_t at_ = 0;
};

}  // namespace

DeviceWrite DeviceWrite::From(uint64_t offset, const IoSlice* slices, int slice_count) {
  DeviceWrite write;
  write.offset = offset;
  for (int i = 0; i < slice_count; i++) write.bytes += slices[i].bytes;
  SEAWALL_ASSERT(offset % kSectorBytes == 0 && write.bytes % kSectorBytes == 0);
  write.first_block = offset / kBlockBytes;
  write.blocks.reserve(write.bytes / kBlockBytes + 2);
  SliceReader reader(slices, slice_count);
  uint8_t copy[kBlockBytes];
  for (uint64_t at = offset; at < offset + write.bytes;) {
    const uint64_t begin = at % kBlockBytes;
    const uint64_t end = std::min<uint64_t>(kBlockBytes, begin + offset + write.bytes - at);
    const uint8_t* data = reader.Take(end - begin, copy);
    if (begin == 0 && end == kBlockBytes) {
      write.blocks.push_back({NewBlock(data), kAllSectors});
    } else {
      uint8_t block[kBlockBytes] = {};
      std::memcpy(block + begin, data, end - begin);
      write.blocks.push_back({NewBlock(block), SectorsOf(begin, end)});
    }
    at += end - begin;
  }
  return write;
}

DeviceWrite DeviceWrite::Prefix(uint64_t prefix_bytes) const {
  DeviceWrite prefix;
  prefix.offset = offset;
  prefix.bytes = std::min(prefix_bytes, bytes);
  prefix.first_block = first_block;
  const uint64_t end = offset + prefix.bytes;
  for (size_t i = 0; i < blocks.size(); i++) {
    const uint64_t block_start = (first_block + i) * kBlockBytes;
    if (block_start >= end) break;
    const SectorSet kept = SectorsOf(0, std::min<uint64_t>(kBlockBytes, end - block_start));
    prefix.blocks.push_back({blocks[i].data, static_cast<SectorSet>(blocks[i].sectors & kept)});
  }
  return prefix;
}

BlockState& FileImage::At(uint64_t block) {
  if (block >= blocks_.size()) blocks_.resize(block + 1);
  return blocks_[block];
}

bool FileImage::NeedsDecision(uint64_t offset, uint64_t bytes) const {
  const uint64_t end = std::min<uint64_t>(blocks_.size(), (offset + bytes - 1) / kBlockBytes + 1);
  for (uint64_t block = offset / kBlockBytes; block < end; block++)
    if (!blocks_[block].IsDecided()) return true;
  return false;
}

void FileImage::Decide(uint64_t offset, uint64_t bytes, const DeviceOptions& options,
                       Choices* choices) {
  if (bytes == 0) return;
  const uint64_t end = std::min<uint64_t>(blocks_.size(), (offset + bytes - 1) / kBlockBytes + 1);
  for (uint64_t block = offset / kBlockBytes; block < end; block++)
    if (!blocks_[block].IsDecided()) blocks_[block].Decide(options, choices);
}

Status FileImage::Read(uint64_t offset, uint8_t* data, size_t bytes,
                       const std::string& path) const {
  if (offset + bytes > bytes_)
    return Status::Error(Code::kIo, "read beyond the end").WithPath(path);
  for (size_t done = 0; done < bytes;) {
    const uint64_t block = (offset + done) / kBlockBytes;
    const size_t begin = (offset + done) % kBlockBytes;
    const size_t piece = std::min(bytes - done, kBlockBytes - begin);
    if (block >= blocks_.size()) {
      std::memset(data + done, 0, bytes - done);
      return Status::Ok();
    }
    const BlockPointer& content = blocks_[block].Newest();
    if ((UnreadableOf(content) & SectorsOf(begin, begin + piece)) != 0)
      return Status::FromErrno(ENODATA, "read", path);
    std::memcpy(data + done, BytesOf(content) + begin, piece);
    done += piece;
  }
  return Status::Ok();
}

void FileImage::ReadStale(uint64_t offset, uint8_t* data, size_t bytes) const {
  for (size_t done = 0; done < bytes;) {
    const uint64_t block = (offset + done) / kBlockBytes;
    const size_t begin = (offset + done) % kBlockBytes;
    const size_t piece = std::min(bytes - done, kBlockBytes - begin);
    const BlockPointer stale = block < blocks_.size() ? blocks_[block].previous : nullptr;
    std::memcpy(data + done, BytesOf(stale) + begin, piece);
    done += piece;
  }
}

void FileImage::Write(const DeviceWrite& write, Durability durability, uint64_t sequence,
                      const DeviceOptions& options, Choices* choices) {
  for (size_t i = 0; i < write.blocks.size(); i++) {
    const BlockWrite& part = write.blocks[i];
    const uint64_t number = write.first_block + i;
    // Zeros over nothing change nothing; new segments are mostly that.
    const bool is_zero = part.data == nullptr && !options.shows_recycled_blocks;
    if (is_zero && number >= blocks_.size()) continue;
    BlockState& block = At(number);
    if (is_zero && block.stable == nullptr && block.versions.empty()) continue;
    if (part.sectors != kAllSectors && !block.IsDecided()) block.Decide(options, choices);
    if (durability == Durability::kDurable) {
      block.WriteDurably(part.data, part.sectors);
    } else {
      block.Write(part.data, part.sectors, sequence);
    }
  }
  bytes_ = std::max(bytes_, write.offset + write.bytes);
  if (durability == Durability::kDurable)
    durable_bytes_ = std::max(durable_bytes_, write.offset + write.bytes);
}

void FileImage::Lose(uint64_t sequence) {
  for (BlockState& block : blocks_)
    if (!block.versions.empty()) block.Lose(sequence);
}

void FileImage::Sync(uint64_t sequence) {
  for (BlockState& block : blocks_)
    if (!block.versions.empty()) block.Sync(sequence);
  durable_bytes_ = bytes_;
}

void FileImage::SyncBlocksBelow(uint64_t end_block, uint64_t sequence) {
  for (size_t i = 0; i < blocks_.size() && i < end_block; i++) blocks_[i].Sync(sequence);
}

void FileImage::Resize(uint64_t bytes) {
  bytes_ = bytes;
  const uint64_t blocks = (bytes + kBlockBytes - 1) / kBlockBytes;
  if (blocks < blocks_.size()) blocks_.resize(blocks);
}

bool FileImage::has_versions() const {
  for (const BlockState& block : blocks_)
    if (!block.versions.empty()) return true;
  return false;
}

void FileImage::CutPower() {
  for (BlockState& block : blocks_) block.CutPower();
}

void FileImage::ShowRecycledBlocks(const FileImage& recycled) {
  for (size_t i = 0; i < blocks_.size() && i < recycled.blocks_.size(); i++) {
    BlockState& block = blocks_[i];
    if (block.versions.empty() || block.stable != nullptr) continue;
    block.versions.insert(block.versions.begin(), {recycled.blocks_[i].Newest(), 0});
    block.undecided += block.undecided > 0 ? 1 : 0;
  }
}

void FileImage::DecideSize(Choices* choices) {
  if (bytes_ != durable_bytes_ && choices->Pick(2, "file size") == 0) Resize(durable_bytes_);
  durable_bytes_ = bytes_;
}

bool FileImage::IsStable(uint64_t offset, uint64_t bytes) const {
  if (offset + bytes > std::min(bytes_, durable_bytes_)) return false;
  for (uint64_t at = offset; at < offset + bytes;) {
    const uint64_t block = at / kBlockBytes;
    const size_t begin = at % kBlockBytes;
    const size_t piece = std::min<uint64_t>(offset + bytes - at, kBlockBytes - begin);
    if (block < blocks_.size() && !blocks_[block].IsStable(begin, piece)) return false;
    at += piece;
  }
  return true;
}

const BlockPointer& FileImage::NewestBlock(uint64_t block) const {
  static const BlockPointer zeros;
  return block < blocks_.size() ? blocks_[block].Newest() : zeros;
}

void FileImage::CopyNewest(uint64_t offset, uint8_t* data, size_t bytes) const {
  for (size_t done = 0; done < bytes;) {
    const size_t begin = (offset + done) % kBlockBytes;
    const size_t piece = std::min(bytes - done, kBlockBytes - begin);
    std::memcpy(data + done, BytesOf(NewestBlock((offset + done) / kBlockBytes)) + begin, piece);
    done += piece;
  }
}

void FileImage::Replace(uint64_t block, BlockPointer content) {
  At(block).WriteDurably(content, kAllSectors);
}

uint32_t FileImage::undecided_blocks() const {
  uint32_t count = 0;
  for (const BlockState& block : blocks_) count += !block.IsDecided();
  return count;
}

double FileImage::OutcomeCount(const DeviceOptions& options) const {
  double count = has_volatile_bytes() ? 2 : 1;
  for (const BlockState& block : blocks_)
    if (!block.IsDecided()) count *= block.OutcomeCount(options);
  return count;
}

uint64_t FileImage::Hash() const {
  uint64_t hash = Mix(bytes_, durable_bytes_);
  for (size_t i = 0; i < blocks_.size(); i++) {
    if (blocks_[i].stable == nullptr && blocks_[i].versions.empty()) continue;
    hash = Mix(Mix(hash, i), blocks_[i].Hash());
  }
  return hash;
}

}  // namespace seawall::simulation
