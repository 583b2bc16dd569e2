// The structures of layout.def as C++ types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace seawall {

// Random identity of a log: part of every checksum, so that bytes of another log never validate.
struct LogId {
  uint8_t bytes[16];
  friend bool operator==(const LogId& a, const LogId& b) {
    return std::memcmp(a.bytes, b.bytes, 16) == 0;
  }
};

namespace layout {

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;

#define SEAWALL_CONSTANT(name, value, meaning) inline constexpr uint64_t name = value;
#define SEAWALL_STRUCT(name, bytes, what)
#define SEAWALL_FIELD(type, name, meaning, invariant)
#define SEAWALL_END(name, bytes)
#include "format/layout.def"
#undef SEAWALL_CONSTANT
#undef SEAWALL_STRUCT
#undef SEAWALL_FIELD
#undef SEAWALL_END

#define SEAWALL_CONSTANT(name, value, meaning)
#define SEAWALL_STRUCT(name, bytes, what) struct name {
#define SEAWALL_FIELD(type, name, meaning, invariant) type name;
#define SEAWALL_END(name, bytes) \
  }                              \
  ;                              \
  static_assert(sizeof(name) == (bytes), "the size in layout.def is the size on disk");
#include "format/layout.def"
#undef SEAWALL_STRUCT
#undef SEAWALL_FIELD
#undef SEAWALL_END

// The sum of the fields is the size of the struct: no hidden padding anywhere.
#define SEAWALL_STRUCT(name, bytes, what) static_assert((bytes) == 0
#define SEAWALL_FIELD(type, name, meaning, invariant) +sizeof(type)
#define SEAWALL_END(name, bytes) , "a struct in layout.def has hidden padding");
#include "format/layout.def"
#undef SEAWALL_CONSTANT
#undef SEAWALL_STRUCT
#undef SEAWALL_FIELD
#undef SEAWALL_END

static_assert(offsetof(RecordHeader, header_crc) == 0);
static_assert(offsetof(SegmentHeader, header_crc) == sizeof(SegmentHeader) - 4);
static_assert(offsetof(MasterRecord, record_crc) == sizeof(MasterRecord) - 4);
static_assert(sizeof(RecordHeader) % record_alignment_bytes == 0, "bodies start aligned");

}  // namespace layout

inline constexpr uint64_t kRecordHeaderBytes = sizeof(layout::RecordHeader);

}  // namespace seawall
