#include "napi/js_values.h"

namespace seawall::napi {

namespace {

uint64_t NumberField(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  SEAWALL_ASSERT(value.IsNumber());
  const double number = value.As<Napi::Number>().DoubleValue();
  SEAWALL_ASSERT(number >= 0 && number <= static_cast<double>(layout::lsn_max));
  return static_cast<uint64_t>(number);
}

bool BooleanField(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  SEAWALL_ASSERT(value.IsBoolean());
  return value.As<Napi::Boolean>().Value();
}

const char* DecisionName(TailDecision decision) {
  switch (decision) {
    case TailDecision::kCreated:
      return "created";
    case TailDecision::kCleanEnd:
      return "clean-end";
    case TailDecision::kTornTail:
      return "torn-tail";
  }
  SEAWALL_ASSERT(false && "unknown decision");
}

}  // namespace

LogOptions ReadLogOptions(const Napi::Object& object) {
  LogOptions options;
  options.segment_bytes = NumberField(object, "segmentBytes");
  options.read_only = BooleanField(object, "readOnly");
  options.buffer_bytes = NumberField(object, "bufferBytes");
  options.max_log_bytes = NumberField(object, "maxLogBytes");
  options.commit_delay_us = static_cast<uint32_t>(NumberField(object, "commitDelayUs"));
  options.commit_siblings = static_cast<uint32_t>(NumberField(object, "commitSiblings"));
  options.idle_mark_ms = static_cast<uint32_t>(NumberField(object, "idleMarkMs"));
  options.pad_to_block = BooleanField(object, "padToBlock");
  return options;
}

Napi::Object ReportObject(Napi::Env env, const RecoveryReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("decision", DecisionName(report.decision));
  object.Set("closedCleanly", report.closed_cleanly);
  object.Set("incarnation", report.incarnation);
  object.Set("oldestLSN", FromLsn(env, report.oldest_lsn));
  object.Set("endLSN", FromLsn(env, report.end_lsn));
  object.Set("scannedFromLSN", FromLsn(env, report.scanned_from_lsn));
  object.Set("scannedRecords", static_cast<double>(report.scanned_records));
  object.Set("cutBytes", static_cast<double>(report.cut_bytes));
  object.Set("promiseLSN", FromLsn(env, report.promise_lsn));
  object.Set("checkpointLSN", FromLsn(env, report.checkpoint_lsn));
  object.Set("reason", report.reason);
  object.Set("durationMs", static_cast<double>(report.duration_us) / 1000);
  return object;
}

Napi::Object StatsObject(Napi::Env env, const LogStats& stats) {
  Napi::Object object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) {
    object.Set(name, static_cast<double>(value));
  };
  set("oldestLSN", stats.oldest_lsn);
  set("flushedLSN", stats.flushed_lsn);
  set("incarnation", stats.incarnation);
  set("segmentBytes", stats.geometry.segment_bytes);
  set("blockBytes", stats.geometry.block_bytes);
  set("bufferBytes", stats.buffer_bytes);
  set("limitLSN", stats.limit_lsn);
  set("logBytes", stats.log_bytes);
  set("segments", stats.segments);
  set("segmentsCreated", stats.segments_created);
  set("segmentsRecycled", stats.segments_recycled);
  set("flushes", stats.batches);
  object.Set("flushDriveMs", static_cast<double>(stats.drive_us) / 1000);
  object.Set("flushDriveMaxMs", static_cast<double>(stats.drive_us_max) / 1000);
  set("recordsFlushed", stats.records_sealed);
  set("deviceWrites", stats.device_writes);
  set("deviceWriteBytes", stats.device_write_bytes);
  set("deviceSyncs", stats.device_syncs);
  set("masterWrites", stats.master_writes);
  set("appendWaits", stats.append_waits);
  set("appendWaitMs", stats.append_wait_us / 1000);
  set("ioAlignmentBytes", stats.alignment.offset_bytes);
  object.Set("directIO", stats.alignment.direct);
  object.Set("backend", stats.backend);
  object.Set("backendReason", stats.backend_reason);
  object.Set("poisoned", stats.poisoned);
  return object;
}

}  // namespace seawall::napi
