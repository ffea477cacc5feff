// Errors say where, in one path without stray dots.
#include "acp/result.h"

#include <gtest/gtest.h>

namespace acp {
namespace {

TEST(Error, PathsAreJoined) {
  struct Row {
    const char* prefix;
    const char* path;
    const char* joined;
  };
  const Row rows[] = {
      {"nodes[3]", "inputs[0]", "nodes[3].inputs[0]"},
      {"nodes", "[3].inputs[0]", "nodes[3].inputs[0]"},
      {"nodes[3]", "", "nodes[3]"},
      {"", "inputs[0]", "inputs[0]"},
      {"P.plan: ", "line 3", "P.plan: line 3"},
      {"M.onnx: ", "graph.node[4]", "M.onnx: graph.node[4]"},
      {"P.plan: ", "[2]", "P.plan: [2]"},
      {"P.plan: ", "", "P.plan"},
  };
  for (const Row& row : rows) EXPECT_EQ(at(row.prefix, invalid("CEP-X-1", row.path, "")).path, row.joined);
}

TEST(Error, TextIsPathMessageAndRequirement) {
  EXPECT_EQ(to_string(at("nodes[7]", invalid("CEP-CONCAT-2", "inputs[2]", "3 is not below rank 3"))),
            "nodes[7].inputs[2]: 3 is not below rank 3 [CEP-CONCAT-2]");
  EXPECT_EQ(to_string(environment("P.plan", "cannot be read")), "P.plan: cannot be read");
}

}  // namespace
}  // namespace acp
