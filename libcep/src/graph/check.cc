#include <set>

#include "graph/context.h"

namespace cep {

namespace {

// A hostile workload must not make later stages allocate or multiply without bound.
constexpr std::size_t kMaxTensors = 1u << 20;
constexpr std::int64_t kMaxExtent = std::int64_t{1} << 40;
constexpr std::size_t kMaxConstant = 4096;
// Sub-graphs nest; a recursive reader must not overflow its stack.
constexpr int kMaxDepth = 8;

std::string item(const char* list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

acp::Status check_tensor(const Tensor& tensor, const std::string& path) {
  if (tensor.type.dtype == Dtype::kUnknown || size_bytes(tensor.type.dtype) == 0) {
    return acp::invalid("CEP-GRAPH-5", path, "unknown element type");
  }
  if (tensor.type.dims.size() > ACP_MAX_RANK) return acp::over_limit("CEP-GRAPH-8", path, "rank above 8");
  std::int64_t product = 1;
  for (const std::int64_t extent : tensor.type.dims) {
    if (extent < 0) return acp::invalid("CEP-GRAPH-5", path, "negative extent");
    const std::int64_t counted = extent > 0 ? extent : 1;
    if (counted > kMaxExtent / product)
      return acp::over_limit("CEP-GRAPH-8", path, "more than 2^40 elements");
    product *= counted;
  }
  if (tensor.kind == TensorKind::kConstant) {
    if (tensor.constant.size() > kMaxConstant)
      return acp::over_limit("CEP-GRAPH-8", path, "constant of over 4096 elements");
    if (tensor.type.dtype != Dtype::kI64 ||
        static_cast<std::int64_t>(tensor.constant.size()) != volume(tensor.type.dims)) {
      return acp::invalid("CEP-GRAPH-9", path, "constant is not i64 of its declared shape");
    }
  } else if (!tensor.constant.empty()) {
    return acp::invalid("CEP-GRAPH-9", path, "contents given for a tensor that is no constant");
  }
  return acp::ok();
}

acp::Status check_names(const Workload& workload) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < workload.tensors.size(); ++i) {
    const Tensor& tensor = workload.tensors[i];
    if (tensor.name.empty() || !seen.insert(tensor.name).second) {
      return acp::invalid("CEP-GRAPH-6", item("tensors", i),
                          "empty name, or two tensors named \"" + tensor.name + "\"");
    }
  }
  seen.clear();
  for (std::size_t i = 0; i < workload.nodes.size(); ++i) {
    const Node& node = workload.nodes[i];
    if (node.name.empty() || !seen.insert(node.name).second) {
      return acp::invalid("CEP-GRAPH-6", item("nodes", i),
                          "empty name, or two nodes named \"" + node.name + "\"");
    }
  }
  return acp::ok();
}

acp::Status check_inputs(const Workload& workload, std::vector<bool>& made) {
  for (std::size_t i = 0; i < workload.inputs.size(); ++i) {
    const TensorId id = workload.inputs[i];
    if (id >= workload.tensors.size())
      return acp::invalid("CEP-GRAPH-1", item("inputs", i), "no such tensor");
    if (workload.tensors[id].kind != TensorKind::kInput || made[id]) {
      return acp::invalid("CEP-GRAPH-2", item("inputs", i), "not an input, or listed twice");
    }
    made[id] = true;
  }
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const TensorKind kind = workload.tensors[id].kind;
    if (kind == TensorKind::kInput && !made[id]) {
      return acp::invalid("CEP-GRAPH-2", item("tensors", id), "an input that inputs[] does not list");
    }
    if (kind == TensorKind::kWeight || kind == TensorKind::kConstant) made[id] = true;
  }
  return acp::ok();
}

acp::Status check_node(const Workload& workload, const Node& node, std::vector<bool>& made, int depth);

acp::Status check_graph(const Workload& workload, int depth) {
  if (depth > kMaxDepth) return acp::over_limit("CEP-GRAPH-8", "", "sub-graphs nested over 8 deep");
  if (workload.tensors.size() > kMaxTensors || workload.nodes.size() > kMaxTensors) {
    return acp::over_limit("CEP-GRAPH-8", "", "over 2^20 tensors or nodes");
  }
  for (std::size_t i = 0; i < workload.tensors.size(); ++i) {
    ACP_CHECK(check_tensor(workload.tensors[i], item("tensors", i)));
    if (depth > 0 && workload.tensors[i].kind == TensorKind::kWeight) {
      return acp::unsupported("CEP-GRAPH-7", item("tensors", i),
                              "a weight inside a sub-graph; carry it in as state");
    }
  }
  ACP_CHECK(check_names(workload));
  std::vector<bool> made(workload.tensors.size(), false);
  ACP_CHECK(check_inputs(workload, made));
  for (std::size_t i = 0; i < workload.nodes.size(); ++i) {
    auto status = check_node(workload, workload.nodes[i], made, depth);
    if (!status) return acp::at(item("nodes", i), std::move(status).error());
  }
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    if (!made[id]) return acp::invalid("CEP-GRAPH-2", item("tensors", id), "never made");
  }
  for (std::size_t i = 0; i < workload.outputs.size(); ++i) {
    if (workload.outputs[i] >= workload.tensors.size()) {
      return acp::invalid("CEP-GRAPH-1", item("outputs", i), "no such tensor");
    }
  }
  return acp::ok();
}

acp::Status check_node(const Workload& workload, const Node& node, std::vector<bool>& made, int depth) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const TensorId id = node.inputs[i];
    if (id == kNoId) continue;
    if (id >= workload.tensors.size())
      return acp::invalid("CEP-GRAPH-1", item("inputs", i), "no such tensor");
    if (!made[id]) return acp::invalid("CEP-GRAPH-3", item("inputs", i), "used before it is made");
  }
  for (const Workload& body : node.body) {
    auto status = check_graph(body, depth + 1);
    if (!status) return acp::at("body", std::move(status).error());
  }
  ACP_TRY(const NodeContext context, node_context(workload, node));
  ACP_TRY(const std::vector<TensorType> types, infer_types(*context.op, context.context));
  if (types.size() != node.outputs.size())
    return acp::invalid("CEP-GRAPH-5", "outputs", "wrong number of outputs");
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const TensorId id = node.outputs[i];
    if (id >= workload.tensors.size())
      return acp::invalid("CEP-GRAPH-1", item("outputs", i), "no such tensor");
    const Tensor& tensor = workload.tensors[id];
    if (made[id] || tensor.kind != TensorKind::kValue) {
      return acp::invalid("CEP-GRAPH-2", item("outputs", i), "made twice, or not a value");
    }
    if (tensor.type != types[i]) {
      return acp::invalid("CEP-GRAPH-5", item("outputs", i), "declared type differs from the inferred one");
    }
    made[id] = true;
  }
  return acp::ok();
}

}  // namespace

acp::Status check_workload(const Workload& workload) { return check_graph(workload, 0); }

}  // namespace cep
