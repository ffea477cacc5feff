#include "exec/ready.h"

#include <algorithm>
#include <map>

namespace cep::exec {

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

// The writes of an arena, merged where they overlap or touch, ascending; given by its number.
using Written = std::map<ArenaId, std::vector<Reach>>;
Written merged(std::vector<Reach> writes) {
  std::ranges::sort(writes, {}, &Reach::begin);
  Written out;
  for (const Reach& write : writes) {
    std::vector<Reach>& ranges = out[write.arena];
    if (ranges.empty() || ranges.back().end < write.begin) {
      ranges.push_back(write);
    } else {
      ranges.back().end = std::max(ranges.back().end, write.end);
    }
  }
  return out;
}

bool overlaps(const Written& written, const Reach& given) {
  const auto found = written.find(given.arena);
  if (found == written.end()) return false;
  const auto next = std::ranges::upper_bound(found->second, given.begin, {}, &Reach::end);
  return next != found->second.end() && next->begin < given.end;
}

// Tensors some of whose input slices a step of the plan writes over.
std::vector<bool> written_over(const Workload& workload, const Plan& plan) {
  std::vector<bool> out(workload.tensors.size(), false);
  const Written written = merged(writes_of(plan));
  for (const Slice& slice : plan.inputs) {
    if (overlaps(written, reach_of(plan, slice.view))) out[slice.tensor] = true;
  }
  return out;
}

}  // namespace

acp::Result<Ready> make_ready(const Workload& workload, const Plan& plan,
                              const std::vector<acp::Device*>& devices, const HostBytes& weights) {
  Ready ready;
  ACP_TRY(ready.prepared, prepare(workload, plan, devices));
  ready.again.resize(workload.tensors.size());
  const std::vector<bool> again = written_over(workload, plan);
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    if (!again[id]) continue;
    ready.again[id].assign(weights[id].begin(), weights[id].end());
    ready.constants_again |= workload.tensors[id].kind == TensorKind::kConstant;
  }
  ACP_CHECK(write_constants(workload, plan, ready.prepared));
  ACP_CHECK(write_slices(workload, plan, ready.prepared, weights));
  return ready;
}

acp::Result<RunResult> run_ready(const Workload& workload, const Plan& plan, Ready& ready, HostBytes inputs,
                                 const RunOptions& options) {
  for (TensorId id = 0; id < inputs.size(); ++id) {
    if (!ready.again[id].empty()) inputs[id] = ready.again[id];
  }
  if (ready.constants_again) ACP_CHECK(write_constants(workload, plan, ready.prepared));
  ACP_CHECK(write_slices(workload, plan, ready.prepared, inputs));
  RunResult result;
  ACP_CHECK(run_lanes(plan, ready.prepared, options, result.trace));
  ACP_TRY(result.outputs, read_outputs(workload, plan, ready.prepared));
  return result;
}

}  // namespace cep::exec
