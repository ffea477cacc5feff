#include "graph/context.h"

namespace cep {

namespace {
TensorId add(Workload& workload, Tensor tensor) {
  workload.tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(workload.tensors.size() - 1);
}
}  // namespace

TensorId WorkloadBuilder::input(std::string name, TensorType type) {
  const TensorId id = add(workload_, {std::move(name), TensorKind::kInput, std::move(type), {}, {}});
  workload_.inputs.push_back(id);
  return id;
}

TensorId WorkloadBuilder::weight(std::string name, TensorType type, const acp::Digest& digest) {
  return add(workload_, {std::move(name), TensorKind::kWeight, std::move(type), {}, digest});
}

TensorId WorkloadBuilder::constant(std::string name, std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return add(workload_,
             {std::move(name), TensorKind::kConstant, {Dtype::kI64, {count}}, std::move(values), {}});
}

TensorId WorkloadBuilder::constant_scalar(std::string name, std::int64_t value) {
  return add(workload_, {std::move(name), TensorKind::kConstant, {Dtype::kI64, {}}, {value}, {}});
}

acp::Result<std::vector<TensorId>> WorkloadBuilder::node(std::string op, std::vector<TensorId> inputs,
                                                         NodeOptions options) {
  Node node;
  node.name = std::move(options.name);
  node.domain = "ai.onnx";
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.attributes = std::move(options.attributes);
  node.order = options.order;
  node.body = std::move(options.body);
  if (options.outputs.empty()) options.outputs = {node.name + "_out"};
  node.outputs.resize(options.outputs.size());
  auto context = node_context(workload_, node);
  if (!context) return acp::at(node.name, std::move(context).error());
  auto types = infer_types(*context->op, context->context);
  if (!types) return acp::at(node.name, std::move(types).error());
  if (types->size() != options.outputs.size()) {
    return acp::invalid("CEP-GRAPH-5", node.name + ".outputs",
                        "the operator yields " + std::to_string(types->size()));
  }
  for (std::size_t i = 0; i < types->size(); ++i) {
    node.outputs[i] = add(workload_, {options.outputs[i], TensorKind::kValue, (*types)[i], {}, {}});
  }
  std::vector<TensorId> outputs = node.outputs;
  workload_.nodes.push_back(std::move(node));
  return outputs;
}

}  // namespace cep
