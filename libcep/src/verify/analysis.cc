#include "verify/analysis.h"

#include <algorithm>
#include <numeric>

namespace cep {

namespace {
// A hostile view of a huge strided buffer must not make the verifier list millions of runs.
constexpr std::int64_t kMaxRuns = 1 << 12;
}  // namespace

std::string item_path(const char* list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}
std::string step_path(std::size_t step) { return item_path("steps", step); }

Finding finding(Condition condition, std::string id, std::string path, std::string step, std::string message,
                bool certain) {
  return {condition, std::move(id), std::move(path), std::move(step), std::move(message), certain};
}

Footprint footprint(const Plan& plan, const View& view) {
  const Buffer& buffer = plan.buffers[view.buffer];
  const std::int64_t element = size_bytes(buffer.type.dtype);
  Footprint out{buffer.arena, {}, false};
  if (volume(view.dims) == 0) return out;
  std::vector<std::size_t> axes;
  for (std::size_t d = 0; d < view.dims.size(); ++d) {
    if (view.dims[d] > 1) axes.push_back(d);
  }
  std::sort(axes.begin(), axes.end(),
            [&](std::size_t a, std::size_t b) { return view.strides[a] > view.strides[b]; });
  std::int64_t run = element;  // length of a contiguous run, grown from the innermost axis outwards
  while (!axes.empty() && view.strides[axes.back()] * element <= run) {
    run = view.strides[axes.back()] * element * (view.dims[axes.back()] - 1) + run;
    axes.pop_back();
  }
  std::int64_t count = 1;
  std::int64_t last = run;
  for (const std::size_t d : axes) {
    count *= view.dims[d];
    last += (view.dims[d] - 1) * view.strides[d] * element;
    if (count > kMaxRuns) break;
  }
  const std::int64_t base = buffer.offset_bytes + view.offset_bytes;
  if (count > kMaxRuns) {
    last = run;
    for (const std::size_t d : axes) last += (view.dims[d] - 1) * view.strides[d] * element;
    out.runs.push_back({base, base + last});
    out.coarse = true;
    return out;
  }
  std::vector<std::int64_t> at(axes.size(), 0);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = base;
    for (std::size_t a = 0; a < axes.size(); ++a) offset += at[a] * view.strides[axes[a]] * element;
    out.runs.push_back({offset, offset + run});
    for (std::size_t a = axes.size(); a-- > 0;) {
      if (++at[a] < view.dims[axes[a]]) break;
      at[a] = 0;
    }
  }
  std::sort(out.runs.begin(), out.runs.end(),
            [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < out.runs.size(); ++i) {
    if (out.runs[i].begin <= out.runs[kept].end) {
      out.runs[kept].end = std::max(out.runs[kept].end, out.runs[i].end);
    } else {
      out.runs[++kept] = out.runs[i];
    }
  }
  out.runs.resize(kept + 1);
  return out;
}

bool overlap(const Footprint& a, const Footprint& b) {
  if (a.arena != b.arena || a.empty() || b.empty() || a.end() <= b.begin() || b.end() <= a.begin())
    return false;
  std::size_t i = 0, j = 0;
  while (i < a.runs.size() && j < b.runs.size()) {
    if (a.runs[i].end <= b.runs[j].begin) {
      ++i;
    } else if (b.runs[j].end <= a.runs[i].begin) {
      ++j;
    } else {
      return true;
    }
  }
  return false;
}

View sub_view(const Plan& plan, const Slice& slice, const Box& box) {
  View view = slice.view;
  const std::int64_t element = size_bytes(plan.buffers[view.buffer].type.dtype);
  for (std::size_t d = 0; d < box.rank(); ++d) {
    view.offset_bytes += (box.lo[d] - slice.box.lo[d]) * view.strides[d] * element;
  }
  view.dims = box.dims();
  return view;
}

namespace {

void join(Box& hull, const Box& box) {
  if (box.empty()) return;
  if (hull.empty()) {
    hull = box;
    return;
  }
  for (std::size_t d = 0; d < box.rank(); ++d) {
    hull.lo[d] = std::min(hull.lo[d], box.lo[d]);
    hull.hi[d] = std::max(hull.hi[d], box.hi[d]);
  }
}

// What the lowered program can read of every input slot, seed included.
std::vector<Box> needed_boxes(const Region& region) {
  std::vector<Box> by_operand;
  for (const acp_operand& operand : region.operands) {
    // A rank-0 box holds one element and is never empty, so scalar inputs count as read; they are, or they would have no slot.
    by_operand.push_back({Dims(operand.rank, 0), Dims(operand.rank, 0)});
  }
  for (const acp_stage& stage : region.stages) {
    if (stage.kind == ACP_STAGE_NEST) {
      for (const ReadHull& hull : read_hulls(region, stage.index))
        join(by_operand[region.reads[hull.read].operand], hull.box);
    } else {
      for (const std::uint32_t read : loop_reads(region, region.loops[stage.index])) {
        const std::uint32_t operand = region.reads[read].operand;
        join(by_operand[operand], Box::whole(type_of(region.operands[operand]).dims));
      }
    }
  }
  std::vector<Box> needed;
  for (std::uint32_t slot = 0; slot < region.count(ACP_ROLE_INPUT); ++slot) {
    needed.push_back(by_operand[region.operand_at(ACP_ROLE_INPUT, slot)]);
  }
  return needed;
}

class Lowering {
 public:
  Lowering(Analysis& analysis, StepInfo& info) : a_(analysis), info_(info) {}

  acp::Status operator()(const Compute& step) {
    ACP_TRY(info_.region, lower(a_.workload, step));
    if (!a_.splits[step.node]) {
      ACP_TRY(const Region whole, node_region(a_.workload, step.node));
      a_.splits[step.node] = split_reduction(whole);
    }
    info_.needed = needed_boxes(*info_.region);
    // A device is handed the whole view and may fetch all of it, whatever its program needs.
    for (const Slice& input : step.inputs) info_.reads.push_back(footprint(a_.plan, input.view));
    if (step.seed) info_.reads.push_back(footprint(a_.plan, *step.seed));
    for (const Slice& output : step.outputs) info_.writes.push_back(footprint(a_.plan, output.view));
    return acp::ok();
  }
  acp::Status operator()(const Copy& step) {
    ACP_TRY(info_.region, lower(a_.plan, step));
    info_.reads.push_back(footprint(a_.plan, step.source));
    info_.writes.push_back(footprint(a_.plan, step.target));
    return acp::ok();
  }
  acp::Status operator()(const Combine& step) {
    ACP_TRY(info_.region, lower(a_.plan, step));
    for (const View& input : step.inputs) info_.reads.push_back(footprint(a_.plan, input));
    info_.writes.push_back(footprint(a_.plan, step.target));
    return acp::ok();
  }
  acp::Status operator()(const Fill& step) {
    ACP_TRY(info_.region, lower(a_.plan, step));
    info_.writes.push_back(footprint(a_.plan, step.target));
    return acp::ok();
  }
  acp::Status operator()(const Signal&) { return acp::ok(); }
  acp::Status operator()(const Wait&) { return acp::ok(); }

 private:
  Analysis& a_;
  StepInfo& info_;
};

}  // namespace

std::vector<Finding> analyse(Analysis& analysis) {
  std::vector<Finding> findings;
  analysis.steps.resize(analysis.plan.steps.size());
  analysis.splits.resize(analysis.workload.nodes.size());
  for (std::size_t i = 0; i < analysis.plan.steps.size(); ++i) {
    const Step& step = analysis.plan.steps[i];
    if (auto status = std::visit(Lowering(analysis, analysis.steps[i]), step.what); !status) {
      const acp::Error error = acp::at(step_path(i), status.error());
      findings.push_back(
          finding(Condition::kWellFormed, error.requirement, error.path, step.name, error.message));
    }
  }
  return findings;
}

}  // namespace cep
