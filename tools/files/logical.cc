#include "tools/files/logical.h"

#include <algorithm>
#include <array>

#include "cep/distgraph.h"
#include "cep/logical_wire.h"
#include "tools/cli/cli.h"
#include "tools/files/files.h"

namespace tools {

namespace {

constexpr const char* kLogicalPlan = "a logical plan";

struct Kind {
  std::string_view begin;
  const char* kind;
};
constexpr Kind kKinds[] = {{"cep-wkl1", "a workload"},
                           {"cep-pln1", "a plan"},
                           {"cep-plan 1", "a plan"},
                           {"cep-crt1", "a certificate"},
                           {"cep-wts1", "weights"},
                           {"cep-lgt1", "a logical plan's certificate"},
                           {"cep-placement 1", "a placement"},
                           {"\x7f"
                            "ELF",
                            "a program or library"},
                           {"\x93NUMPY", "a tensor"}};

}  // namespace

LogicalForm logical_form(std::span<const std::byte> bytes) {
  constexpr std::array kZstandard = {std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f}, std::byte{0xfd}};
  if (cep::logical::is_logical(bytes)) return LogicalForm::kBytes;
  if (bytes.size() >= kZstandard.size() && std::equal(kZstandard.begin(), kZstandard.end(), bytes.begin())) {
    return LogicalForm::kCompressed;
  }
  // A header's format stands early in its line; workload JSON has no such word.
  const std::string start = text_of(bytes.first(std::min<std::size_t>(bytes.size(), 256)));
  return start.find("\"distgraph-jsonl\"") == std::string::npos ? LogicalForm::kNone : LogicalForm::kText;
}

std::string kind_in(std::span<const std::byte> bytes) {
  if (bytes.empty()) return "nothing";
  if (logical_form(bytes) == LogicalForm::kCompressed) return "compressed text";
  if (logical_form(bytes) != LogicalForm::kNone) return kLogicalPlan;
  const std::string start = text_of(bytes.first(std::min<std::size_t>(bytes.size(), 256)));
  for (const auto& [begin, kind] : kKinds) {
    if (start.starts_with(begin)) return kind;
  }
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || start[first] != '{') return "";
  if (start.find("\"acp\"") != std::string::npos) return "an ACP document";
  return start.find("\"cep\"") != std::string::npos ? "a workload" : "";
}

acp::Error of_another_kind(acp::Error error, std::span<const std::byte> bytes, const std::string& wanted) {
  const std::string kind = kind_in(bytes);
  if (!kind.empty() && kind != wanted)
    error.message += "; it holds " + kind + ", where " + wanted + " is wanted";
  return error;
}

acp::Result<cep::logical::Document> parse_logical(std::span<const std::byte> bytes) {
  const auto read = [&]() -> acp::Result<cep::logical::Document> {
    switch (logical_form(bytes)) {
      case LogicalForm::kBytes: return cep::logical::decode_logical(bytes);
      case LogicalForm::kCompressed: return cep::logical::read_distgraph_zst(bytes);
      default:
        return cep::logical::read_distgraph({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  };
  auto document = read();
  if (!document) return of_another_kind(unusable(std::move(document).error()), bytes, kLogicalPlan);
  return document;
}

}  // namespace tools
