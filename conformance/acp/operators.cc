// Operators: every valid case of every operator that the rows cover, in every reduction order that their contracts keep to the bit.
#include <random>

#include "conformance/acp/cover.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kName = "num.op";

std::vector<Query> list(const Claims& claims, Tier /*tier*/) {
  std::vector<Query> queries;
  for_each_covered(claims, [&](const Covered& covered) {
    if (!covered.exact) return;
    Query query{std::string(kName) + "." + std::string(covered.op.name),
                {{"case", std::to_string(covered.number)}}};
    if (covered.order.kind != cep::OrderKind::kNone) query = query.with("order", name_of(covered.order.kind));
    queries.push_back(std::move(query));
  });
  return queries;
}

Outcome run(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto chosen = op_case_of(query, kName);
  if (!chosen) return {Verdict::kHarnessError, "", acp::to_string(chosen.error()), "", ""};
  std::mt19937_64 random(query.seed());
  Tensors inputs = random_inputs(chosen->region, random);
  put_known(chosen->op_case, inputs);
  return compare(device, chosen->region, inputs, "ACP-CONF-10");
}

}  // namespace

Suite operator_kinds() {
  return {{.name = kName,
           .what = "a case of an operator that a row covers, bit by bit, in each claimed order",
           .list = list,
           .run = run,
           .about = {"ACP-CONF-10"}}};
}

}  // namespace conformance
