// Surveys of log directories, for tools. They run on libuv's threads: a tool has nothing else to do
// with them, and a survey belongs to no open log.
#include <algorithm>
#include <functional>

#include "log/survey_scan.h"
#include "napi/error_object.h"
#include "napi/js_values.h"
#include "napi/log_binding.h"
#include "napi/storage_factory.h"
#include "page/page_survey.h"

namespace seawall::napi {

namespace {

// What JavaScript holds a survey by. Declared so that destruction goes: pages, survey.
struct SurveyHandle {
  std::unique_ptr<LogSurvey> survey;
  // Replaced when the data file is opened again; who reads from it keeps it.
  std::shared_ptr<PageSurvey> pages;
};

struct ScanHandle {
  std::shared_ptr<SurveyHandle> survey;
  std::unique_ptr<SurveyScan> scan;
};

template <typename T>
Napi::Value Hold(Napi::Env env, std::shared_ptr<T> held) {
  auto* slot = new std::shared_ptr<T>(std::move(held));
  return Napi::External<std::shared_ptr<T>>::New(
      env, slot, [](Napi::Env, std::shared_ptr<T>* finalized) { delete finalized; });
}

template <typename T>
std::shared_ptr<T> HeldArgument(const Napi::CallbackInfo& info) {
  SEAWALL_ASSERT(info.Length() > 0 && info[0].IsExternal());
  return *info[0].As<Napi::External<std::shared_ptr<T>>>().Data();
}

// Runs `work` off the JavaScript thread, then `done` on it. Deletes itself.
class Task : public Napi::AsyncWorker {
 public:
  using Done = std::function<void(Napi::Env env, const Napi::Function& callback)>;
  Task(const Napi::Function& callback, std::function<void()> work, Done done)
      : Napi::AsyncWorker(callback, "seawall:survey"),
        work_(std::move(work)),
        done_(std::move(done)) {}

  static void Start(const Napi::Value& callback, std::function<void()> work, Done done) {
    SEAWALL_ASSERT(callback.IsFunction());
    (new Task(callback.As<Napi::Function>(), std::move(work), std::move(done)))->Queue();
  }

  void Execute() override { work_(); }
  void OnOK() override { done_(Env(), Callback().Value()); }

 private:
  const std::function<void()> work_;
  const Done done_;
};

std::string Hexadecimal(const LogId& id) {
  static const char* const digits = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : id.bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Napi::Object MasterObject(Napi::Env env, const MasterFields& fields) {
  Napi::Object object = Napi::Object::New(env);
  const auto set = [&](const char* name, uint64_t value) {
    object.Set(name, static_cast<double>(value));
  };
  object.Set("logId", Hexadecimal(fields.log_id));
  set("sequence", fields.sequence);
  set("incarnation", fields.incarnation);
  object.Set("closedCleanly", fields.clean);
  set("segmentBytes", fields.geometry.segment_bytes);
  set("blockBytes", fields.geometry.block_bytes);
  set("incarnationStartLSN", fields.incarnation_start_lsn);
  set("promiseLSN", fields.promise_lsn);
  set("oldestLSN", fields.oldest_lsn);
  set("lastSegment", fields.last_segment);
  set("inFlightMaxBytes", fields.in_flight_max_bytes);
  set("checkpointLSN", fields.checkpoint_lsn);
  set("createdAtMs", fields.created_at_ms);
  return object;
}

// An error object, or what was read.
Napi::Object SlotObject(Napi::Env env, const SlotSurvey& slot) {
  Napi::Object object = Napi::Object::New(env);
  if (slot.status.ok())
    object.Set("record", MasterObject(env, slot.fields));
  else
    object.Set("error", ToErrorObject(env, slot.status));
  return object;
}

Napi::Object SegmentObject(Napi::Env env, const SegmentFiles& files, const SegmentSurvey& segment) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("number", static_cast<double>(segment.number));
  object.Set("path", files.PathOf(segment.number));
  object.Set("startLSN", FromLsn(env, files.geometry().StartOf(segment.number)));
  object.Set("endLSN", FromLsn(env, files.geometry().EndOf(segment.number)));
  object.Set("bytes", static_cast<double>(segment.bytes));
  if (!segment.status.ok()) object.Set("error", ToErrorObject(env, segment.status));
  object.Set("incarnation", segment.fields.incarnation);
  object.Set("preparedAtMs", static_cast<double>(segment.fields.prepared_at_ms));
  return object;
}

Napi::Object LayoutObject(Napi::Env env, const LogSurvey& survey) {
  const LogSurveyFindings& findings = survey.findings();
  Napi::Object object = Napi::Object::New(env);
  object.Set("logId", Hexadecimal(findings.log_id));
  object.Set("segmentBytes", static_cast<double>(findings.geometry.segment_bytes));
  object.Set("blockBytes", findings.geometry.block_bytes);
  Napi::Array slots = Napi::Array::New(env, 2);
  for (uint32_t i = 0; i < 2; i++) slots.Set(i, SlotObject(env, findings.slots[i]));
  object.Set("slots", slots);
  if (findings.has_master) object.Set("master", MasterObject(env, findings.master));
  Napi::Array segments = Napi::Array::New(env, findings.segments.size());
  for (uint32_t i = 0; i < findings.segments.size(); i++)
    segments.Set(i, SegmentObject(env, *survey.segments(), findings.segments[i]));
  object.Set("segments", segments);
  Napi::Array missing = Napi::Array::New(env, findings.missing_segments.size());
  for (uint32_t i = 0; i < findings.missing_segments.size(); i++)
    missing.Set(i, static_cast<double>(findings.missing_segments[i]));
  object.Set("missingSegments", missing);
  object.Set("oldestLSN", FromLsn(env, findings.oldest_lsn));
  object.Set("filesEndLSN", FromLsn(env, findings.files_end_lsn));
  object.Set("isStore", findings.is_store);
  return object;
}

// Reads past the page cache, as the log itself does: what a writer has written meanwhile is seen.
// Without a master record there would be nothing to ask the file system's alignment of.
Status OpenSurvey(const std::string& directory, std::unique_ptr<LogSurvey>* survey) {
  std::unique_ptr<Storage> storage;
  PosixStorageOptions options;
  options.direct_io = DirectIo::kNever;
  SEAWALL_RETURN_IF_ERROR(NewStorage(directory, options, false, &storage));
  std::vector<std::string> names;
  SEAWALL_RETURN_IF_ERROR(storage->List(directory, &names));
  if (std::find(names.begin(), names.end(), "master") != names.end()) {
    options.direct_io = DirectIo::kAuto;
    SEAWALL_RETURN_IF_ERROR(NewStorage(directory, options, false, &storage));
  }
  return LogSurvey::Open(std::move(storage), directory, survey);
}

// surveyOpen(directory, callback(error, survey, layout))
Napi::Value SurveyOpen(const Napi::CallbackInfo& info) {
  struct Request {
    std::string directory;
    std::unique_ptr<LogSurvey> survey;
    Status status;
  };
  auto request = std::make_shared<Request>();
  request->directory = info[0].As<Napi::String>().Utf8Value();
  Task::Start(
      info[1], [request] { request->status = OpenSurvey(request->directory, &request->survey); },
      [request](Napi::Env env, const Napi::Function& callback) {
        if (!request->status.ok()) {
          callback.Call({ToErrorObject(env, request->status)});
          return;
        }
        auto handle = std::make_shared<SurveyHandle>();
        handle->survey = std::move(request->survey);
        const Napi::Object layout = LayoutObject(env, *handle->survey);
        callback.Call({env.Undefined(), Hold(env, std::move(handle)), layout});
      });
  return info.Env().Undefined();
}

// surveyEnd(survey, callback(error, report)): where an open would find the end.
Napi::Value SurveyEnd(const Napi::CallbackInfo& info) {
  struct Request {
    std::shared_ptr<SurveyHandle> handle;
    RecoveryReport report;
    Status status;
  };
  auto request = std::make_shared<Request>();
  request->handle = HeldArgument<SurveyHandle>(info);
  Task::Start(
      info[1], [request] { request->status = request->handle->survey->FindEnd(&request->report); },
      [request](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, request->status), ReportObject(env, request->report)});
      });
  return info.Env().Undefined();
}

// surveyScan(survey, from, to) -> scan
Napi::Value SurveyScanStart(const Napi::CallbackInfo& info) {
  auto handle = std::make_shared<ScanHandle>();
  handle->survey = HeldArgument<SurveyHandle>(info);
  handle->scan = std::make_unique<SurveyScan>(handle->survey->survey.get(), LsnArgument(info, 1),
                                              LsnArgument(info, 2));
  return Hold(info.Env(), std::move(handle));
}

// As lib/native/survey-binding.ts names the columns.
constexpr size_t kRowColumns = 12;

Napi::Value RowsArray(Napi::Env env, const std::vector<SurveyRow>& rows) {
  Napi::Float64Array table = Napi::Float64Array::New(env, rows.size() * kRowColumns);
  double* at = table.Data();
  for (const SurveyRow& row : rows) {
    const double columns[kRowColumns] = {
        static_cast<double>(row.verdict),
        static_cast<double>(row.reason),
        row.only_zeros ? 1.0 : 0.0,
        static_cast<double>(row.lsn),
        static_cast<double>(row.next_lsn),
        static_cast<double>(row.header.type),
        static_cast<double>(row.header.kind),
        static_cast<double>(row.header.flags),
        static_cast<double>(row.header.incarnation),
        static_cast<double>(row.promise_lsn),
        static_cast<double>(row.body_offset),
        static_cast<double>(row.body_bytes),
    };
    at = std::copy(columns, columns + kRowColumns, at);
  }
  return table;
}

// surveyNext(scan, callback(error, rows, buffer)): no rows: the scan is over.
Napi::Value SurveyNext(const Napi::CallbackInfo& info) {
  struct Request {
    std::shared_ptr<ScanHandle> handle;
    SurveyBatch batch;
    Status status;
  };
  auto request = std::make_shared<Request>();
  request->handle = HeldArgument<ScanHandle>(info);
  Task::Start(
      info[1], [request] { request->status = request->handle->scan->Next(&request->batch); },
      [request](Napi::Env env, const Napi::Function& callback) {
        const SurveyBatch& batch = request->batch;
        Napi::Value buffer = env.Undefined();
        if (batch.buffer != nullptr)
          buffer = ExternalArrayBuffer(env, batch.buffer.get(), batch.buffer_bytes, batch.buffer);
        callback.Call({ToErrorObject(env, request->status), RowsArray(env, batch.rows), buffer});
      });
  return info.Env().Undefined();
}

Napi::Object PageFileObject(Napi::Env env, const PageSurvey& pages) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("pageBytes", pages.file().page_bytes());
  object.Set("pages", static_cast<double>(pages.file().pages()));
  object.Set("createdAtMs", static_cast<double>(pages.file().created_at_ms()));
  Napi::Array copies = Napi::Array::New(env, pages.copies().size());
  for (uint32_t i = 0; i < pages.copies().size(); i++) {
    Napi::Object copy = Napi::Object::New(env);
    copy.Set("pageId", pages.copies()[i].page_id);
    copy.Set("pageLSN", FromLsn(env, pages.copies()[i].page_lsn));
    copies.Set(i, copy);
  }
  object.Set("copies", copies);
  return object;
}

// surveyPageFile(survey, callback(error, pageFile)): before surveyPages and surveyPage, once.
Napi::Value SurveyPageFile(const Napi::CallbackInfo& info) {
  struct Request {
    std::shared_ptr<SurveyHandle> handle;
    std::unique_ptr<PageSurvey> pages;
    Status status;
  };
  auto request = std::make_shared<Request>();
  request->handle = HeldArgument<SurveyHandle>(info);
  Task::Start(
      info[1],
      [request] {
        const LogSurvey& survey = *request->handle->survey;
        request->status = PageSurvey::Open(survey.storage(), survey.directory(),
                                           survey.findings().log_id, &request->pages);
      },
      [request](Napi::Env env, const Napi::Function& callback) {
        if (!request->status.ok()) {
          callback.Call({ToErrorObject(env, request->status)});
          return;
        }
        request->handle->pages = std::move(request->pages);
        callback.Call({env.Undefined(), PageFileObject(env, *request->handle->pages)});
      });
  return info.Env().Undefined();
}

constexpr size_t kPageColumns = 4;

// surveyPages(survey, first, count, callback(error, rows)): page id, finding, pageLSN, page type.
Napi::Value SurveyPages(const Napi::CallbackInfo& info) {
  struct Request {
    std::shared_ptr<SurveyHandle> handle;
    std::shared_ptr<PageSurvey> pages;
    uint32_t first = 0;
    uint32_t count = 0;
    std::vector<PageSurveyRow> rows;
    Status status;
  };
  auto request = std::make_shared<Request>();
  request->handle = HeldArgument<SurveyHandle>(info);
  request->first = static_cast<uint32_t>(NumberArgument(info, 1));
  request->count = static_cast<uint32_t>(NumberArgument(info, 2));
  request->pages = request->handle->pages;
  SEAWALL_ASSERT(request->pages != nullptr);
  Task::Start(
      info[3],
      [request] {
        request->status = request->pages->Examine(request->first, request->count, &request->rows);
      },
      [request](Napi::Env env, const Napi::Function& callback) {
        Napi::Float64Array table =
            Napi::Float64Array::New(env, request->rows.size() * kPageColumns);
        double* at = table.Data();
        for (const PageSurveyRow& row : request->rows) {
          *at++ = row.page_id;
          *at++ = static_cast<double>(row.finding);
          *at++ = static_cast<double>(row.page_lsn);
          *at++ = row.page_type;
        }
        callback.Call({ToErrorObject(env, request->status), table});
      });
  return info.Env().Undefined();
}

// surveyPage(survey, pageId, callback(error, bytes))
Napi::Value SurveyPage(const Napi::CallbackInfo& info) {
  struct Request {
    std::shared_ptr<SurveyHandle> handle;
    std::shared_ptr<PageSurvey> pages;
    uint32_t page_id = 0;
    AlignedBuffer page;
    Status status;
  };
  auto request = std::make_shared<Request>();
  request->handle = HeldArgument<SurveyHandle>(info);
  request->page_id = static_cast<uint32_t>(NumberArgument(info, 1));
  request->pages = request->handle->pages;
  SEAWALL_ASSERT(request->pages != nullptr);
  Task::Start(
      info[2],
      [request] { request->status = request->pages->Read(request->page_id, &request->page); },
      [request](Napi::Env env, const Napi::Function& callback) {
        const AlignedBuffer& page = request->page;
        callback.Call({ToErrorObject(env, request->status),
                       Napi::Buffer<uint8_t>::Copy(env, page.data(), page.bytes())});
      });
  return info.Env().Undefined();
}

// surveyRelease(survey) and scanRelease(scan): the files are closed as soon as nothing runs.
template <typename T>
Napi::Value Release(const Napi::CallbackInfo& info) {
  info[0].As<Napi::External<std::shared_ptr<T>>>().Data()->reset();
  return info.Env().Undefined();
}

}  // namespace

void DefineSurveyFunctions(Napi::Env env, Napi::Object exports) {
  const auto define = [&](const char* name, Napi::Function function) {
    exports.Set(name, function);
  };
  define("surveyOpen", Napi::Function::New<SurveyOpen>(env, "surveyOpen"));
  define("surveyEnd", Napi::Function::New<SurveyEnd>(env, "surveyEnd"));
  define("surveyScan", Napi::Function::New<SurveyScanStart>(env, "surveyScan"));
  define("surveyNext", Napi::Function::New<SurveyNext>(env, "surveyNext"));
  define("surveyPageFile", Napi::Function::New<SurveyPageFile>(env, "surveyPageFile"));
  define("surveyPages", Napi::Function::New<SurveyPages>(env, "surveyPages"));
  define("surveyPage", Napi::Function::New<SurveyPage>(env, "surveyPage"));
  define("surveyRelease", Napi::Function::New<Release<SurveyHandle>>(env, "surveyRelease"));
  define("scanRelease", Napi::Function::New<Release<ScanHandle>>(env, "scanRelease"));
}

}  // namespace seawall::napi
