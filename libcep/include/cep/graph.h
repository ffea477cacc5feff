// Workload: what is to be computed, before anyone decides where. An SSA graph of tensors and operators.
//
// Life     a plain value; ids are positions in its vectors. check_workload() must accept it before anything else uses it.
// Spec     CEP 2 (workloads).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acp/digest.h"
#include "acp/result.h"
#include "cep/op.h"

namespace cep {

using TensorId = std::uint32_t;
using NodeId = std::uint32_t;
inline constexpr std::uint32_t kNoId = 0xffffffffu;

enum class TensorKind : std::uint8_t {
  kInput = 1,     // given at every run
  kWeight = 2,    // given once, known by the digest of its bytes
  kConstant = 3,  // small integer contents, part of the workload (shapes, axes)
  kValue = 4,     // the result of a node
};

struct Tensor {
  std::string name;
  TensorKind kind = TensorKind::kValue;
  TensorType type;
  std::vector<std::int64_t> constant;  // kConstant: the elements
  acp::Digest digest{};                // kWeight: SHA-256 of the little-endian row-major bytes
  bool operator==(const Tensor&) const = default;
};

struct Workload;

struct Node {
  std::string name;
  std::string domain;
  std::string op;
  std::vector<TensorId> inputs;  // kNoId: an optional input left out
  std::vector<TensorId> outputs;
  std::vector<Attribute> attributes;
  Order order;                 // kNone: the operator's default
  std::vector<Workload> body;  // none or one: the sub-graph of a control-flow operator
  bool operator==(const Node&) const;
};

struct Workload {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;  // in an order in which every tensor is made before it is used
  std::vector<TensorId>
      inputs;  // of a sub-graph: its formal inputs, in order. Top level: the kInput tensors.
  std::vector<TensorId> outputs;
  bool operator==(const Workload&) const;
};

// Checks ids, names, single assignment, order of definition, and every node's operator, attributes, types and order.
// Errors   CEP-GRAPH-1 id out of range; CEP-GRAPH-2 tensor made twice or never; CEP-GRAPH-3 used before made; CEP-GRAPH-4 unknown
//          operator (unsupported); CEP-GRAPH-5 inferred type differs from the declared one; CEP-GRAPH-6 two tensors or two nodes share a
//          name; CEP-GRAPH-7 bad sub-graph; CEP-GRAPH-8 over a limit; CEP-GRAPH-9 bad constant; and the operators' own ids.
// Spec     CEP 2.2.
[[nodiscard]] acp::Status check_workload(const Workload& workload);

// The region program of one node of a checked workload, over whole dense tensors.
// Errors   the operator's own ids.
// Spec     CEP 2.3.
[[nodiscard]] acp::Result<Region> node_region(const Workload& workload, NodeId node);
// The whole graph as one region: inputs, then weights and constants in order of id, are its inputs; values become temporaries.
// Errors   as node_region.
// Spec     CEP 2.3.
[[nodiscard]] acp::Result<Region> graph_region(const Workload& workload);
[[nodiscard]] TensorId find_tensor(const Workload& workload,
                                   std::string_view name);  // kNoId when there is none
[[nodiscard]] NodeId find_node(const Workload& workload, std::string_view name);

// Convenience for building small workloads in tests and tools; fills in output types by inference.
//   WorkloadBuilder w("thread");
//   auto a = w.input("A", {Dtype::kF32, {4, 8}});
//   auto y = w.node("MatMul", {a, b}, {.name = "mm"});
class WorkloadBuilder {
 public:
  explicit WorkloadBuilder(std::string name) { workload_.name = std::move(name); }
  TensorId input(std::string name, TensorType type);
  TensorId weight(std::string name, TensorType type, const acp::Digest& digest);
  TensorId constant(std::string name, std::vector<std::int64_t> values);  // i64, rank 1
  TensorId constant_scalar(std::string name, std::int64_t value);         // i64, rank 0
  struct NodeOptions {
    std::string name = {};
    std::vector<std::string> outputs = {};  // default: one, named after the node
    std::vector<Attribute> attributes = {};
    Order order = {};
    std::vector<Workload> body = {};
  };
  // Errors   those of infer_types, with the node's name as path.
  // Spec     CEP 4.1.
  [[nodiscard]] acp::Result<std::vector<TensorId>> node(std::string op, std::vector<TensorId> inputs,
                                                        NodeOptions options);
  void output(TensorId tensor) { workload_.outputs.push_back(tensor); }
  [[nodiscard]] const Workload& workload() const { return workload_; }
  [[nodiscard]] Workload finish() && { return std::move(workload_); }

 private:
  Workload workload_;
};

}  // namespace cep
