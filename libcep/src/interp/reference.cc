// Whole workloads: one node after another, over the given inputs.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "cep/interp.h"

namespace cep {
namespace interp {
namespace {

// What a run is given: the inputs and weights, in order of id.
std::vector<TensorId> given_tensors(const Workload& workload) {
  std::vector<TensorId> given;
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const TensorKind kind = workload.tensors[id].kind;
    if (kind == TensorKind::kInput || kind == TensorKind::kWeight) given.push_back(id);
  }
  return given;
}

acp::Error bad_input(std::size_t i, std::string message) {
  return acp::invalid("CEP-RUN-1", "inputs[" + std::to_string(i) + "]", std::move(message));
}

// Runs a graph node by node, in order. What a node reads is fetched when it is first needed and what nobody reads any more is let go,
// so that a network needs the room of its widest place and not of all its tensors at once.
class NodeByNode {
 public:
  // given(i): the elements of the i-th given tensor.
  using Given = std::function<Elements(std::size_t)>;
  NodeByNode(const Workload& workload, Domain domain, TermSpace& space, Given given)
      : w_(workload),
        domain_(domain),
        space_(space),
        given_(std::move(given)),
        values_(workload.tensors.size()),
        present_(workload.tensors.size(), false),
        last_(workload.tensors.size(), 0) {
    for (NodeId node = 0; node < w_.nodes.size(); ++node) {
      for (const TensorId id : w_.nodes[node].inputs) {
        if (id != kNoId) last_[id] = node;
      }
    }
    for (const TensorId id : w_.outputs) last_[id] = kNoId;
  }

  acp::Result<std::vector<Elements>> run() && {
    for (NodeId node = 0; node < w_.nodes.size(); ++node) {
      if (auto status = run_node(node); !status)
        return acp::at("nodes[" + std::to_string(node) + "]", std::move(status).error());
      for (const auto* tensors : {&w_.nodes[node].inputs, &w_.nodes[node].outputs}) {
        for (const TensorId id : *tensors) {
          if (id != kNoId && last_[id] <= node) values_[id] = Elements();
        }
      }
    }
    std::vector<Elements> outputs;
    outputs.reserve(w_.outputs.size());
    for (const TensorId id : w_.outputs) outputs.push_back(*value(id));
    return outputs;
  }

 private:
  acp::Status run_node(NodeId node) {
    ACP_TRY(const Region region, node_region(w_, node));
    std::vector<Elements*> buffers;
    for (const TensorId id : w_.nodes[node].inputs) {
      if (id != kNoId) buffers.push_back(value(id));
    }
    for (const TensorId id : w_.nodes[node].outputs) {
      values_[id].assign(static_cast<std::size_t>(volume(w_.tensors[id].type.dims)), Value{});
      present_[id] = true;
      buffers.push_back(&values_[id]);
    }
    return domain_ == Domain::kTerms ? interpret_terms(region, space_, buffers)
                                     : interpret(region, domain_, buffers);
  }

  // A value is made before it is used; what is not a value comes from outside.
  Elements* value(TensorId id) {
    if (present_[id]) return &values_[id];
    present_[id] = true;
    const Tensor& tensor = w_.tensors[id];
    if (tensor.kind == TensorKind::kConstant) {
      values_[id].reserve(tensor.constant.size());
      for (const std::int64_t element : tensor.constant)
        values_[id].push_back({static_cast<std::uint64_t>(element), Value::kConcrete});
    } else {
      const std::vector<TensorId> given = given_tensors(w_);
      values_[id] =
          given_(static_cast<std::size_t>(std::find(given.begin(), given.end(), id) - given.begin()));
    }
    return &values_[id];
  }

  const Workload& w_;
  Domain domain_;
  TermSpace& space_;
  Given given_;
  std::vector<Elements> values_;
  std::vector<bool> present_;
  std::vector<NodeId> last_;  // the node that reads a tensor last; kNoId: it is an output
};

}  // namespace
}  // namespace interp

acp::Result<std::vector<Elements>> run_reference(const Workload& workload, Domain domain,
                                                 const std::vector<Elements>& inputs) {
  TermSpace space;
  return run_reference(workload, domain, inputs, space);
}

acp::Result<std::vector<Elements>> run_reference(const Workload& workload, Domain domain,
                                                 const std::vector<Elements>& inputs, TermSpace& space) {
  const std::vector<TensorId> given = interp::given_tensors(workload);
  if (inputs.size() != given.size()) {
    return acp::invalid(
        "CEP-RUN-1", "inputs",
        std::to_string(inputs.size()) + " given, " + std::to_string(given.size()) + " needed");
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::int64_t needed = volume(workload.tensors[given[i]].type.dims);
    if (static_cast<std::int64_t>(inputs[i].size()) != needed) {
      return interp::bad_input(
          i, std::to_string(inputs[i].size()) + " elements, " + std::to_string(needed) + " needed");
    }
  }
  return interp::NodeByNode(workload, domain, space, [&](std::size_t i) { return inputs[i]; }).run();
}

acp::Result<std::vector<TensorBytes>> run_reference(const Workload& workload,
                                                    const std::vector<TensorBytes>& inputs) {
  const std::vector<TensorId> given = interp::given_tensors(workload);
  if (inputs.size() != given.size()) {
    return acp::invalid(
        "CEP-RUN-1", "inputs",
        std::to_string(inputs.size()) + " given, " + std::to_string(given.size()) + " needed");
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    const TensorType& type = workload.tensors[given[i]].type;
    if (inputs[i].type != type) return interp::bad_input(i, "type differs from the tensor's");
    if (static_cast<std::int64_t>(inputs[i].bytes.size()) != volume(type.dims) * size_bytes(type.dtype)) {
      return interp::bad_input(i, "wrong number of bytes");
    }
  }
  TermSpace none;
  ACP_TRY(const std::vector<Elements> outputs,
          interp::NodeByNode(workload, Domain::kBits, none, [&](std::size_t i) {
            return elements_from_bytes(inputs[i]);
          }).run());
  std::vector<TensorBytes> result;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    result.push_back(bytes_from_elements(workload.tensors[workload.outputs[i]].type, outputs[i]));
  }
  return result;
}

}  // namespace cep
