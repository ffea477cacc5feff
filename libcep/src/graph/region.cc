// From nodes to region programs: one node, or a whole graph joined into one region.
#include "graph/context.h"

namespace cep {

bool Node::operator==(const Node& other) const {
  return name == other.name && domain == other.domain && op == other.op && inputs == other.inputs &&
         outputs == other.outputs && attributes == other.attributes && order == other.order &&
         body == other.body;
}

bool Workload::operator==(const Workload& other) const {
  return name == other.name && tensors == other.tensors && nodes == other.nodes && inputs == other.inputs &&
         outputs == other.outputs;
}

acp::Result<NodeContext> node_context(const Workload& workload, const Node& node) {
  NodeContext out;
  out.op = find_op(node.domain, node.op);
  if (out.op == nullptr)
    return acp::unsupported("CEP-GRAPH-4", "op", "no operator " + node.domain + "::" + node.op);
  if (out.op->has_body != !node.body.empty() || node.body.size() > 1) {
    return acp::invalid("CEP-GRAPH-7", "body",
                        node.op + (out.op->has_body ? " needs one sub-graph" : " takes no sub-graph"));
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const TensorId id = node.inputs[i];
    if (id == kNoId) {
      out.context.inputs.emplace_back();
      out.context.known.emplace_back();
      continue;
    }
    if (id >= workload.tensors.size()) {
      return acp::invalid("CEP-GRAPH-1", "inputs[" + std::to_string(i) + "]",
                          "no tensor " + std::to_string(id));
    }
    const Tensor& tensor = workload.tensors[id];
    out.context.inputs.emplace_back(tensor.type);
    if (tensor.kind == TensorKind::kConstant) {
      out.context.known.emplace_back(tensor.constant);
    } else {
      out.context.known.emplace_back();
    }
  }
  out.context.attributes = node.attributes;
  out.context.order = node.order;
  out.context.output_count = node.outputs.size();
  if (!node.body.empty()) {
    auto body = graph_region(node.body.front());
    if (!body) return acp::at("body", std::move(body).error());
    out.body.push_back(std::move(*body));
    out.context.body = out.body.data();  // a vector's elements stay in place when the vector moves
  }
  return out;
}

acp::Result<Region> node_region(const Workload& workload, NodeId id) {
  ACP_ASSERT(id < workload.nodes.size());
  ACP_TRY(const NodeContext node, node_context(workload, workload.nodes[id]));
  return build_region(*node.op, node.context);
}

namespace {

// A constant inside a joined region: a temporary, each element written by a nest of no iterators.
RegionBuilder::Id constant_operand(RegionBuilder& builder, const Tensor& tensor) {
  const auto temp = builder.temp(tensor.type);
  builder.begin_nest({}, {});
  for (std::size_t i = 0; i < tensor.constant.size(); ++i) {
    std::vector<RegionBuilder::Id> coord;
    std::int64_t rest = static_cast<std::int64_t>(i);
    for (const std::int64_t stride : row_major_strides(tensor.type.dims)) {
      coord.push_back(builder.ix_const(rest / stride));
      rest %= stride;
    }
    builder.write(temp, coord, builder.i64(tensor.constant[i]));
  }
  builder.end_nest();
  return temp;
}

// Writes an operand into another of the same type.
void copy_nest(RegionBuilder& builder, RegionBuilder::Id from, RegionBuilder::Id to, const Dims& dims) {
  builder.begin_nest(dims, {});
  builder.write(to, builder.iters(), builder.arg(builder.read(from, builder.iters())));
  builder.end_nest();
}

}  // namespace

acp::Result<Region> graph_region(const Workload& workload) {
  RegionBuilder builder;
  std::vector<RegionBuilder::Id> operand(workload.tensors.size(), ACP_NONE);
  for (const TensorId id : workload.inputs) operand[id] = builder.input(workload.tensors[id].type);
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    if (workload.tensors[id].kind == TensorKind::kWeight)
      operand[id] = builder.input(workload.tensors[id].type);
  }
  std::vector<RegionBuilder::Id> outputs;
  for (const TensorId id : workload.outputs) outputs.push_back(builder.output(workload.tensors[id].type));
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const Tensor& tensor = workload.tensors[id];
    if (tensor.kind == TensorKind::kConstant) operand[id] = constant_operand(builder, tensor);
    if (tensor.kind == TensorKind::kValue) operand[id] = builder.temp(tensor.type);
  }
  for (NodeId id = 0; id < workload.nodes.size(); ++id) {
    auto region = node_region(workload, id);
    if (!region) return acp::at("nodes[" + std::to_string(id) + "]", std::move(region).error());
    std::vector<RegionBuilder::Id> ins, outs;
    for (const TensorId tensor : workload.nodes[id].inputs) {
      if (tensor != kNoId) ins.push_back(operand[tensor]);
    }
    for (const TensorId tensor : workload.nodes[id].outputs) outs.push_back(operand[tensor]);
    builder.inline_region(*region, ins, outs);
  }
  for (std::size_t i = 0; i < workload.outputs.size(); ++i) {
    const TensorId id = workload.outputs[i];
    copy_nest(builder, operand[id], outputs[i], workload.tensors[id].type.dims);
  }
  return std::move(builder).finish();
}

TensorId find_tensor(const Workload& workload, std::string_view name) {
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    if (workload.tensors[id].name == name) return id;
  }
  return kNoId;
}

NodeId find_node(const Workload& workload, std::string_view name) {
  for (NodeId id = 0; id < workload.nodes.size(); ++id) {
    if (workload.nodes[id].name == name) return id;
  }
  return kNoId;
}

}  // namespace cep
