// The published shapes of Llama 3 ("The Llama 3 Herd of Models", 2024, table 3).
#include <array>

#include "cep/generate.h"

namespace cep::logical {

namespace {

struct Row {
  const char* name;
  std::int64_t layers, hidden, heads, intermediate;
};
constexpr std::array<Row, 3> kRows = {{{"llama3-8b", 32, 4096, 32, 14336},
                                       {"llama3-70b", 80, 8192, 64, 28672},
                                       {"llama3-405b", 126, 16384, 128, 53248}}};

}  // namespace

std::vector<std::string> llama_names() {
  std::vector<std::string> names;
  names.reserve(kRows.size());
  for (const Row& row : kRows) names.emplace_back(row.name);
  return names;
}

acp::Result<LlamaShape> llama_shape(std::string_view name) {
  for (const Row& row : kRows)
    if (name == row.name)
      return LlamaShape{.name = row.name,
                        .layers = row.layers,
                        .hidden = row.hidden,
                        .heads = row.heads,
                        .kv_heads = 8,
                        .intermediate = row.intermediate,
                        .vocabulary = 128256,
                        .sequence = 8192,
                        .batch = 1,
                        .experts = {}};
  return acp::unsupported("CEP-GEN-1", "model", std::string(name) + " is not a model with a known shape");
}

}  // namespace cep::logical
