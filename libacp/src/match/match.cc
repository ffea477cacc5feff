#include "acp/match.h"

#include <algorithm>
#include <optional>

namespace acp {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

// Refuses the object that holds the extensions, and only it.
Status check_extensions(const std::vector<Extension>& extensions, const OpQuery& query) {
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    const auto& [name, critical_for, payload] = extensions[i];
    const bool critical =
        std::find(critical_for.begin(), critical_for.end(), query.role) != critical_for.end();
    if (critical && !holds(query.known_extensions, name)) {
      return unsupported("ACP-MATCH-4", element("extensions", i), "critical here and not known: " + name);
    }
  }
  return ok();
}

// Whether this row, which is about the right operator, supports the query.
Status check_row(const OpSupport& row, std::uint32_t version, const OpQuery& query) {
  if (row.version != version) {
    return unsupported("ACP-MATCH-2", "version", "version " + std::to_string(version) + " is asked for");
  }
  for (const std::string& dtype : query.dtypes) {
    if (!holds(row.dtypes, dtype)) return unsupported("ACP-MATCH-3", "dtypes", "without " + dtype);
  }
  return check_extensions(row.extensions, query);
}

std::size_t contract_of(const Class& document, const OpSupport& row) {
  const auto found =
      std::find_if(document.contracts.begin(), document.contracts.end(),
                   [&](const NumericContract& contract) { return contract.id == row.contract; });
  ACP_ASSERT(found != document.contracts.end());  // ACP-DOC-6
  return static_cast<std::size_t>(found - document.contracts.begin());
}

// How far a row came before it was refused.
int progress(const Error& error) { return error.requirement.back() - '0'; }

}  // namespace

Result<OpMatch> find_op_support(const Class& document, const OpQuery& query) {
  ACP_CHECK(check_extensions(document.extensions, query));
  Error nearest = unsupported("ACP-MATCH-1", "ops", "no row for " + query.op);
  for (const std::string_view op : {std::string_view(query.op), kRegionOp}) {
    const std::uint32_t version = op == kRegionOp ? query.region_version : query.version;
    for (std::size_t i = 0; i < document.ops.size(); ++i) {
      if (document.ops[i].op != op) continue;
      const Status status = check_row(document.ops[i], version, query);
      if (status) return OpMatch{i, contract_of(document, document.ops[i])};
      if (progress(status.error()) > progress(nearest)) nearest = at(element("ops", i), status.error());
    }
  }
  return nearest;
}

Status check_exact(const NumericContract& contract, std::string_view order) {
  const struct {
    bool met;
    std::string_view term;
  } terms[] = {
      {contract.rounding == Rounding::kNearestEven, "rounding"},
      {contract.subnormals == Subnormals::kKept, "subnormals"},
      {contract.nan == Nan::kCanonical, "nan"},
      {contract.contraction == Contraction::kFma, "contraction"},
      {order.empty() || order == "any" || holds(contract.exact_orders, order), "exact_orders"},
  };
  for (const auto& [met, term] : terms) {
    if (!met)
      return unsupported("ACP-MATCH-5", std::string(term), "contract " + contract.id + " is not exact");
  }
  return ok();
}

}  // namespace acp
