// Workload JSON: a workload as a person writes one. Names stand for ids; types of values are inferred.
//
//   {"cep": 1, "name": "thread",
//    "inputs": [{"name": "A", "type": "f32[4,8]"}, {"name": "B", "type": "f32[8,4]"}],
//    "nodes": [{"name": "mm", "op": "MatMul", "inputs": ["A", "B"], "outputs": ["Y"], "order": "chain"}],
//    "outputs": ["Y"]}
//
// Spec     CEP 2.5.
#pragma once

#include <string>
#include <string_view>

#include "acp/result.h"
#include "cep/graph.h"

namespace tools {

// Errors   CEP-JSON-1 not JSON, or a key twice; CEP-JSON-2 a key that is not known or missing; CEP-JSON-3 a value of another
//          kind, or out of range; CEP-JSON-4 a name not made before; CEP-JSON-5 over 16 MiB or nested over 8 deep; CEP-GRAPH-n, and the
//          operators' ids.
// Spec     CEP 2.5, CEP-JSON-1 to CEP-JSON-5.
[[nodiscard]] acp::Result<cep::Workload> parse_workload_json(std::string_view text);
// parse_workload_json of it gives a workload that computes the same; ids may differ.
[[nodiscard]] std::string workload_to_json(const cep::Workload& workload);

}  // namespace tools
