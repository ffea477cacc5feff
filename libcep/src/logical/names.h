// Names: what each enumerator of a logical plan is called, in the order of the enumeration.
//
// Spec     CEP 11.1, CEP 11.3.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "cep/logical.h"

namespace cep::logical {

inline constexpr std::array<std::string_view, 8> kElementNames = {"f32", "f64", "f16", "bf16",
                                                                  "c64", "i64", "i32", "bool"};
inline constexpr std::array<std::string_view, 9> kCommNames = {"none",           "all_reduce", "all_gather",
                                                               "reduce_scatter", "all_to_all", "chunk",
                                                               "send",           "receive",    "broadcast"};
inline constexpr std::array<std::string_view, 5> kRoleNames = {"input", "param", "buffer", "seed", "value"};
// As a distgraph file spells elements.
inline constexpr std::array<std::string_view, 8> kDtypeNames = {"float32",   "float64", "float16", "bfloat16",
                                                                "complex64", "int64",   "int32",   "bool"};

// The enumerator a name stands for.
template <typename Enum, std::size_t n>
[[nodiscard]] constexpr std::optional<Enum> named(const std::array<std::string_view, n>& names,
                                                  std::string_view name) {
  const auto* found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace cep::logical
