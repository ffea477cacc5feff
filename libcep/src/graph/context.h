// What an operator sees of one node of a workload.
#pragma once

#include "cep/graph.h"

namespace cep {

// Errors   CEP-GRAPH-1 id out of range; CEP-GRAPH-4 unknown operator; CEP-GRAPH-7 bad sub-graph.
struct NodeContext {
  const OpDef* op = nullptr;
  OpContext context;
  std::vector<Region> body;  // none or one; context.body points into it
};
[[nodiscard]] acp::Result<NodeContext> node_context(const Workload& workload, const Node& node);

}  // namespace cep
