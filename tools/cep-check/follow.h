// Following one step: what the certificate says it made is what it makes of what the certificate says it used.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "cep/certificate.h"
#include "facts.h"
#include "sums.h"

namespace cep_check {

// What the steps of a plan are followed against.
struct Following {
  const cep::Workload& workload;
  const cep::Plan& plan;
  const Facts& facts;
  const cep::Context& context;
  std::vector<cep::NodeId> maker;  // per tensor: the node that makes it, or kNoId
  std::map<cep::NodeId, std::optional<Reduction>> reductions{};  // of the nodes that were asked for

  // The reduction that a plan may split, of the node that makes the tensor; null: none.
  [[nodiscard]] const Reduction* reduction_of(cep::TensorId tensor);
};

// Errors   CEP-CHECK-9 a fact was written over; CEP-CHECK-10 a compute reads what no fact vouches for; CEP-CHECK-11 a fact is not where
//          the step wrote; CEP-CHECK-12 a part does not follow; CEP-CHECK-13 a copy, combine or fill does not make this;
//          CEP-CHECK-14 another grade; those of contract_of().
// Spec     CEP 7.2.
[[nodiscard]] acp::Status follow(Following& following, cep::StepId step);

}  // namespace cep_check
