#include "napi/environment.h"
#include "napi/error_object.h"
#include "napi/js_values.h"
#include "napi/log_binding.h"

namespace seawall::napi {

namespace {

LogHandle* HandleArgument(const Napi::CallbackInfo& info) {
  return Environment::Of(info.Env())->Get(static_cast<uint32_t>(NumberArgument(info, 0)));
}

Napi::Value IndexBuffer(Napi::Env env, std::vector<uint32_t> index) {
  auto owner = std::make_shared<std::vector<uint32_t>>(std::move(index));
  return ExternalArrayBuffer(env, owner->data(), owner->size() * sizeof(uint32_t), owner);
}

Napi::Value DataBuffer(Napi::Env env, RecordBatch* batch) {
  // A record without a body still needs an address.
  if (batch->buffer_bytes == 0) return Napi::ArrayBuffer::New(env, 0);
  return ExternalArrayBuffer(env, batch->buffer.get(), batch->buffer_bytes, batch->buffer);
}

// {buffer, index, baseLSN, nextLSN}; buffer is undefined when there was nothing to read.
Napi::Value BatchObject(Napi::Env env, RecordBatch* batch) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("nextLSN", FromLsn(env, batch->next_lsn));
  if (batch->count() == 0) return object;
  // Below zero near the start of the log, where the buffer begins before the stream does.
  object.Set("baseLSN",
             Napi::Number::New(env, static_cast<double>(static_cast<int64_t>(batch->base_lsn))));
  object.Set("buffer", DataBuffer(env, batch));
  object.Set("index", IndexBuffer(env, std::move(batch->index)));
  return object;
}

struct OpenReaderRequest {
  Lsn from = 0;
  Lsn to = 0;
  uint32_t id = 0;
  Status status;
};

// readerOpen(handle, from, to, callback(error, reader))
Napi::Value ReaderOpen(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  auto request = std::make_shared<OpenReaderRequest>();
  request->from = LsnArgument(info, 1);
  request->to = LsnArgument(info, 2);
  handle->RunJob(
      info[3].As<Napi::Function>(),
      [handle, request] {
        std::unique_ptr<LogReader> reader;
        request->status = handle->log()->NewReader(request->from, request->to, &reader);
        if (!request->status.ok()) return;
        request->id = handle->NextReaderId();
        handle->readers()[request->id] = std::move(reader);
      },
      [request](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, request->status), Napi::Number::New(env, request->id)});
      });
  return info.Env().Undefined();
}

struct NextRequest {
  uint32_t id = 0;
  RecordBatch batch;
  Status status;
};

// readerNext(handle, reader, callback(error, batch))
Napi::Value ReaderNext(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  auto request = std::make_shared<NextRequest>();
  request->id = static_cast<uint32_t>(NumberArgument(info, 1));
  handle->RunJob(
      info[2].As<Napi::Function>(),
      [handle, request] {
        const auto found = handle->readers().find(request->id);
        SEAWALL_ASSERT(found != handle->readers().end());
        request->status = found->second->Next(&request->batch);
      },
      [request](Napi::Env env, const Napi::Function& callback) {
        callback.Call({ToErrorObject(env, request->status), BatchObject(env, &request->batch)});
      });
  return info.Env().Undefined();
}

// readerClose(handle, reader, callback())
Napi::Value ReaderClose(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  const auto id = static_cast<uint32_t>(NumberArgument(info, 1));
  handle->RunJob(
      info[2].As<Napi::Function>(), [handle, id] { handle->readers().erase(id); },
      [](Napi::Env, const Napi::Function& callback) { callback.Call({}); });
  return info.Env().Undefined();
}

struct ReadRecordRequest {
  Lsn lsn = 0;
  RecordCopy record;
  Status status;
};

// readRecord(handle, lsn, callback(error, {type, body, nextLSN}))
Napi::Value ReadRecord(const Napi::CallbackInfo& info) {
  LogHandle* const handle = HandleArgument(info);
  auto request = std::make_shared<ReadRecordRequest>();
  request->lsn = LsnArgument(info, 1);
  handle->RunJob(
      info[2].As<Napi::Function>(),
      [handle, request] {
        request->status = handle->log()->ReadRecord(request->lsn, &request->record);
      },
      [request](Napi::Env env, const Napi::Function& callback) {
        const RecordCopy& record = request->record;
        Napi::Object object = Napi::Object::New(env);
        object.Set("type", record.type);
        object.Set("nextLSN", FromLsn(env, record.next_lsn));
        object.Set("body",
                   Napi::Buffer<uint8_t>::Copy(env, record.body.data(), record.body.size()));
        callback.Call({ToErrorObject(env, request->status), object});
      });
  return info.Env().Undefined();
}

}  // namespace

void DefineReaderFunctions(Napi::Env env, Napi::Object exports) {
  exports.Set("readerOpen", Napi::Function::New<ReaderOpen>(env, "readerOpen"));
  exports.Set("readerNext", Napi::Function::New<ReaderNext>(env, "readerNext"));
  exports.Set("readerClose", Napi::Function::New<ReaderClose>(env, "readerClose"));
  exports.Set("readRecord", Napi::Function::New<ReadRecord>(env, "readRecord"));
}

}  // namespace seawall::napi
