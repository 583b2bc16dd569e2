#include "log/record_appender.h"

#include "base/bytes.h"

namespace seawall {

Lsn RecordAppender::Append(const void* body, const RecordFrame& frame) {
  const Lsn lsn = end_lsn_;
  SEAWALL_ASSERT(EndAfter(frame.body_bytes) - lsn <= ring_->bytes());
  uint8_t* at = ring_->At(lsn);
  FrameRecord(at, frame);
  CopyBytes(at + kRecordHeaderBytes, body, frame.body_bytes);
  end_lsn_ = EndAfter(frame.body_bytes);
  return lsn;
}

}  // namespace seawall
