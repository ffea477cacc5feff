// Slice: every step-th element between two bounds, along some axes.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

// Along one axis: elements first, first + step, ... (count of them).
struct Cut {
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

// The bounds as ONNX clamps them: negative ones count from the end, then both are brought into the axis.
Cut cut_of(std::int64_t extent, std::int64_t start, std::int64_t end, std::int64_t step) {
  // A step longer than the axis takes one element, and so does one as long as the axis.
  const std::int64_t longest = std::max<std::int64_t>(1, extent);
  step = std::clamp(step, -longest, longest);
  if (start < 0) start += extent;
  if (end < 0) end += extent;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, extent);
    end = std::clamp<std::int64_t>(end, 0, extent);
    return {start, step, end > start ? (end - start + step - 1) / step : 0};
  }
  start = std::clamp<std::int64_t>(start, std::min<std::int64_t>(0, extent - 1), extent - 1);
  end = std::clamp<std::int64_t>(end, -1, extent - 1);
  return {start, step, start > end ? (start - end - step - 1) / -step : 0};
}

// inputs[i], a list of `count` constants (count < 0: of any length).
acp::Result<Dims> bounds_input(const OpContext& context, std::size_t i, std::int64_t count) {
  const std::string path = "inputs[" + std::to_string(i) + "]";
  const TensorType& type = context.input(i);
  const bool list = (type.dtype == Dtype::kI64 || type.dtype == Dtype::kI32) && type.dims.size() == 1;
  if (!list || (count >= 0 && type.dims[0] != count)) {
    return acp::invalid("CEP-SLICE-2", path, "not an integer list as long as the starts");
  }
  const auto* known = context.known_input(i);
  if (known == nullptr) return acp::unsupported("CEP-SLICE-1", path, "not a constant");
  return *known;
}

acp::Result<std::vector<Cut>> cuts_of(const OpContext& context) {
  const Dims& dims = context.input(0).dims;
  ACP_TRY(const Dims starts, bounds_input(context, 1, -1));
  const auto count = static_cast<std::int64_t>(starts.size());
  ACP_TRY(const Dims ends, bounds_input(context, 2, count));
  Dims axes(starts.size());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<std::int64_t>(i);
  if (context.has_input(3)) {
    ACP_TRY(axes, bounds_input(context, 3, count));
  }
  Dims steps(starts.size(), 1);
  if (context.has_input(4)) {
    ACP_TRY(steps, bounds_input(context, 4, count));
  }
  std::vector<Cut> cuts;
  for (const std::int64_t extent : dims) cuts.push_back({0, 1, extent});
  std::vector<bool> seen(dims.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = normal_axis(axes[i], dims.size());
    if (!axis || seen[*axis]) {
      return acp::invalid("CEP-SLICE-3", "inputs[3]",
                          std::to_string(axes[i]) + " is no axis, or stands twice");
    }
    if (steps[i] == 0) return acp::invalid("CEP-SLICE-4", "inputs[4]", "a step of 0");
    seen[*axis] = true;
    cuts[*axis] = cut_of(dims[*axis], starts[i], ends[i], steps[i]);
  }
  return cuts;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  ACP_TRY(const std::vector<Cut> cuts, cuts_of(context));
  Dims dims;
  for (const Cut& cut : cuts) dims.push_back(cut.count);
  return std::vector<TensorType>{{context.input(0).dtype, std::move(dims)}};
}

Region build(const OpContext& context) {
  const auto cuts = cuts_of(context);
  ACP_ASSERT(cuts.has_value());
  Dims dims;
  for (const Cut& cut : *cuts) dims.push_back(cut.count);
  RegionBuilder r;
  const auto x = r.input(context.input(0));
  for (std::size_t i = 1; i < context.inputs.size(); ++i) {
    if (context.has_input(i)) r.input(context.input(i));
  }
  const auto y = r.output({context.input(0).dtype, dims});
  r.begin_nest(dims, {});
  std::vector<RegionBuilder::Id> coord;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const Cut& cut = (*cuts)[d];
    coord.push_back(r.ix_add(r.ix_scale(r.iter(static_cast<std::uint32_t>(d)), cut.step), cut.first));
  }
  r.write(y, r.iters(), r.arg(r.read(x, coord)));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto list = [](std::int64_t length) { return TensorType{Dtype::kI64, {length}}; };
  const TensorType x{Dtype::kF32, {5, 7}};
  const TensorType two = list(2), one = list(1);
  constexpr std::int64_t kFar = std::int64_t{1} << 62;
  return {
      {.requirement = "", .inputs = {x, two, two}, .known = {{}, Dims{1, 2}, Dims{4, 6}}},
      {.requirement = "",
       .inputs = {x, one, one, one, one},
       .known = {{}, Dims{-1}, Dims{-kFar}, Dims{-1}, Dims{-2}}},
      {.requirement = "", .inputs = {x, one, one, {}, one}, .known = {{}, Dims{-3}, Dims{kFar}, {}, Dims{2}}},
      {.requirement = "", .inputs = {x, one, one, one}, .known = {{}, Dims{3}, Dims{3}, Dims{1}}},
      {.requirement = "",
       .inputs = {{Dtype::kI64, {4}}, one, one, one, one},
       .known = {{}, Dims{9}, Dims{0}, Dims{0}, Dims{-1}}},
      {.requirement = "", .inputs = {{Dtype::kBool, {3}}, one, one}, .known = {{}, Dims{0}, Dims{2}}},
      {.requirement = "CEP-SLICE-1", .inputs = {x, one, one}, .known = {{}, Dims{0}, {}}},
      {.requirement = "CEP-SLICE-2", .inputs = {x, one, two}, .known = {{}, Dims{0}, Dims{1, 2}}},
      {.requirement = "CEP-SLICE-2", .inputs = {x, {Dtype::kF32, {1}}, one}, .known = {{}, Dims{0}, Dims{1}}},
      {.requirement = "CEP-SLICE-3", .inputs = {x, one, one, one}, .known = {{}, Dims{0}, Dims{1}, Dims{2}}},
      {.requirement = "CEP-SLICE-3",
       .inputs = {x, two, two, two},
       .known = {{}, Dims{0, 0}, Dims{1, 1}, Dims{1, -1}}},
      {.requirement = "CEP-SLICE-4",
       .inputs = {x, one, one, one, one},
       .known = {{}, Dims{0}, Dims{1}, Dims{0}, Dims{0}}},
  };
}

}  // namespace

extern const OpDef op_slice = {
    .name = "Slice",
    .domain = "ai.onnx",
    .version = 13,
    .page = "spec/cep/ops/Slice.md",
    .min_inputs = 3,
    .max_inputs = 5,
    .attributes = {},
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
