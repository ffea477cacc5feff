#include "tools/acp/show.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tools {
namespace {

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

std::string lines(const std::vector<acp::Link>& links) {
  std::string text;
  for (const acp::Link& link : links) text += fmt::format("link       {} -> {}\n", link.from, link.to);
  return text;
}

std::string lines(const std::vector<acp::Extension>& extensions, std::string_view indent) {
  std::string text;
  for (const acp::Extension& extension : extensions) {
    std::vector<std::string_view> roles;
    for (const acp::Role role : extension.critical_for) roles.push_back(acp::word_of(role));
    text += fmt::format("{}extension  {} ({} bytes), critical for: {}\n", indent, extension.name,
                        extension.payload.size(),
                        roles.empty() ? "nobody" : fmt::format("{}", fmt::join(roles, ", ")));
  }
  return text;
}

std::string line(const acp::NumericContract& contract) {
  return fmt::format("contract   {}: rounding {}, subnormals {}, NaN {}, contraction {}, exact orders: {}\n",
                     contract.id, acp::word_of(contract.rounding), acp::word_of(contract.subnormals),
                     acp::word_of(contract.nan), acp::word_of(contract.contraction),
                     or_unknown(fmt::format("{}", fmt::join(contract.exact_orders, ", "))));
}

template <typename T>
std::string limit(std::string_view name, const std::optional<T>& value) {
  return value ? fmt::format("limit      {} {}\n", name, *value) : "";
}

std::string body(const acp::Class& document) {
  const acp::Identity& identity = document.identity;
  std::string text =
      fmt::format("class      {} {}, stepping {}, version {}\n", identity.vendor, identity.product,
                  or_unknown(identity.stepping), or_unknown(identity.version));
  for (const acp::MemorySpace& memory : document.memories) {
    text += fmt::format("memory     {}: {} bytes, aligned to {}\n", memory.name, memory.size_bytes,
                        memory.alignment_bytes);
  }
  text += lines(document.links);
  for (const acp::QueueGroup& queue : document.queues)
    text += fmt::format("queues     {} x {}\n", queue.count, queue.name);
  for (const acp::NumericContract& contract : document.contracts) text += line(contract);
  for (const acp::OpSupport& row : document.ops) {
    text += fmt::format("op         {} version {} on {}, contract {}\n", row.op, row.version,
                        fmt::join(row.dtypes, ", "), row.contract);
    text += lines(row.extensions, "  ");
  }
  text += limit("max_rank", document.limits.max_rank);
  text += limit("max_operand_bytes", document.limits.max_operand_bytes);
  text += limit("max_region_nodes", document.limits.max_region_nodes);
  return text + lines(document.extensions, "");
}

std::string body(const acp::Instance& document) {
  return fmt::format("instance   {}, firmware {}\nof class   {}\n", document.serial,
                     or_unknown(document.firmware), acp::to_string(document.class_digest)) +
         lines(document.links) + lines(document.extensions, "");
}

}  // namespace

std::string show(const acp::Document& document) {
  return std::visit([](const auto& x) { return body(x); }, document);
}

}  // namespace tools
