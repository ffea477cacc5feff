// Sessions: one preparation, many runs; another plan when the devices of one are lost. A single run is a session's first.
#include <optional>

#include "exec/float_environment.h"
#include "exec/ready.h"

namespace cep {

namespace {

// Every output at least as good as the first plan gives it.
acp::Status promises_as_much(const Proved& first, const Proved& other, const std::string& path) {
  for (std::size_t i = 0; i < first.outputs.size(); ++i) {
    const bool same = i < other.outputs.size() && other.outputs[i].tensor == first.outputs[i].tensor;
    if (!same || other.outputs[i].grade < first.outputs[i].grade) {
      return acp::invalid("CEP-EXEC-6", path,
                          "promises less for \"" + first.outputs[i].tensor + "\" than the first plan");
    }
  }
  return acp::ok();
}

// The tensors of one kind; nothing for all others.
exec::HostBytes only(const Workload& workload, TensorKind kind, exec::HostBytes bytes) {
  for (TensorId id = 0; id < bytes.size(); ++id) {
    if (workload.tensors[id].kind != kind) bytes[id] = {};
  }
  return bytes;
}

// Plans, of which the first not yet lost has its turn.
struct Turns {
  const Workload& workload;
  std::vector<Attempt> attempts;
  exec::HostBytes weights = {};  // borrowed until the last plan is ready
  std::optional<exec::Ready> ready = {};
  std::vector<acp::Error> lost = {};  // one for each plan that had its turn
  bool failed = false;

  [[nodiscard]] const Attempt& now() const { return attempts[lost.size()]; }
  [[nodiscard]] acp::Status certified(const Attempt& attempt) const {
    return exec::check_devices(workload, *attempt.plan, *attempt.certificate, attempt.devices);
  }

  // Gives the turn to the next plan, unless there is none, or what happened is no fault of the surroundings: what is wrong with the
  // plan or the inputs is wrong on every device.
  acp::Status lose(acp::Error error) {
    ready.reset();
    failed = true;
    if (error.family != acp::Family::kEnvironment) return error;
    lost.push_back(std::move(error));
    failed = lost.size() == attempts.size();
    if (!failed) return acp::ok();
    acp::Error all = lost.front();
    for (std::size_t i = 1; i < lost.size(); ++i) all.message += "; then the fallback: " + to_string(lost[i]);
    return all;
  }

  acp::Status check() {
    if (attempts.empty()) return acp::invalid("CEP-EXEC-6", "attempts", "there is no plan");
    acp::Status first = acp::ok();
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const std::string path = i == 0 ? "plan" : "fallbacks[" + std::to_string(i - 1) + "]";
      ACP_CHECK(promises_as_much(attempts[0].certificate->proof, attempts[i].certificate->proof, path));
      auto status = certified(attempts[i]);
      if (status) continue;
      // A device that is lost already is lost to its own plan only.
      const bool lost_already = status.error().family == acp::Family::kEnvironment;
      if (lost_already && i == 0) first = status;
      if (lost_already) continue;
      if (attempts.size() > 1) return acp::at(path + ".", std::move(status).error());
      return status;
    }
    return first ? acp::ok() : lose(std::move(first).error());
  }

  acp::Status make_ready() {
    while (!ready) {
      // A fallback's turn may come long after all were checked.
      acp::Status status = lost.empty() ? acp::ok() : certified(now());
      if (status) {
        auto made = exec::make_ready(workload, *now().plan, now().devices, weights);
        if (made) ready = std::move(*made);
        if (!made) status = std::move(made).error();
      }
      if (!status) ACP_CHECK(lose(std::move(status).error()));
    }
    return acp::ok();
  }

  acp::Result<RunResult> run(const exec::HostBytes& inputs, const RunOptions& options) {
    while (true) {
      ACP_CHECK(make_ready());
      auto result = exec::run_ready(workload, *now().plan, *ready, inputs, options);
      if (result) {
        result->lost = lost;
        return result;
      }
      ACP_CHECK(lose(std::move(result).error()));
    }
  }
};

}  // namespace

struct Session::State : Turns {};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

acp::Result<Session> Session::open(const Workload& workload, std::vector<Attempt> attempts,
                                   const std::vector<TensorBytes>& weights) {
  const exec::FloatEnvironment environment;
  auto state = std::make_unique<State>(State{{workload, std::move(attempts)}});
  ACP_CHECK(state->check());
  ACP_TRY(state->weights, exec::host_bytes(workload, {TensorKind::kWeight}, weights));
  ACP_CHECK(state->make_ready());
  return Session(std::move(state));
}

acp::Result<Session> Session::open(const Workload& workload, const Plan& plan, const Certificate& certificate,
                                   const std::vector<acp::Device*>& devices,
                                   const std::vector<TensorBytes>& weights) {
  return open(workload, {{&plan, &certificate, devices}}, weights);
}

acp::Result<RunResult> Session::run(const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  const exec::FloatEnvironment environment;
  if (state_->failed) {
    acp::Error error = acp::environment("session", "an earlier run failed: open it anew");
    error.requirement = "CEP-EXEC-5";
    return error;
  }
  ACP_TRY(const exec::HostBytes bytes, exec::host_bytes(state_->workload, {TensorKind::kInput}, inputs));
  return state_->run(bytes, options);
}

acp::Result<RunResult> run_with_fallback(const Workload& workload, const std::vector<Attempt>& attempts,
                                         const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  const exec::FloatEnvironment environment;
  Turns turns{workload, attempts};
  ACP_CHECK(turns.check());
  ACP_TRY(const exec::HostBytes bytes,
          exec::host_bytes(workload, {TensorKind::kInput, TensorKind::kWeight}, inputs));
  turns.weights = only(workload, TensorKind::kWeight, bytes);
  return turns.run(only(workload, TensorKind::kInput, bytes), options);
}

acp::Result<RunResult> run_plan(const Workload& workload, const Plan& plan, const Certificate& certificate,
                                const std::vector<acp::Device*>& devices,
                                const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  return run_with_fallback(workload, {{&plan, &certificate, devices}}, inputs, options);
}

}  // namespace cep
