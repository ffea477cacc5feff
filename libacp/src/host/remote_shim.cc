// The slots of a shim in another process: each fills a message, waits for the answer, and hands out what the shim said.
#include "host/remote_shim.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <future>
#include <set>

#include "host/connection.h"
#include "host/values.h"

namespace acp::rpc {
namespace {

// A wait is asked again and again, this long each: a process that has died is noticed soon, however long the caller waits.
constexpr std::uint64_t kWaitSliceNs = 500'000'000;
constexpr std::chrono::seconds kFreeing{1};

// The window's lanes: who moves data takes one.
class Lanes {
 public:
  explicit Lanes(Window window) : window_(std::move(window)) { free_.fill(true); }

  class Taken {
   public:
    explicit Taken(Lanes& lanes) : lanes_(lanes) {
      std::unique_lock lock(lanes_.mutex_);
      lanes_.freed_.wait(lock, [&] {
        return std::find(lanes_.free_.begin(), lanes_.free_.end(), true) != lanes_.free_.end();
      });
      number_ = static_cast<std::size_t>(std::find(lanes_.free_.begin(), lanes_.free_.end(), true) -
                                         lanes_.free_.begin());
      lanes_.free_[number_] = false;
    }
    ~Taken() {
      const std::lock_guard lock(lanes_.mutex_);
      lanes_.free_[number_] = true;
      lanes_.freed_.notify_one();
    }
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    [[nodiscard]] std::uint64_t offset() const { return number_ * kLaneBytes; }
    [[nodiscard]] std::byte* data() const { return lanes_.window_.data() + offset(); }

   private:
    Lanes& lanes_;
    std::size_t number_ = 0;
  };

 private:
  Window window_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::array<bool, kLaneCount> free_{};
};

// What `self` points to.
struct Remote {
  Remote(int socket, Window window, std::unique_ptr<Child> child, const LoadOptions& options)
      : lanes(std::move(window)), connection(socket, std::move(child), options) {}
  Lanes lanes;
  std::mutex documents_mutex;
  std::set<std::string> documents;  // handed out; valid until release
  Connection connection;            // last: its thread ends before the rest goes
};

Remote& remote(void* self) { return *static_cast<Remote*>(self); }

// Handles are the host process's numbers, in the clothes of pointers.
template <typename Handle>
std::uint64_t number_of(const Handle* handle) {
  return reinterpret_cast<std::uintptr_t>(handle);
}
template <typename Handle>
Handle* handle_of(std::uint64_t number) {
  return reinterpret_cast<Handle*>(static_cast<std::uintptr_t>(number));  // NOLINT(performance-no-int-to-ptr)
}

std::uint16_t lost(Remote& shim, acp_status* status) {
  Said said = rpc::said(shim.connection.error());
  said.status.code = ACP_CODE_DEVICE_LOST;
  return deliver(said, status);
}

// Sends what `fill` makes of the request; `take` sees the answer. Gives what the slot returned there.
template <typename Request, typename Fill, typename Take>
std::uint16_t ask(Remote& shim, Request (schema::Shim::Client::*method)(kj::Maybe<capnp::MessageSize>),
                  acp_status* status, const Fill& fill, const Take& take) {
  std::uint16_t returned = ACP_ENVIRONMENT;
  const bool answered = shim.connection.call([&](schema::Shim::Client& client) {
    auto request = (client.*method)(nullptr);
    fill(request);
    return request.send().then([&](auto&& answer) {
      returned = deliver(answer.getStatus(), status);
      take(answer);
    });
  });
  return answered ? returned : lost(shim, status);
}
constexpr auto kTakeNothing = [](auto& /*answer*/) {};

std::uint16_t enumerate(void* self, std::uint32_t* out_count, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::enumerateRequest, status, [](auto& /*request*/) {},
      [&](auto& answer) { *out_count = answer.getCount(); });
}

std::uint16_t get_document(void* self, std::uint32_t device, std::uint32_t kind, acp_document* out,
                           acp_status* status) {
  Remote& shim = remote(self);
  std::string bytes;
  const std::uint16_t family = ask(
      shim, &schema::Shim::Client::getDocumentRequest, status,
      [&](auto& request) {
        request.setDevice(device);
        request.setKind(kind);
        write(request.initHeader(), out->header);
      },
      [&](auto& answer) {
        const auto data = answer.getData();
        bytes.assign(reinterpret_cast<const char*>(data.begin()), data.size());
        if (out->header.size >= sizeof(acp_document)) out->encoding = answer.getEncoding();
      });
  if (family != ACP_OK || out->header.size < sizeof(acp_document)) return family;
  const std::lock_guard lock(shim.documents_mutex);
  const std::string& kept = *shim.documents.insert(std::move(bytes)).first;
  out->data = kept.data();
  out->size_bytes = kept.size();
  return family;
}

void release(void* self) { delete &remote(self); }

std::uint16_t get_state(void* self, std::uint32_t device, acp_state* out, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::getStateRequest, status,
      [&](auto& request) {
        request.setDevice(device);
        write(request.initHeader(), out->header);
      },
      [&](auto& answer) {
        if (out->header.size < sizeof(acp_state)) return;
        const auto state = answer.getState();
        out->generation = state.getGeneration();
        out->free_bytes = state.getFreeBytes();
        out->healthy = state.getHealthy();
      });
}

std::uint16_t would_accept(void* self, std::uint32_t device, const acp_region* region, acp_answer* out,
                           acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::wouldAcceptRequest, status,
      [&](auto& request) {
        request.setDevice(device);
        write(request.initRegion(), *region);
        write(request.initHeader(), out->header);
      },
      [&](auto& answer) {
        if (out->header.size >= sizeof(acp_answer)) out->accepted = answer.getAccepted();
      });
}

std::uint16_t memory_alloc(void* self, std::uint32_t device, std::uint64_t size_bytes,
                           std::uint64_t alignment, acp_memory** out, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::memoryAllocRequest, status,
      [&](auto& request) {
        request.setDevice(device);
        request.setSizeBytes(size_bytes);
        request.setAlignment(alignment);
      },
      [&](auto& answer) { *out = handle_of<acp_memory>(answer.getMemory()); });
}

// In pieces of a lane, the last one first: a range that ends too late is then refused before anything has moved.
template <typename Move>
std::uint16_t move_in_pieces(std::uint64_t size_bytes, const Move& move) {
  std::uint64_t end = size_bytes;
  do {
    const std::uint64_t begin = end <= kLaneBytes ? 0 : (end - 1) / kLaneBytes * kLaneBytes;
    const std::uint16_t family = move(begin, end - begin);
    if (family != ACP_OK) return family;
    end = begin;
  } while (end > 0);
  return ACP_OK;
}

std::uint16_t memory_write(void* self, acp_memory* memory, std::uint64_t offset_bytes, const void* data,
                           std::uint64_t size_bytes, acp_status* status) {
  Remote& shim = remote(self);
  return move_in_pieces(size_bytes, [&](std::uint64_t begin, std::uint64_t piece) {
    const Lanes::Taken lane(shim.lanes);
    if (piece != 0) std::memcpy(lane.data(), static_cast<const std::byte*>(data) + begin, piece);
    return ask(
        shim, &schema::Shim::Client::memoryWriteRequest, status,
        [&](auto& request) {
          request.setMemory(number_of(memory));
          request.setOffsetBytes(offset_bytes + begin);
          request.initSource().setOffsetBytes(lane.offset());
          request.getSource().setSizeBytes(piece);
        },
        kTakeNothing);
  });
}

std::uint16_t memory_read(void* self, acp_memory* memory, std::uint64_t offset_bytes, void* data,
                          std::uint64_t size_bytes, acp_status* status) {
  Remote& shim = remote(self);
  return move_in_pieces(size_bytes, [&](std::uint64_t begin, std::uint64_t piece) {
    const Lanes::Taken lane(shim.lanes);
    const std::uint16_t family = ask(
        shim, &schema::Shim::Client::memoryReadRequest, status,
        [&](auto& request) {
          request.setMemory(number_of(memory));
          request.setOffsetBytes(offset_bytes + begin);
          request.initTarget().setOffsetBytes(lane.offset());
          request.getTarget().setSizeBytes(piece);
        },
        kTakeNothing);
    if (family == ACP_OK && piece != 0)
      std::memcpy(static_cast<std::byte*>(data) + begin, lane.data(), piece);
    return family;
  });
}

std::uint16_t compile(void* self, std::uint32_t device, const acp_region* region, acp_executable** out,
                      acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::compileRequest, status,
      [&](auto& request) {
        request.setDevice(device);
        write(request.initRegion(), *region);
      },
      [&](auto& answer) { *out = handle_of<acp_executable>(answer.getExecutable()); });
}

std::uint16_t queue_create(void* self, std::uint32_t device, acp_queue** out, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::queueCreateRequest, status,
      [&](auto& request) { request.setDevice(device); },
      [&](auto& answer) { *out = handle_of<acp_queue>(answer.getQueue()); });
}

void write_points(capnp::List<schema::Point>::Builder out, const acp_point* points) {
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    out[i].setTimeline(number_of(points[i].timeline));
    out[i].setValue(points[i].value);
  }
}

void write_submission(schema::Submission::Builder out, const acp_submission& submission) {
  write(out.initHeader(), submission.header);
  if (submission.header.size < sizeof submission) return;
  write_points(out.initWaits(submission.wait_count), submission.waits);
  write_points(out.initSignals(submission.signal_count), submission.signals);
  auto launches = out.initLaunches(submission.launch_count);
  for (std::uint32_t i = 0; i < submission.launch_count; ++i) {
    const acp_launch& launch = submission.launches[i];
    launches[i].setExecutable(number_of(launch.executable));
    auto bindings = launches[i].initBindings(launch.binding_count);
    for (std::uint32_t b = 0; b < launch.binding_count; ++b) {
      bindings[b].setMemory(number_of(launch.bindings[b].memory));
      bindings[b].setOffsetBytes(launch.bindings[b].offset_bytes);
    }
  }
}

std::uint16_t queue_submit(void* self, acp_queue* queue, const acp_submission* submission,
                           acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::queueSubmitRequest, status,
      [&](auto& request) {
        request.setQueue(number_of(queue));
        write_submission(request.initSubmission(), *submission);
      },
      kTakeNothing);
}

std::uint16_t queue_status(void* self, acp_queue* queue, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::queueStatusRequest, status,
      [&](auto& request) { request.setQueue(number_of(queue)); }, kTakeNothing);
}

std::uint16_t queue_reset(void* self, acp_queue* queue, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::queueResetRequest, status,
      [&](auto& request) { request.setQueue(number_of(queue)); }, kTakeNothing);
}

std::uint16_t timeline_create(void* self, std::uint32_t device, acp_timeline** out, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::timelineCreateRequest, status,
      [&](auto& request) { request.setDevice(device); },
      [&](auto& answer) { *out = handle_of<acp_timeline>(answer.getTimeline()); });
}

std::uint16_t timeline_signal(void* self, acp_timeline* timeline, std::uint64_t value, acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::timelineSignalRequest, status,
      [&](auto& request) {
        request.setTimeline(number_of(timeline));
        request.setValue(value);
      },
      kTakeNothing);
}

std::uint16_t timeline_query(void* self, acp_timeline* timeline, std::uint64_t* out_value,
                             acp_status* status) {
  return ask(
      remote(self), &schema::Shim::Client::timelineQueryRequest, status,
      [&](auto& request) { request.setTimeline(number_of(timeline)); },
      [&](auto& answer) { *out_value = answer.getValue(); });
}

std::uint16_t timeline_wait(void* self, acp_timeline* timeline, std::uint64_t value, std::uint64_t timeout_ns,
                            acp_status* status) {
  for (;;) {
    const std::uint64_t slice = std::min(timeout_ns, kWaitSliceNs);
    std::uint16_t code = ACP_CODE_NONE;
    const std::uint16_t family = ask(
        remote(self), &schema::Shim::Client::timelineWaitRequest, status,
        [&](auto& request) {
          request.setTimeline(number_of(timeline));
          request.setValue(value);
          request.setTimeoutNs(slice);
        },
        [&](auto& answer) { code = answer.getStatus().getCode(); });
    if (family != ACP_ENVIRONMENT || code != ACP_CODE_TIMEOUT) return family;
    if (timeout_ns != UINT64_MAX) timeout_ns -= slice;
    if (timeout_ns == 0) return family;
  }
}

// Freeing waits for nothing; what was lost is freed already.
template <typename Request, typename Set>
void drop(void* self, Request (schema::Shim::Client::*method)(kj::Maybe<capnp::MessageSize>),
          const void* handle, Set set) {
  const std::uint64_t number = number_of(handle);
  if (number == 0) return;
  remote(self).connection.tell([=](schema::Shim::Client& client) {
    auto request = (client.*method)(nullptr);
    set(request, number);
    return request.send().ignoreResult();
  });
}
void memory_free(void* self, acp_memory* memory) {
  drop(self, &schema::Shim::Client::memoryFreeRequest, memory,
       [](auto& request, std::uint64_t number) { request.setMemory(number); });
}
void executable_free(void* self, acp_executable* executable) {
  drop(self, &schema::Shim::Client::executableFreeRequest, executable,
       [](auto& request, std::uint64_t number) { request.setExecutable(number); });
}
// What has not begun is dropped and signalled when this returns, unless what has begun takes its time: nobody waits for a step that may
// never end.
void queue_free(void* self, acp_queue* queue) {
  const std::uint64_t number = number_of(queue);
  if (number == 0) return;
  auto freed = std::make_shared<std::promise<void>>();
  const std::future<void> answer = freed->get_future();
  remote(self).connection.tell([number, freed = std::move(freed)](schema::Shim::Client& client) {
    auto request = client.queueFreeRequest();
    request.setQueue(number);
    return request.send().then([freed](auto&& /*answer*/) { freed->set_value(); });
  });
  // A promise that is dropped, because the connection is lost, ends the wait too.
  answer.wait_for(kFreeing);
}
void timeline_free(void* self, acp_timeline* timeline) {
  drop(self, &schema::Shim::Client::timelineFreeRequest, timeline,
       [](auto& request, std::uint64_t number) { request.setTimeline(number); });
}

// The slots that the shim fills there are filled here; `offered` is in the order of the struct.
acp_shim slots_of(Remote& shim, std::uint32_t abi, std::uint64_t offered) {
  acp_shim out = ACP_STRUCT(acp_shim, ACP_TYPE_SHIM);
  out.abi = abi;
  out.self = &shim;
  std::size_t bit = 0;
  const auto fill = [&](auto& slot, auto function) {
    if ((offered >> bit++ & 1) != 0) slot = function;
  };
  fill(out.enumerate, enumerate);
  fill(out.get_document, get_document);
  fill(out.release, release);
  fill(out.get_state, get_state);
  fill(out.would_accept, would_accept);
  fill(out.memory_alloc, memory_alloc);
  fill(out.memory_free, memory_free);
  fill(out.memory_write, memory_write);
  fill(out.memory_read, memory_read);
  fill(out.compile, compile);
  fill(out.executable_free, executable_free);
  fill(out.queue_create, queue_create);
  fill(out.queue_free, queue_free);
  fill(out.queue_submit, queue_submit);
  fill(out.queue_status, queue_status);
  fill(out.queue_reset, queue_reset);
  fill(out.timeline_create, timeline_create);
  fill(out.timeline_free, timeline_free);
  fill(out.timeline_signal, timeline_signal);
  fill(out.timeline_query, timeline_query);
  fill(out.timeline_wait, timeline_wait);
  out.release = release;  // the process is ours to end, whatever the shim offers
  return out;
}

}  // namespace

Result<RemoteShim> open_remote(int socket, Window window, std::unique_ptr<Child> child,
                               const LoadOptions& options) {
  auto shim = std::make_unique<Remote>(socket, std::move(window), std::move(child), options);
  Status opened = ok();
  RemoteShim out{};
  const bool answered = shim->connection.call([&](schema::Shim::Client& client) {
    auto request = client.negotiateRequest();
    request.setAbiMin(ACP_ABI_VERSION);
    request.setAbiMax(ACP_ABI_VERSION);
    return request.send().then([&](auto&& answer) {
      if (answer.getStatus().getReturned() != ACP_OK) {
        opened = error_of(answer.getStatus());
      } else {
        out.slots = slots_of(*shim, answer.getAbi(), answer.getSlots());
      }
    });
  });
  if (!answered) return shim->connection.error();
  ACP_CHECK(opened);
  out.process = shim->connection.process();
  // Its release slot deletes it.
  static_cast<void>(shim.release());  // NOLINT(bugprone-unused-return-value)
  return out;
}

}  // namespace acp::rpc
