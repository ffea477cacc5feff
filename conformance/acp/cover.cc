#include "conformance/acp/cover.h"

#include <algorithm>
#include <set>

#include "acp/match.h"

namespace conformance {
namespace {

constexpr cep::Order kOrders[] = {{cep::OrderKind::kChain, 0},
                                  {cep::OrderKind::kBlockedTree, 8},
                                  {cep::OrderKind::kBlockedIndex, 8},
                                  {cep::OrderKind::kLanes32, 0}};

std::vector<cep::Order> orders_of(const cep::OpDef& op) {
  if (op.default_order.kind == cep::OrderKind::kNone) return {{}};
  return {std::begin(kOrders), std::end(kOrders)};
}

acp::Result<cep::Region> region_of(const cep::OpDef& op, const cep::OpCase& op_case, cep::Order order) {
  cep::OpContext context = cep::context_of(op_case);
  context.order = order;
  return cep::build_region(op, context);
}

// Of operands, and of the values on the way.
std::vector<std::string> dtypes_of(const cep::Region& region) {
  std::set<std::string> names;
  for (const acp_operand& operand : region.operands)
    names.emplace(cep::dtype_name(static_cast<cep::Dtype>(operand.dtype)));
  for (const acp_scalar_node& node : region.scalars)
    names.emplace(cep::dtype_name(static_cast<cep::Dtype>(node.dtype)));
  return {names.begin(), names.end()};
}

bool within(const acp::Limits& limits, const cep::Region& region) {
  if (limits.max_region_nodes && region.indices.size() + region.scalars.size() > *limits.max_region_nodes)
    return false;
  return std::all_of(region.operands.begin(), region.operands.end(), [&](const acp_operand& operand) {
    const cep::TensorType type = cep::type_of(operand);
    const std::int64_t bytes = cep::volume(type.dims) * cep::size_bytes(type.dtype);
    return (!limits.max_rank || operand.rank <= *limits.max_rank) &&
           (!limits.max_operand_bytes || static_cast<std::uint64_t>(bytes) <= *limits.max_operand_bytes);
  });
}

// The contract of the row that covers the program as this operator, or null.
const acp::NumericContract* contract_of(const acp::Class& document, const cep::OpDef& op,
                                        const cep::Region& region) {
  const auto found =
      acp::find_op_support(document, {.op = std::string(op.domain) + ":" + std::string(op.name),
                                      .version = static_cast<std::uint32_t>(op.version),
                                      .dtypes = dtypes_of(region),
                                      .region_version = ACP_REGION_VERSION,
                                      .role = acp::Role::kVerifier,
                                      .known_extensions = {}});
  return found && within(document.limits, region) ? &document.contracts[found->contract] : nullptr;
}

bool keeps_exactly(const acp::NumericContract& contract, const cep::Region& region) {
  return std::all_of(region.nests.begin(), region.nests.end(), [&](const acp_nest& nest) {
    return acp::check_exact(contract, name_of(static_cast<cep::OrderKind>(nest.order))).has_value();
  });
}

}  // namespace

std::string_view name_of(cep::OrderKind order) {
  switch (order) {
    case cep::OrderKind::kNone: return "";
    case cep::OrderKind::kChain: return "chain";
    case cep::OrderKind::kBlockedTree: return "blocked_tree";
    case cep::OrderKind::kBlockedIndex: return "blocked_index";
    case cep::OrderKind::kLanes32: return "lanes32";
    case cep::OrderKind::kAny: return "any";
  }
  return "";
}

void for_each_covered(const Claims& claims, const std::function<void(const Covered&)>& visit) {
  for (const cep::OpDef* op : cep::op_table()) {
    const std::vector<cep::OpCase> cases = op->cases();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].requirement.empty()) continue;  // a case that must be refused
      for (const cep::Order order : orders_of(*op)) {
        const auto region = region_of(*op, cases[i], order);
        if (!region) continue;
        const acp::NumericContract* contract = contract_of(claims.document, *op, *region);
        if (contract != nullptr) visit({*op, i, cases[i], order, *region, keeps_exactly(*contract, *region)});
      }
    }
  }
}

acp::Result<ChosenCase> op_case_of(const Query& query, std::string_view kind) {
  const auto none = [&] {
    return acp::malformed("ACP-CONF-1", to_string(query), "no such operator or case");
  };
  const std::vector<std::string> words = query.words_behind(kind);
  const auto table = cep::op_table();
  const auto found = std::find_if(table.begin(), table.end(), [&](const cep::OpDef* op) {
    return words.size() == 1 && op->name == words[0];
  });
  if (found == table.end()) return none();
  std::vector<cep::OpCase> cases = (*found)->cases();
  const auto number = static_cast<std::size_t>(query.number("case", 0));
  if (number >= cases.size()) return none();
  cep::Order order;
  if ((*found)->default_order.kind != cep::OrderKind::kNone) order = kOrders[0];
  for (const cep::Order known : kOrders) {
    if (name_of(known.kind) == query.text("order")) order = known;
  }
  ACP_TRY(cep::Region region, region_of(**found, cases[number], order));
  return ChosenCase{std::move(cases[number]), std::move(region)};
}

void put_known(const cep::OpCase& op_case, Tensors& tensors) {
  std::size_t slot = 0;
  for (std::size_t i = 0; i < op_case.inputs.size(); ++i) {
    if (op_case.inputs[i].dtype == cep::Dtype::kUnknown) continue;
    if (i < op_case.known.size() && op_case.known[i]) {
      cep::Elements elements;
      elements.reserve(op_case.known[i]->size());
      for (const std::int64_t value : *op_case.known[i])
        elements.push_back({static_cast<std::uint64_t>(value), cep::Value::kConcrete});
      tensors[slot] = cep::bytes_from_elements(op_case.inputs[i], elements);
    }
    ++slot;
  }
}

}  // namespace conformance
