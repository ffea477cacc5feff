// The workload's own values, made when they are first asked for.
//
// Life     borrows workload, draw and budget.
#pragma once

#include <optional>
#include <vector>

#include "acp/result.h"
#include "physical/cost.h"
#include "physical/draw.h"

namespace cep::physical {

class Reference {
 public:
  // watch: also find out whether anything was rounded.
  Reference(const Workload& workload, const Draw& draw, Budget& budget, std::uint64_t max_elements,
            bool watch);

  // Makes a value, and all that it is made from.
  // Errors   CEP-REPLAY-5 over a limit; CEP-REG-7, CEP-REG-8 the workload has no value on these inputs.
  // Spec     CEP 6.9, CEP-REPLAY-5.
  [[nodiscard]] acp::Status make(TensorId tensor);
  // Once it is made.
  [[nodiscard]] Value element(TensorId tensor, std::int64_t position) const;
  [[nodiscard]] bool exact() const { return exact_; }

 private:
  [[nodiscard]] acp::Status run_node(NodeId node);
  [[nodiscard]] std::vector<NodeId> wanted(TensorId tensor) const;

  const Workload& workload_;
  const Draw& draw_;
  Budget& budget_;
  std::uint64_t elements_left_;
  bool watch_;
  bool exact_ = true;
  std::vector<std::optional<Elements>> values_;
  std::vector<NodeId> maker_;  // by tensor
};

}  // namespace cep::physical
