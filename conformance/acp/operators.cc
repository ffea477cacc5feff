// Operators: every valid case of every operator of the table, in every claimed order its reduction may take.
#include <random>

#include "cep/op.h"
#include "conformance/acp/program.h"
#include "conformance/acp/suite.h"

namespace conformance {
namespace {

constexpr std::string_view kName = "num.op";

constexpr cep::Order kOrders[] = {{cep::OrderKind::kChain, 0},
                                  {cep::OrderKind::kBlockedTree, 8},
                                  {cep::OrderKind::kBlockedIndex, 8},
                                  {cep::OrderKind::kLanes32, 0}};

std::string_view name_of(std::uint8_t order) {
  switch (order) {
    case ACP_ORDER_CHAIN: return "chain";
    case ACP_ORDER_BLOCKED_TREE: return "blocked_tree";
    case ACP_ORDER_BLOCKED_INDEX: return "blocked_index";
    case ACP_ORDER_LANES32: return "lanes32";
    case ACP_ORDER_ANY: return "any";
    default: return "";
  }
}

bool claimed(const Claims& claims, const cep::Region& region) {
  for (const acp_operand& operand : region.operands) {
    if (!claims.has(cep::dtype_name(static_cast<cep::Dtype>(operand.dtype)))) return false;
  }
  for (const acp_scalar_node& node : region.scalars) {
    if (!claims.has(cep::dtype_name(static_cast<cep::Dtype>(node.dtype)))) return false;
  }
  for (const acp_nest& nest : region.nests) {
    if (!claims.exact(name_of(nest.order))) return false;
  }
  return true;
}

std::vector<cep::Order> orders_of(const cep::OpDef& op) {
  if (op.default_order.kind == cep::OrderKind::kNone) return {{}};
  return {std::begin(kOrders), std::end(kOrders)};
}

acp::Result<cep::Region> region_of(const cep::OpDef& op, const cep::OpCase& op_case, cep::Order order) {
  cep::OpContext context = cep::context_of(op_case);
  context.order = order;
  return cep::build_region(op, context);
}

// A case brings the contents of constant inputs along; what else is random.
Tensors inputs_of(const cep::OpCase& op_case, const cep::Region& region, std::mt19937_64& random) {
  Tensors tensors = random_inputs(region, random);
  std::size_t slot = 0;
  for (std::size_t i = 0; i < op_case.inputs.size(); ++i) {
    if (op_case.inputs[i].dtype == cep::Dtype::kUnknown) continue;
    if (i < op_case.known.size() && op_case.known[i]) {
      cep::Elements elements;
      for (const std::int64_t value : *op_case.known[i])
        elements.push_back({static_cast<std::uint64_t>(value), cep::Value::kConcrete});
      tensors[slot] = cep::bytes_from_elements(op_case.inputs[i], elements);
    }
    ++slot;
  }
  return tensors;
}

std::vector<Query> list(const Claims& claims, Tier /*tier*/) {
  std::vector<Query> queries;
  for (const cep::OpDef* op : cep::op_table()) {
    const std::vector<cep::OpCase> cases = op->cases();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].requirement.empty()) continue;
      for (const cep::Order order : orders_of(*op)) {
        const auto region = region_of(*op, cases[i], order);
        if (!region || !claimed(claims, *region)) continue;
        Query query{std::string(kName) + "." + std::string(op->name), {{"case", std::to_string(i)}}};
        if (order.kind != cep::OrderKind::kNone) {
          query = query.with("order", name_of(static_cast<std::uint8_t>(order.kind)));
        }
        queries.push_back(std::move(query));
      }
    }
  }
  return queries;
}

Outcome run(const Query& query, const acp::Shim& /*shim*/, const acp::Device& device) {
  const auto none = [](std::string words) {
    return Outcome{Verdict::kHarnessError, "", std::move(words), "", ""};
  };
  const std::vector<std::string> words = query.words_behind(kName);
  const cep::OpDef* op = words.size() == 1 ? cep::find_op("ai.onnx", words[0]) : nullptr;
  if (op == nullptr) return none("no such operator");
  const std::vector<cep::OpCase> cases = op->cases();
  const auto number = static_cast<std::size_t>(query.number("case", 0));
  if (number >= cases.size()) return none("no such case");
  cep::Order order;
  for (const cep::Order known : kOrders) {
    if (name_of(static_cast<std::uint8_t>(known.kind)) == query.text("order")) order = known;
  }
  const auto region = region_of(*op, cases[number], order);
  if (!region) return none(acp::to_string(region.error()));
  std::mt19937_64 random(query.seed());
  return compare(device, *region, inputs_of(cases[number], *region, random), "ACP-CONF-10");
}

}  // namespace

Suite operator_kinds() {
  return {{.name = kName,
           .what = "a case of an operator, bit by bit, in each claimed order",
           .list = list,
           .run = run}};
}

}  // namespace conformance
