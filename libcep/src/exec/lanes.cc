// Lanes: one host thread per queue of the plan; between them, timelines that live on the host.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "exec/float_environment.h"
#include "exec/prepared.h"

namespace cep::exec {

namespace {

using Clock = std::chrono::steady_clock;

// What the lanes share. A lane that fails wakes all others, so that none waits for a signal that will not come.
class Shared {
 public:
  explicit Shared(std::size_t timelines) : values_(timelines, 0) {}

  void signal(const Signal& signal) {
    const std::lock_guard lock(mutex_);
    values_[signal.timeline] = std::max(values_[signal.timeline], signal.value);
    changed_.notify_all();
  }

  // True once the value is reached; false when some lane failed, or nothing at all happened for too long.
  bool wait(const Wait& wait, std::chrono::nanoseconds patience) {
    std::unique_lock lock(mutex_);
    while (!failed_ && values_[wait.timeline] < wait.value) {
      const std::uint64_t seen = progress_;
      const bool late = changed_.wait_for(lock, patience) == std::cv_status::timeout;
      // The signal itself may have come in the last moment, before its step counts as progress.
      if (late && seen == progress_ && values_[wait.timeline] < wait.value) return false;
    }
    return !failed_;
  }

  void step_done() {
    const std::lock_guard lock(mutex_);
    ++progress_;
  }

  void fail(acp::Error error) {
    const std::lock_guard lock(mutex_);
    if (!failed_) error_ = std::move(error);
    failed_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] bool failed() {
    const std::lock_guard lock(mutex_);
    return failed_;
  }
  [[nodiscard]] acp::Status status() && {
    if (failed_) return std::move(error_);
    return acp::ok();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> values_;
  std::uint64_t progress_ = 0;
  bool failed_ = false;
  acp::Error error_;
};

class LaneRun {
 public:
  LaneRun(const Plan& plan, Prepared& prepared, Lane& lane, Shared& shared, const RunOptions& options)
      : p_(plan), prepared_(prepared), lane_(lane), shared_(shared), options_(options) {}

  void run(std::vector<StepTrace>& trace, Clock::time_point origin) {
    const FloatEnvironment environment;
    const auto now = [&] {
      return static_cast<std::uint64_t>(std::chrono::nanoseconds(Clock::now() - origin).count());
    };
    for (const StepId step : lane_.steps) {
      if (shared_.failed()) return;
      StepTrace& entry = trace[step];
      entry = {step, now(), 0};
      at_ = step;
      auto status = std::visit([&](auto& work) { return perform(work); }, prepared_.work[step]);
      entry.end_ns = now();
      if (!status) return shared_.fail(std::move(status).error());
      shared_.step_done();
    }
  }

 private:
  acp::Error overran(const char* why) const {
    acp::Error error =
        acp::environment("steps[" + std::to_string(at_) + "]", "step \"" + p_.steps[at_].name + "\" " + why);
    error.requirement = "CEP-EXEC-3";
    return error;
  }

  acp::Status perform(Nothing&) { return acp::ok(); }

  acp::Status perform(DeviceWork& work) {
    if (auto status = lane_.queue->submit(work.submission); !status) return refused(p_, at_, status.error());
    const auto begin = Clock::now();
    if (auto status = work.done.timeline->wait(work.done.value, options_.step_timeout_ns); !status) {
      const auto waited = std::chrono::nanoseconds(Clock::now() - begin);
      const bool late = static_cast<std::uint64_t>(waited.count()) >= options_.step_timeout_ns;
      if (late) return overran("overran its time");
      return refused(p_, at_, status.error());
    }
    if (auto status = lane_.queue->status(); !status) return refused(p_, at_, status.error());
    // Timelines only rise: the next run's points lie behind all of this one's.
    work.done.value += lane_.points;
    work.submission.signals.front().value = work.done.value;
    return acp::ok();
  }

  acp::Status perform(HostCopy& work) {
    const auto begin = Clock::now();
    for (const Piece& piece : work.pieces) {
      const std::span<std::byte> row(work.row.data(), piece.size_bytes);
      if (auto status = prepared_.arenas[work.from].read(piece.from, row); !status)
        return refused(p_, at_, status.error());
      if (auto status = prepared_.arenas[work.to].write(piece.to, row); !status)
        return refused(p_, at_, status.error());
      const auto taken = std::chrono::nanoseconds(Clock::now() - begin);
      if (static_cast<std::uint64_t>(taken.count()) >= options_.step_timeout_ns)
        return overran("overran its time");
      if (shared_.failed()) return acp::ok();
    }
    return acp::ok();
  }

  acp::Status perform(const Signal& signal) {
    shared_.signal(signal);
    return acp::ok();
  }

  acp::Status perform(const Wait& wait) {
    // Twice the time of a step: whoever is late says so first.
    const auto patience =
        std::chrono::nanoseconds(std::min<std::uint64_t>(options_.step_timeout_ns, std::uint64_t{1} << 60)) *
        2;
    if (shared_.wait(wait, patience) || shared_.failed()) return acp::ok();
    return overran("waited for a signal while nothing else went on");
  }

  const Plan& p_;
  Prepared& prepared_;
  Lane& lane_;
  Shared& shared_;
  const RunOptions& options_;
  StepId at_ = 0;
};

}  // namespace

acp::Status run_lanes(const Plan& plan, Prepared& prepared, const RunOptions& options,
                      std::vector<StepTrace>& trace) {
  trace.assign(plan.steps.size(), {});
  Shared shared(plan.timelines.size());
  const auto origin = Clock::now();
  std::vector<std::thread> threads;
  threads.reserve(prepared.lanes.size());
  try {
    for (Lane& lane : prepared.lanes) {
      threads.emplace_back([&] { LaneRun(plan, prepared, lane, shared, options).run(trace, origin); });
    }
  } catch (const std::system_error& fault) {
    const std::string queue = "queues[" + std::to_string(threads.size()) + "]";
    shared.fail(acp::environment(queue, std::string("no thread for it: ") + fault.what()));
  }
  for (std::thread& thread : threads) thread.join();
  return std::move(shared).status();
}

}  // namespace cep::exec
