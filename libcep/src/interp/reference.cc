// Whole workloads: the graph as one region, run over the given inputs.
#include <algorithm>
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

// The same tensors in the order of graph_region's input slots: the formal inputs, then the weights.
std::vector<TensorId> bound_tensors(const Workload& workload) {
  std::vector<TensorId> bound = workload.inputs;
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    if (workload.tensors[id].kind == TensorKind::kWeight) bound.push_back(id);
  }
  return bound;
}

acp::Error bad_input(std::size_t i, std::string message) {
  return acp::invalid("CEP-RUN-1", "inputs[" + std::to_string(i) + "]", std::move(message));
}

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
  ACP_TRY(const Region region, graph_region(workload));
  std::vector<Elements> owned;
  for (const TensorId id : interp::bound_tensors(workload)) {
    const auto at = std::find(given.begin(), given.end(), id);
    ACP_ASSERT(at != given.end());
    owned.push_back(inputs[static_cast<std::size_t>(at - given.begin())]);
  }
  std::vector<Elements> outputs;
  for (const TensorId id : workload.outputs) {
    outputs.emplace_back(static_cast<std::size_t>(volume(workload.tensors[id].type.dims)));
  }
  std::vector<Elements*> buffers;
  for (Elements& elements : owned) buffers.push_back(&elements);
  for (Elements& elements : outputs) buffers.push_back(&elements);
  ACP_CHECK(domain == Domain::kTerms ? interpret_terms(region, space, buffers)
                                     : interpret(region, domain, buffers));
  return outputs;
}

acp::Result<std::vector<TensorBytes>> run_reference(const Workload& workload,
                                                    const std::vector<TensorBytes>& inputs) {
  const std::vector<TensorId> given = interp::given_tensors(workload);
  if (inputs.size() != given.size()) {
    return acp::invalid(
        "CEP-RUN-1", "inputs",
        std::to_string(inputs.size()) + " given, " + std::to_string(given.size()) + " needed");
  }
  std::vector<Elements> elements;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const TensorType& type = workload.tensors[given[i]].type;
    if (inputs[i].type != type) return interp::bad_input(i, "type differs from the tensor's");
    if (static_cast<std::int64_t>(inputs[i].bytes.size()) != volume(type.dims) * size_bytes(type.dtype)) {
      return interp::bad_input(i, "wrong number of bytes");
    }
    elements.push_back(elements_from_bytes(inputs[i]));
  }
  ACP_TRY(const std::vector<Elements> outputs, run_reference(workload, Domain::kBits, elements));
  std::vector<TensorBytes> result;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    result.push_back(bytes_from_elements(workload.tensors[workload.outputs[i]].type, outputs[i]));
  }
  return result;
}

}  // namespace cep
