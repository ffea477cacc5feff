// Sessions: one preparation, many runs.
#include <algorithm>

#include "exec/float_environment.h"
#include "exec/host_data.h"

namespace cep {

namespace {

struct Reach {
  ArenaId arena = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// From the first to the last byte of a view.
Reach reach_of(const Plan& plan, const View& view) {
  const Buffer& buffer = plan.buffers[view.buffer];
  const std::int64_t element = size_bytes(buffer.type.dtype);
  const std::int64_t at = buffer.offset_bytes + view.offset_bytes;
  Reach reach{buffer.arena, at, at + element};
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    const std::int64_t span = std::max<std::int64_t>(0, view.dims[d] - 1) * view.strides[d] * element;
    (span < 0 ? reach.begin : reach.end) += span;
  }
  return reach;
}

std::vector<Reach> writes_of(const Plan& plan) {
  std::vector<Reach> out;
  for (const Step& step : plan.steps) {
    if (const auto* compute = std::get_if<Compute>(&step.what)) {
      for (const Slice& slice : compute->outputs) out.push_back(reach_of(plan, slice.view));
    }
    if (const auto* copy = std::get_if<Copy>(&step.what)) out.push_back(reach_of(plan, copy->target));
    if (const auto* combine = std::get_if<Combine>(&step.what))
      out.push_back(reach_of(plan, combine->target));
    if (const auto* fill = std::get_if<Fill>(&step.what)) out.push_back(reach_of(plan, fill->target));
  }
  return out;
}

// Tensors some of whose input slices a step of the plan writes over.
std::vector<bool> written_over(const Workload& workload, const Plan& plan) {
  std::vector<bool> out(workload.tensors.size(), false);
  const std::vector<Reach> writes = writes_of(plan);
  for (const Slice& slice : plan.inputs) {
    const Reach given = reach_of(plan, slice.view);
    out[slice.tensor] =
        out[slice.tensor] || std::any_of(writes.begin(), writes.end(), [&](const Reach& write) {
          return write.arena == given.arena && write.begin < given.end && given.begin < write.end;
        });
  }
  return out;
}

}  // namespace

struct Session::State {
  const Workload& workload;
  const Plan& plan;
  exec::Prepared prepared;
  std::vector<std::vector<std::byte>> weights;  // by tensor; those that every run writes again
  bool constants_again = false;
  bool failed = false;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

acp::Result<Session> Session::open(const Workload& workload, const Plan& plan, const Certificate& certificate,
                                   const std::vector<acp::Device*>& devices,
                                   const std::vector<TensorBytes>& weights) {
  const exec::FloatEnvironment environment;
  ACP_CHECK(exec::check_certificate(workload, plan, certificate, devices));
  ACP_TRY(const exec::HostBytes bytes, exec::host_bytes(workload, {TensorKind::kWeight}, weights));
  ACP_TRY(exec::Prepared prepared, exec::prepare(workload, plan, devices));
  auto state = std::make_unique<State>(State{workload, plan, std::move(prepared), {}, false, false});
  state->weights.resize(workload.tensors.size());
  const std::vector<bool> again = written_over(workload, plan);
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    if (!again[id]) continue;
    state->weights[id].assign(bytes[id].begin(), bytes[id].end());
    state->constants_again |= workload.tensors[id].kind == TensorKind::kConstant;
  }
  ACP_CHECK(exec::write_constants(workload, plan, state->prepared));
  ACP_CHECK(exec::write_slices(workload, plan, state->prepared, bytes));
  return Session(std::move(state));
}

acp::Result<RunResult> Session::run(const std::vector<TensorBytes>& inputs, const RunOptions& options) {
  State& s = *state_;
  const exec::FloatEnvironment environment;
  if (s.failed) {
    acp::Error error = acp::environment("session", "an earlier run failed: open it anew");
    error.requirement = "CEP-EXEC-5";
    return error;
  }
  ACP_TRY(exec::HostBytes bytes, exec::host_bytes(s.workload, {TensorKind::kInput}, inputs));
  for (TensorId id = 0; id < bytes.size(); ++id) {
    if (!s.weights[id].empty()) bytes[id] = s.weights[id];
  }
  s.failed = true;  // until the end is reached
  if (s.constants_again) ACP_CHECK(exec::write_constants(s.workload, s.plan, s.prepared));
  ACP_CHECK(exec::write_slices(s.workload, s.plan, s.prepared, bytes));
  RunResult result;
  ACP_CHECK(exec::run_lanes(s.plan, s.prepared, options, result.trace));
  ACP_TRY(result.outputs, exec::read_outputs(s.workload, s.plan, s.prepared));
  s.failed = false;
  return result;
}

}  // namespace cep
