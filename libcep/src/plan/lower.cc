// Lowering: the one function that says what a step runs. Executor, verifier and checker all call it, so that what is proved is
// what runs.
#include <algorithm>

#include "cep/plan.h"

namespace cep {

namespace {

std::string item(const char* list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

void set_window(acp_operand& operand, const Box& box, const View& view) {
  for (std::size_t d = 0; d < operand.rank; ++d) {
    operand.origin[d] = box.lo[d];
    operand.held[d] = box.hi[d] - box.lo[d];
    operand.stride[d] = view.strides[d];
  }
}

acp::Status check_slice(const Slice& slice, const acp_operand& operand, const std::string& path) {
  const Box whole = Box::whole(type_of(operand).dims);
  if (slice.box.rank() != whole.rank() || slice.box.hi.size() != whole.rank() || slice.box.empty() ||
      !whole.contains(slice.box)) {
    return acp::invalid("CEP-LOWER-4", path, "box is empty or not inside the tensor");
  }
  if (slice.view.dims != slice.box.dims() || slice.view.strides.size() != whole.rank()) {
    return acp::invalid("CEP-LOWER-4", path, "box and view have different shapes");
  }
  return acp::ok();
}

// A step's slices are of the very tensors that the node's program reads and writes, in order.
acp::Status check_tensors(const Node& node, const std::vector<std::uint32_t>& read, const Compute& step) {
  std::vector<TensorId> present;
  for (const TensorId id : node.inputs) {
    if (id != kNoId) present.push_back(id);
  }
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    if (step.inputs[i].tensor != present[read[i]]) {
      return acp::invalid("CEP-LOWER-5", item("inputs", i),
                          "not the tensor that the node's program reads here");
    }
  }
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    if (step.outputs[i].tensor != node.outputs[i]) {
      return acp::invalid("CEP-LOWER-5", item("outputs", i), "not this output of the node");
    }
  }
  return acp::ok();
}

// Gives the inputs a node's program reads the slots 0, 1, ... and turns the others (constant shapes) into unused temporaries.
void renumber_inputs(Region& region, const std::vector<std::uint32_t>& read) {
  for (acp_operand& operand : region.operands) {
    if (operand.role != ACP_ROLE_INPUT) continue;
    const auto at = std::find(read.begin(), read.end(), operand.slot);
    if (at == read.end()) {
      operand.role = ACP_ROLE_TEMP;
      operand.slot = ACP_NONE;
      std::fill(std::begin(operand.held), std::end(operand.held), 0);
    } else {
      operand.slot = static_cast<std::uint32_t>(at - read.begin());
    }
  }
}

// Limits the reduction to k; continues from the seed, if there is one, instead of the init.
acp::Status cut_reduction(Region& region, const Compute& step) {
  const std::optional<SplitReduction> split = split_reduction(region);
  if (!split) return acp::invalid("CEP-LOWER-2", "k", "this node's reduction cannot be split");
  acp_nest& nest = region.nests.front();
  if (step.k) {
    if (step.k->begin < 0 || step.k->begin > step.k->end || step.k->end > split->length) {
      return acp::invalid("CEP-LOWER-3", "k",
                          "range outside the reduction's 0:" + std::to_string(split->length));
    }
    nest.k_begin = step.k->begin;
    nest.k_end = step.k->end;
  }
  const acp_write& write = region.writes[nest.write_first];
  const acp_operand output = region.operands[write.operand];
  const bool sums = nest.combiner == ACP_COMBINE_FMA || nest.combiner == ACP_COMBINE_ADD;
  if (step.seed) {
    if (step.seed->dims != step.outputs.front().box.dims() || step.seed->strides.size() != output.rank) {
      return acp::invalid("CEP-LOWER-4", "seed", "seed and output have different shapes");
    }
    acp_operand seed = output;
    seed.role = ACP_ROLE_INPUT;
    seed.slot = region.count(ACP_ROLE_INPUT);
    set_window(seed, step.outputs.front().box, *step.seed);
    region.operands.push_back(seed);
    acp_read read{};
    read.operand = static_cast<std::uint32_t>(region.operands.size() - 1);
    std::copy(std::begin(write.coord), std::end(write.coord), read.coord);
    region.reads.push_back(read);
    const auto id = static_cast<std::uint32_t>(region.reads.size() - 1);
    region.scalars.push_back({ACP_SC_ARG, output.dtype, {}, id, 0, 0, 0});
    nest.init = static_cast<std::uint32_t>(region.scalars.size() - 1);
  } else if (nest.k_begin > 0) {
    // A part that is not the first starts from +0, a maximum or minimum from its own first element.
    region.scalars.push_back({ACP_SC_CONST, output.dtype, {}, 0, 0, 0, 0});
    nest.init = sums ? static_cast<std::uint32_t>(region.scalars.size() - 1) : ACP_NONE;
  }
  return acp::ok();
}

acp_operand view_operand(std::uint8_t role, std::uint32_t slot, const Plan& plan, const View& view) {
  acp_operand operand = dense_operand(role, slot, {plan.buffers[view.buffer].type.dtype, view.dims});
  for (std::size_t d = 0; d < operand.rank; ++d) operand.stride[d] = view.strides[d];
  return operand;
}

// A region of one element-wise nest over the target view; inputs are views of the same shape.
template <typename Body>
Region elementwise(const Plan& plan, const std::vector<View>& inputs, const View& target, Body body) {
  const Dtype dtype = plan.buffers[target.buffer].type.dtype;
  RegionBuilder builder;
  std::vector<RegionBuilder::Id> operands;
  for (const View& input : inputs) operands.push_back(builder.input({dtype, input.dims}));
  const auto output = builder.output({dtype, target.dims});
  builder.begin_nest(target.dims, {});
  std::vector<RegionBuilder::Id> values;
  for (const auto operand : operands) values.push_back(builder.arg(builder.read(operand, builder.iters())));
  builder.write(output, builder.iters(), body(builder, values));
  builder.end_nest();
  Region region = std::move(builder).finish();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    region.operands[operands[i]] =
        view_operand(ACP_ROLE_INPUT, static_cast<std::uint32_t>(i), plan, inputs[i]);
  }
  region.operands[output] = view_operand(ACP_ROLE_OUTPUT, 0, plan, target);
  return region;
}

acp::Status same_shape(const Plan& plan, const View& a, const View& b, const std::string& path) {
  if (a.dims != b.dims) return acp::invalid("CEP-LOWER-4", path, "views have different shapes");
  if (plan.buffers[a.buffer].type.dtype != plan.buffers[b.buffer].type.dtype) {
    return acp::invalid("CEP-LOWER-4", path, "views have different element types");
  }
  return acp::ok();
}

}  // namespace

std::optional<SplitReduction> split_reduction(const Region& region) {
  if (region.nests.size() != 1 || region.stages.size() != 1) return std::nullopt;
  const acp_nest& nest = region.nests.front();
  if (nest.combiner == ACP_COMBINE_NONE || nest.write_count != 1) return std::nullopt;
  const acp_scalar_node& value = region.scalars[region.writes[nest.write_first].value];
  if (value.op != ACP_SC_ACC) return std::nullopt;
  SplitReduction split;
  split.combiner = nest.combiner;
  split.dtype = static_cast<Dtype>(value.dtype);
  split.order = {static_cast<OrderKind>(nest.order), nest.block};
  split.length = 1;
  for (std::uint32_t i = nest.iter_count - nest.reduce_count; i < nest.iter_count; ++i) {
    split.length *= region.iters[nest.iter_first + i].end;
  }
  split.has_init = nest.init != ACP_NONE;
  if (split.has_init) {
    const acp_scalar_node& init = region.scalars[nest.init];
    constexpr std::uint64_t kMinusZero = 0x80000000u;
    const bool zero = init.bits == 0 || (init.dtype == ACP_F32 && init.bits == kMinusZero);
    // A zero left out of a sum changes nothing over the reals; left out of a maximum it may.
    const bool sums = nest.combiner == ACP_COMBINE_FMA || nest.combiner == ACP_COMBINE_ADD;
    split.starts_from_zero = sums && init.op == ACP_SC_CONST && zero;
    if (split.starts_from_zero) split.zero_bits = init.bits;
  }
  return split;
}

std::vector<std::uint32_t> inputs_read(const Region& region) {
  std::vector<bool> read(region.operands.size(), false);
  for (std::uint32_t nest = 0; nest < region.nests.size(); ++nest) {
    for (const std::uint32_t id : reads_of(region, nest)) read[region.reads[id].operand] = true;
  }
  for (const acp_loop& loop : region.loops) {
    for (const std::uint32_t id : loop_reads(region, loop)) read[region.reads[id].operand] = true;
  }
  std::vector<std::uint32_t> slots;
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    if (region.operands[i].role == ACP_ROLE_INPUT && read[i]) slots.push_back(region.operands[i].slot);
  }
  return slots;
}

acp::Result<Region> lower(const Workload& workload, const Compute& step) {
  if (step.node >= workload.nodes.size()) return acp::invalid("CEP-LOWER-1", "node", "no such node");
  ACP_TRY(Region region, node_region(workload, step.node));
  const std::vector<std::uint32_t> read = inputs_read(region);
  if (step.inputs.size() != read.size()) {
    return acp::invalid("CEP-LOWER-5", "inputs",
                        "the node's program reads " + std::to_string(read.size()) +
                            " inputs, the step gives " + std::to_string(step.inputs.size()));
  }
  if (step.outputs.size() != region.count(ACP_ROLE_OUTPUT)) {
    return acp::invalid("CEP-LOWER-5", "outputs", "wrong number of outputs");
  }
  ACP_CHECK(check_tensors(workload.nodes[step.node], read, step));
  renumber_inputs(region, read);
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    const std::uint32_t id = region.operand_at(ACP_ROLE_OUTPUT, static_cast<std::uint32_t>(i));
    ACP_CHECK(check_slice(step.outputs[i], region.operands[id], item("outputs", i)));
    boxes.push_back(step.outputs[i].box);
  }
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const std::uint32_t id = region.operand_at(ACP_ROLE_INPUT, static_cast<std::uint32_t>(i));
    ACP_CHECK(check_slice(step.inputs[i], region.operands[id], item("inputs", i)));
  }
  if (step.k || step.seed) ACP_CHECK(cut_reduction(region, step));
  region = restrict_outputs(region, boxes);
  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    const std::uint32_t id = region.operand_at(ACP_ROLE_OUTPUT, static_cast<std::uint32_t>(i));
    set_window(region.operands[id], step.outputs[i].box, step.outputs[i].view);
  }
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const std::uint32_t id = region.operand_at(ACP_ROLE_INPUT, static_cast<std::uint32_t>(i));
    set_window(region.operands[id], step.inputs[i].box, step.inputs[i].view);
  }
  return region;
}

acp::Result<Region> lower(const Plan& plan, const Combine& step) {
  if (step.inputs.empty()) return acp::invalid("CEP-LOWER-5", "inputs", "nothing to combine");
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    ACP_CHECK(same_shape(plan, step.inputs[i], step.target, item("inputs", i)));
  }
  const Dtype dtype = plan.buffers[step.target.buffer].type.dtype;
  if (dtype == Dtype::kBool) return acp::invalid("CEP-LOWER-4", "target", "booleans cannot be combined");
  const std::uint8_t op = step.op == CombineOp::kAdd   ? ACP_SC_ADD
                          : step.op == CombineOp::kMax ? ACP_SC_MAX
                                                       : ACP_SC_MIN;
  return elementwise(plan, step.inputs, step.target,
                     [&](RegionBuilder& builder, std::vector<RegionBuilder::Id> values) {
                       if (step.shape == CombineShape::kFold) {
                         RegionBuilder::Id sum = values[0];
                         for (std::size_t i = 1; i < values.size(); ++i)
                           sum = builder.binary(op, sum, values[i]);
                         return sum;
                       }
                       while (values.size() > 1) {
                         std::vector<RegionBuilder::Id> level;
                         for (std::size_t t = 0; t + 1 < values.size(); t += 2)
                           level.push_back(builder.binary(op, values[t], values[t + 1]));
                         if (values.size() % 2 == 1) level.push_back(values.back());
                         values = std::move(level);
                       }
                       return values[0];
                     });
}

acp::Result<Region> lower(const Plan& plan, const Copy& step) {
  ACP_CHECK(same_shape(plan, step.source, step.target, "target"));
  return elementwise(plan, {step.source}, step.target,
                     [](RegionBuilder&, const std::vector<RegionBuilder::Id>& values) { return values[0]; });
}

acp::Result<Region> lower(const Plan& plan, const Fill& step) {
  const Dtype dtype = plan.buffers[step.target.buffer].type.dtype;
  return elementwise(plan, {}, step.target,
                     [&](RegionBuilder& builder, const std::vector<RegionBuilder::Id>&) {
                       switch (dtype) {
                         case Dtype::kI64: return builder.i64(static_cast<std::int64_t>(step.bits));
                         case Dtype::kI32: return builder.i32(static_cast<std::int32_t>(step.bits));
                         case Dtype::kBool: return builder.boolean(step.bits != 0);
                         default: return builder.f32_bits(static_cast<std::uint32_t>(step.bits));
                       }
                     });
}

}  // namespace cep
