// Reshape: the same elements in row-major order, under another shape.
#include <algorithm>

#include "cep/op.h"

namespace cep {
namespace {

constexpr AttrRow kAttributes[] = {
    {.name = "allowzero", .kind = AttrKind::kInt, .required = false, .requirement = "CEP-RESHAPE-6"},
};

acp::Result<Dims> requested(const OpContext& context) {
  const TensorType& shape = context.input(1);
  if (shape.dtype != Dtype::kI64 || shape.dims.size() != 1) {
    return acp::invalid("CEP-RESHAPE-2", "inputs[1]", "a shape is i64 of rank 1");
  }
  const auto* known = context.known_input(1);
  if (known == nullptr) return acp::unsupported("CEP-RESHAPE-1", "inputs[1]", "the shape is not a constant");
  const std::int64_t allow_zero = context.int_attr("allowzero", 0);
  if (allow_zero != 0 && allow_zero != 1) {
    return acp::invalid("CEP-RESHAPE-6", "attributes.allowzero", "neither 0 nor 1");
  }
  const Dims& from = context.input(0).dims;
  Dims dims = *known;
  bool zero = false;
  int inferred = 0;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] < -1)
      return acp::invalid("CEP-RESHAPE-3", "inputs[1]", std::to_string(dims[d]) + " is no extent");
    if (dims[d] == -1 && ++inferred > 1) return acp::invalid("CEP-RESHAPE-3", "inputs[1]", "-1 stands twice");
    if (dims[d] != 0) continue;
    zero = true;
    if (allow_zero == 1) continue;
    if (d >= from.size())
      return acp::invalid("CEP-RESHAPE-4", "inputs[1]", "0 past the last axis of the input");
    dims[d] = from[d];
  }
  if (allow_zero == 1 && zero && inferred > 0) {
    return acp::invalid("CEP-RESHAPE-6", "attributes.allowzero", "0 and -1 together");
  }
  return dims;
}

acp::Result<std::vector<TensorType>> infer(const OpContext& context) {
  const TensorType& x = context.input(0);
  ACP_TRY(Dims dims, requested(context));
  const auto counts_differ = [] {
    return acp::invalid("CEP-RESHAPE-5", "inputs[1]", "another number of elements");
  };
  const auto inferred = std::find(dims.begin(), dims.end(), -1);
  const std::int64_t count = volume(x.dims);
  if (count == 0) {
    // What -1 stands for would be open: any number times 0 is 0.
    const bool empty = std::find(dims.begin(), dims.end(), 0) != dims.end();
    if (!empty || inferred != dims.end()) return counts_differ();
    return std::vector<TensorType>{{x.dtype, std::move(dims)}};
  }
  std::int64_t rest = count;
  for (const std::int64_t extent : dims) {
    if (extent == -1) continue;
    if (extent == 0 || rest % extent != 0) return counts_differ();
    rest /= extent;
  }
  if (inferred != dims.end()) {
    *inferred = rest;
  } else if (rest != 1) {
    return counts_differ();
  }
  return std::vector<TensorType>{{x.dtype, std::move(dims)}};
}

// Where element `to` of shape `dims` lies in shape `from`. Axes are matched in the smallest groups of one volume, so that a box of the
// one shape reaches a box of the other wherever an axis is cut between groups, or in the outermost axis of one.
std::vector<RegionBuilder::Id> matching(RegionBuilder& r, const std::vector<RegionBuilder::Id>& to,
                                        const Dims& dims, const Dims& from) {
  if (volume(dims) == 0) return r.delinearise(r.linearise(to, dims), from);
  std::vector<RegionBuilder::Id> coord;
  coord.reserve(from.size());
  std::size_t i = 0, j = 0;
  while (i < dims.size() && j < from.size()) {
    const std::size_t i0 = i, j0 = j;
    std::int64_t a = dims[i++], b = from[j++];
    while (a != b) {
      if (a < b) {
        a *= dims[i++];
      } else {
        b *= from[j++];
      }
    }
    const auto at = [](std::size_t position) { return static_cast<std::ptrdiff_t>(position); };
    const Dims group(dims.begin() + at(i0), dims.begin() + at(i));
    const auto number = r.linearise({to.begin() + at(i0), to.begin() + at(i)}, group);
    for (const auto id : r.delinearise(number, {from.begin() + at(j0), from.begin() + at(j)}))
      coord.push_back(id);
  }
  while (coord.size() < from.size()) coord.push_back(r.ix_const(0));  // axes of extent 1
  return coord;
}

Region build(const OpContext& context) {
  const TensorType& x_type = context.input(0);
  const auto types = infer(context);
  ACP_ASSERT(types.has_value());
  const Dims& dims = types->front().dims;
  RegionBuilder r;
  const auto x = r.input(x_type);
  r.input(context.input(1));
  const auto y = r.output(types->front());
  r.begin_nest(dims, {});
  r.write(y, r.iters(), r.arg(r.read(x, matching(r, r.iters(), dims, x_type.dims))));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<OpCase> cases() {
  const auto shape = [](std::int64_t rank) { return TensorType{Dtype::kI64, {rank}}; };
  const TensorType x{Dtype::kF32, {2, 3, 4}};
  const TensorType none{Dtype::kF32, {0, 3}};
  const Attribute allow_zero{"allowzero", std::int64_t{1}};
  return {
      {.requirement = "", .inputs = {x, shape(2)}, .known = {{}, Dims{4, 6}}},
      {.requirement = "", .inputs = {x, shape(3)}, .known = {{}, Dims{0, -1, 2}}},
      {.requirement = "", .inputs = {{Dtype::kI32, {1}}, shape(0)}, .known = {{}, Dims{}}},
      {.requirement = "", .inputs = {{Dtype::kBool, {}}, shape(2)}, .known = {{}, Dims{1, 1}}},
      {.requirement = "", .inputs = {{Dtype::kI64, {6}}, shape(2)}, .known = {{}, Dims{3, 2}}},
      {.requirement = "", .inputs = {none, shape(2)}, .known = {{}, Dims{5, 0}}, .attributes = {allow_zero}},
      {.requirement = "CEP-RESHAPE-1", .inputs = {x, shape(2)}},
      {.requirement = "CEP-RESHAPE-2", .inputs = {x, {Dtype::kF32, {2}}}, .known = {{}, Dims{4, 6}}},
      {.requirement = "CEP-RESHAPE-3", .inputs = {x, shape(2)}, .known = {{}, Dims{-1, -1}}},
      {.requirement = "CEP-RESHAPE-3", .inputs = {x, shape(2)}, .known = {{}, Dims{-2, 12}}},
      {.requirement = "CEP-RESHAPE-4", .inputs = {x, shape(4)}, .known = {{}, Dims{2, 3, 4, 0}}},
      {.requirement = "CEP-RESHAPE-5", .inputs = {x, shape(2)}, .known = {{}, Dims{4, 7}}},
      {.requirement = "CEP-RESHAPE-5", .inputs = {x, shape(2)}, .known = {{}, Dims{5, -1}}},
      {.requirement = "CEP-RESHAPE-5", .inputs = {none, shape(2)}, .known = {{}, Dims{0, -1}}},
      {.requirement = "CEP-RESHAPE-6",
       .inputs = {none, shape(2)},
       .known = {{}, Dims{0, -1}},
       .attributes = {allow_zero}},
      {.requirement = "CEP-RESHAPE-6",
       .inputs = {x, shape(1)},
       .known = {{}, Dims{24}},
       .attributes = {{"allowzero", std::int64_t{2}}}},
  };
}

}  // namespace

extern const OpDef op_reshape = {
    .name = "Reshape",
    .domain = "ai.onnx",
    .version = 14,
    .page = "spec/cep/ops/Reshape.md",
    .min_inputs = 2,
    .max_inputs = 2,
    .attributes = kAttributes,
    .default_order = {},
    .infer = infer,
    .build = build,
    .cases = cases,
};

}  // namespace cep
