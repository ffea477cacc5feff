// The host process's end: messages become calls through the shim's slots.
#include "acp/shim_host.h"

#include <capnp/rpc-twoparty.h>
#include <fcntl.h>
#include <kj/async-io.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "acp/host.h"
#include "host/child.h"
#include "host/guarded_stream.h"
#include "host/values.h"
#include "host/workers.h"

namespace acp::rpc {
namespace {

constexpr std::chrono::seconds kGrace{5};

// What the shim made, by the numbers the caller knows it by.
template <typename Handle>
class Handles {
 public:
  std::uint64_t add(Handle* handle, std::uint64_t& last_number) {
    if (handle == nullptr) return 0;
    known_.emplace(++last_number, handle);
    return last_number;
  }
  // Nothing when the number was never given or is freed; null for 0.
  [[nodiscard]] std::optional<Handle*> find(std::uint64_t number) const {
    if (number == 0) return nullptr;
    const auto found = known_.find(number);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Handle*> take(std::uint64_t number) {
    const auto found = find(number);
    known_.erase(number);
    return found;
  }
  template <typename Free>
  void free_all(const Free& free) {
    for (const auto& [number, handle] : known_) free(handle);
    known_.clear();
  }

 private:
  std::unordered_map<std::uint64_t, Handle*> known_;
};

Said unknown(const char* path) {
  return said(malformed("ACP-PROC-1", path, "a handle that was not given, or is freed"));
}

// The shim and everything it made. Outlives the server object and the workers, which refer to it.
struct Hosted {
  explicit Hosted(std::string library_in, Window window_in)
      : library(std::move(library_in)), window(std::move(window_in)) {}
  Hosted(const Hosted&) = delete;
  Hosted& operator=(const Hosted&) = delete;
  // In the order in which the shim may forget: what runs, then what it runs on.
  ~Hosted() {
    const auto freeing = [&](auto slot) {
      return [&, slot](auto* handle) {
        if (slot != nullptr) slot(slots.self, handle);
      };
    };
    queues.free_all(freeing(slots.queue_free));
    timelines.free_all(freeing(slots.timeline_free));
    executables.free_all(freeing(slots.executable_free));
    memories.free_all(freeing(slots.memory_free));
  }

  std::string library;
  Window window;
  std::optional<Shim> shim;
  acp_shim slots = {};  // all null until negotiated
  std::uint64_t last_number = 0;
  Handles<acp_memory> memories;
  Handles<acp_executable> executables;
  Handles<acp_queue> queues;
  Handles<acp_timeline> timelines;
};

template <typename... Parameters, typename... Arguments>
Said call(void* self, std::uint16_t (*slot)(void*, Parameters...), Arguments... arguments) {
  if (slot == nullptr) return said(unsupported("ACP-SHIM-4", "shim", "the shim does not offer this call"));
  Said out;
  out.returned = slot(self, arguments..., &out.status);
  return out;
}

std::uint64_t offered(const acp_shim& slots) {
  const bool present[] = {
      slots.enumerate != nullptr,       slots.get_document != nullptr,    slots.release != nullptr,
      slots.get_state != nullptr,       slots.would_accept != nullptr,    slots.memory_alloc != nullptr,
      slots.memory_free != nullptr,     slots.memory_write != nullptr,    slots.memory_read != nullptr,
      slots.compile != nullptr,         slots.executable_free != nullptr, slots.queue_create != nullptr,
      slots.queue_free != nullptr,      slots.queue_submit != nullptr,    slots.queue_status != nullptr,
      slots.queue_reset != nullptr,     slots.timeline_create != nullptr, slots.timeline_free != nullptr,
      slots.timeline_signal != nullptr, slots.timeline_query != nullptr,  slots.timeline_wait != nullptr};
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < std::size(present); ++i) bits |= std::uint64_t{present[i]} << i;
  return bits;
}

// A submission that came in a message, in the arrays of the C struct.
class ReceivedSubmission {
 public:
  // The path of a handle that stands for nothing, or null.
  const char* read(const Hosted& hosted, schema::Submission::Reader in) {
    rpc::read(in.getHeader(), view_);
    if (!points(hosted, in.getWaits(), waits_)) return "submission.waits";
    if (!points(hosted, in.getSignals(), signals_)) return "submission.signals";
    const auto launches = in.getLaunches();
    bindings_.reserve(launches.size());
    launches_.reserve(launches.size());
    for (const auto launch : launches) {
      const auto executable = hosted.executables.find(launch.getExecutable());
      if (!executable) return "submission.launches.executable";
      std::vector<acp_binding>& bound = bindings_.emplace_back();
      bound.reserve(launch.getBindings().size());
      for (const auto binding : launch.getBindings()) {
        const auto memory = hosted.memories.find(binding.getMemory());
        if (!memory) return "submission.launches.bindings";
        bound.push_back({*memory, binding.getOffsetBytes()});
      }
      launches_.push_back({*executable, bound.data(), static_cast<std::uint32_t>(bound.size()), 0});
    }
    view_.waits = waits_.data();
    view_.wait_count = static_cast<std::uint32_t>(waits_.size());
    view_.launches = launches_.data();
    view_.launch_count = static_cast<std::uint32_t>(launches_.size());
    view_.signals = signals_.data();
    view_.signal_count = static_cast<std::uint32_t>(signals_.size());
    return nullptr;
  }
  [[nodiscard]] const acp_submission& view() const { return view_; }

 private:
  static bool points(const Hosted& hosted, capnp::List<schema::Point>::Reader in,
                     std::vector<acp_point>& out) {
    out.reserve(in.size());
    for (const auto point : in) {
      const auto timeline = hosted.timelines.find(point.getTimeline());
      if (!timeline) return false;
      out.push_back({*timeline, point.getValue()});
    }
    return true;
  }

  acp_submission view_{};
  std::vector<acp_point> waits_, signals_;
  std::vector<acp_launch> launches_;
  std::vector<std::vector<acp_binding>> bindings_;
};

class Server final : public schema::Shim::Server {
 public:
  Server(Hosted& hosted, Workers& workers) : h_(hosted), workers_(workers) {}

 protected:
  kj::Promise<void> negotiate(NegotiateContext context) override {
    const auto wanted = context.getParams();
    auto out = context.getResults();
    if (h_.shim || wanted.getAbiMin() > ACP_ABI_VERSION || wanted.getAbiMax() < ACP_ABI_VERSION) {
      write(out.initStatus(), said(unsupported("ACP-SHIM-1", "abi", "no version in the caller's range")));
      return kj::READY_NOW;
    }
    auto loaded = Shim::load(h_.library);
    if (!loaded) {
      write(out.initStatus(), said(loaded.error()));
      return kj::READY_NOW;
    }
    h_.slots = loaded->slots();
    h_.shim = std::move(*loaded);
    write(out.initStatus(), Said{});
    out.setAbi(h_.slots.abi);
    out.setSlots(offered(h_.slots));
    return kj::READY_NOW;
  }

  kj::Promise<void> enumerate(EnumerateContext context) override {
    std::uint32_t count = 0;
    write(context.getResults().initStatus(), call(self(), h_.slots.enumerate, &count));
    context.getResults().setCount(count);
    return kj::READY_NOW;
  }

  kj::Promise<void> getDocument(GetDocumentContext context) override {
    const auto params = context.getParams();
    auto out = context.getResults();
    acp_document document{};
    read(params.getHeader(), document);
    const Said answer = call(self(), h_.slots.get_document, params.getDevice(), params.getKind(), &document);
    write(out.initStatus(), answer);
    if (answer.returned != ACP_OK) return kj::READY_NOW;
    out.setEncoding(document.encoding);
    out.setData(kj::arrayPtr(static_cast<const kj::byte*>(document.data), document.size_bytes));
    return kj::READY_NOW;
  }

  kj::Promise<void> getState(GetStateContext context) override {
    acp_state state{};
    read(context.getParams().getHeader(), state);
    write(context.getResults().initStatus(),
          call(self(), h_.slots.get_state, context.getParams().getDevice(), &state));
    auto out = context.getResults().initState();
    out.setGeneration(state.generation);
    out.setFreeBytes(state.free_bytes);
    out.setHealthy(state.healthy);
    return kj::READY_NOW;
  }

  kj::Promise<void> wouldAccept(WouldAcceptContext context) override {
    const auto params = context.getParams();
    auto region = ReceivedRegion::read(params.getRegion());
    if (!region) return refuse(context, said(region.error()));
    acp_answer answer{};
    read(params.getHeader(), answer);
    return later(
        context,
        [region = std::move(*region), answer, device = params.getDevice(), slot = h_.slots.would_accept,
         self = self()](Said& said) mutable {
          said = call(self, slot, device, &region.view(), &answer);
          return answer.accepted;
        },
        [](auto out, std::uint32_t accepted) { out.setAccepted(accepted); });
  }

  kj::Promise<void> memoryAlloc(MemoryAllocContext context) override {
    const auto params = context.getParams();
    acp_memory* memory = nullptr;
    write(context.getResults().initStatus(), call(self(), h_.slots.memory_alloc, params.getDevice(),
                                                  params.getSizeBytes(), params.getAlignment(), &memory));
    context.getResults().setMemory(h_.memories.add(memory, h_.last_number));
    return kj::READY_NOW;
  }
  kj::Promise<void> memoryFree(MemoryFreeContext context) override {
    const auto memory = h_.memories.take(context.getParams().getMemory());
    if (memory && h_.slots.memory_free != nullptr) h_.slots.memory_free(self(), *memory);
    return kj::READY_NOW;
  }

  kj::Promise<void> memoryWrite(MemoryWriteContext context) override {
    const auto params = context.getParams();
    const auto memory = h_.memories.find(params.getMemory());
    if (!memory) return refuse(context, unknown("memory"));
    const auto data = in_window(params.getSource());
    if (!data) return refuse(context, said(data.error()));
    return later(context, [memory = *memory, offset = params.getOffsetBytes(), data = *data,
                           size = params.getSource().getSizeBytes(), slot = h_.slots.memory_write,
                           self = self()](Said& said) {
      said = call(self, slot, memory, offset, static_cast<const void*>(data), size);
      return 0;
    });
  }
  kj::Promise<void> memoryRead(MemoryReadContext context) override {
    const auto params = context.getParams();
    const auto memory = h_.memories.find(params.getMemory());
    if (!memory) return refuse(context, unknown("memory"));
    const auto data = in_window(params.getTarget());
    if (!data) return refuse(context, said(data.error()));
    return later(context, [memory = *memory, offset = params.getOffsetBytes(), data = *data,
                           size = params.getTarget().getSizeBytes(), slot = h_.slots.memory_read,
                           self = self()](Said& said) {
      said = call(self, slot, memory, offset, static_cast<void*>(data), size);
      return 0;
    });
  }

  kj::Promise<void> compile(CompileContext context) override {
    const auto params = context.getParams();
    auto region = ReceivedRegion::read(params.getRegion());
    if (!region) return refuse(context, said(region.error()));
    return later(
        context,
        [region = std::move(*region), device = params.getDevice(), slot = h_.slots.compile,
         self = self()](Said& said) {
          acp_executable* executable = nullptr;
          said = call(self, slot, device, &region.view(), &executable);
          return executable;
        },
        [this](auto out, acp_executable* executable) {
          out.setExecutable(h_.executables.add(executable, h_.last_number));
        });
  }
  kj::Promise<void> executableFree(ExecutableFreeContext context) override {
    const auto executable = h_.executables.take(context.getParams().getExecutable());
    if (executable && h_.slots.executable_free != nullptr) h_.slots.executable_free(self(), *executable);
    return kj::READY_NOW;
  }

  kj::Promise<void> queueCreate(QueueCreateContext context) override {
    acp_queue* queue = nullptr;
    write(context.getResults().initStatus(),
          call(self(), h_.slots.queue_create, context.getParams().getDevice(), &queue));
    context.getResults().setQueue(h_.queues.add(queue, h_.last_number));
    return kj::READY_NOW;
  }
  // A queue may wait for what it runs.
  kj::Promise<void> queueFree(QueueFreeContext context) override {
    const auto queue = h_.queues.take(context.getParams().getQueue());
    if (!queue || h_.slots.queue_free == nullptr) return kj::READY_NOW;
    return workers_.run([queue = *queue, slot = h_.slots.queue_free, self = self()] { slot(self, queue); });
  }
  kj::Promise<void> queueSubmit(QueueSubmitContext context) override {
    const auto params = context.getParams();
    const auto queue = h_.queues.find(params.getQueue());
    if (!queue) return refuse(context, unknown("queue"));
    ReceivedSubmission submission;
    const char* wrong = submission.read(h_, params.getSubmission());
    if (wrong != nullptr) return refuse(context, unknown(wrong));
    return refuse(context, call(self(), h_.slots.queue_submit, *queue, &submission.view()));
  }
  kj::Promise<void> queueStatus(QueueStatusContext context) override {
    return on_queue(context, h_.slots.queue_status);
  }
  kj::Promise<void> queueReset(QueueResetContext context) override {
    return on_queue(context, h_.slots.queue_reset);
  }

  kj::Promise<void> timelineCreate(TimelineCreateContext context) override {
    acp_timeline* timeline = nullptr;
    write(context.getResults().initStatus(),
          call(self(), h_.slots.timeline_create, context.getParams().getDevice(), &timeline));
    context.getResults().setTimeline(h_.timelines.add(timeline, h_.last_number));
    return kj::READY_NOW;
  }
  kj::Promise<void> timelineFree(TimelineFreeContext context) override {
    const auto timeline = h_.timelines.take(context.getParams().getTimeline());
    if (timeline && h_.slots.timeline_free != nullptr) h_.slots.timeline_free(self(), *timeline);
    return kj::READY_NOW;
  }
  kj::Promise<void> timelineSignal(TimelineSignalContext context) override {
    const auto timeline = h_.timelines.find(context.getParams().getTimeline());
    if (!timeline) return refuse(context, unknown("timeline"));
    return refuse(context, call(self(), h_.slots.timeline_signal, *timeline, context.getParams().getValue()));
  }
  kj::Promise<void> timelineQuery(TimelineQueryContext context) override {
    const auto timeline = h_.timelines.find(context.getParams().getTimeline());
    if (!timeline) return refuse(context, unknown("timeline"));
    std::uint64_t value = 0;
    write(context.getResults().initStatus(), call(self(), h_.slots.timeline_query, *timeline, &value));
    context.getResults().setValue(value);
    return kj::READY_NOW;
  }
  kj::Promise<void> timelineWait(TimelineWaitContext context) override {
    const auto params = context.getParams();
    const auto timeline = h_.timelines.find(params.getTimeline());
    if (!timeline) return refuse(context, unknown("timeline"));
    return later(context, [timeline = *timeline, value = params.getValue(), timeout = params.getTimeoutNs(),
                           slot = h_.slots.timeline_wait, self = self()](Said& said) {
      said = call(self, slot, timeline, value, timeout);
      return 0;
    });
  }

 private:
  [[nodiscard]] void* self() const { return h_.slots.self; }

  template <typename Context>
  static kj::Promise<void> refuse(Context& context, const Said& said) {
    write(context.getResults().initStatus(), said);
    return kj::READY_NOW;
  }

  template <typename Context, typename Slot>
  kj::Promise<void> on_queue(Context& context, Slot slot) {
    const auto queue = h_.queues.find(context.getParams().getQueue());
    return refuse(context, queue ? call(self(), slot, *queue) : unknown("queue"));
  }

  // `work` runs on a worker and may block; what it gives goes into the answer on this thread.
  template <typename Context, typename Work, typename Answer>
  kj::Promise<void> later(Context& context, Work work, Answer answer) {
    struct Job {
      Work work;
      Said said;
      decltype(work(std::declval<Said&>())) value{};
    };
    auto job = std::make_shared<Job>(Job{std::move(work), {}, {}});
    return workers_.run([job] { job->value = job->work(job->said); }).then([job, answer, context]() mutable {
      write(context.getResults().initStatus(), job->said);
      answer(context.getResults(), job->value);
    });
  }
  template <typename Context, typename Work>
  kj::Promise<void> later(Context& context, Work work) {
    return later(context, std::move(work), [](auto&& /*out*/, int /*value*/) {});
  }

  [[nodiscard]] Result<std::byte*> in_window(schema::Range::Reader range) const {
    if (range.getOffsetBytes() > kWindowBytes || range.getSizeBytes() > kWindowBytes - range.getOffsetBytes())
      return malformed("ACP-PROC-2", "range", "ends past the window");
    return h_.window.data() + range.getOffsetBytes();
  }

  Hosted& h_;
  Workers& workers_;
};

// Ends the process some time after its caller has gone: a shim that does not come back must not keep it.
void watch(int socket) {
  std::thread([socket] {
    pollfd waited = {socket, POLLRDHUP, 0};
    while (::poll(&waited, 1, -1) < 0 && errno == EINTR) {
    }
    std::this_thread::sleep_for(kGrace);
    // ACP-PROC-5
    ::_exit(4);
  }).detach();
}

void serve(Hosted& hosted) {
  Mailbox mailbox;
  auto io = kj::setupAsyncIo();
  auto stream = io.lowLevelProvider->wrapSocketFd(kSocketFile, kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  GuardedStream guarded(*stream);
  capnp::TwoPartyVatNetwork network(guarded, capnp::rpc::twoparty::Side::SERVER);
  Workers workers(mailbox);
  auto rpc = capnp::makeRpcServer(network, kj::heap<Server>(hosted, workers));
  const auto listening = mailbox.listen(*io.lowLevelProvider).eagerlyEvaluate(nullptr);
  network.onDisconnect().wait(io.waitScope);
}

}  // namespace
}  // namespace acp::rpc

namespace acp {

Status serve_shim(const std::string& library) {
  auto window = rpc::Window::map(rpc::File(rpc::kWindowFile));
  if (!window || ::fcntl(rpc::kSocketFile, F_SETFD, FD_CLOEXEC) != 0 ||
      ::fcntl(rpc::kWindowFile, F_SETFD, FD_CLOEXEC) != 0) {
    return environment("acp-shim-host", "started without the socket and the window of a caller");
  }
  rpc::Hosted hosted(library, std::move(*window));
  try {
    rpc::watch(rpc::kSocketFile);
    rpc::serve(hosted);
  } catch (const kj::Exception& fault) {
    return environment("acp-shim-host", fault.getDescription().cStr());
  } catch (const std::system_error& fault) {
    return environment("acp-shim-host", fault.what());
  }
  return ok();
}

}  // namespace acp
