// Operators: the names and attributes a logical program may use. What they mean is CEP 11.3.
//
// Why      a table: readers check spelling and attributes against it, and nothing else here knows an operator by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cep::logical {

enum class AttributeKind : std::uint8_t {
  kInteger,   // std::int64_t
  kReal,      // double, finite
  kText,      // std::string
  kIntegers,  // std::vector<std::int64_t>
  kAffine,    // Affine, also where it has no variable
};
enum class Presence : std::uint8_t { kRequired, kOptional };

struct AttributeDef {
  std::string_view name;
  AttributeKind kind;
  Presence presence = Presence::kRequired;
};

enum class Backward : std::uint8_t { kAbsent, kOffered };

struct OperatorDef {
  std::string_view name;
  Backward backward;
  std::span<const AttributeDef> attributes;  // ascending by name
};

// Ascending by name.
[[nodiscard]] std::span<const OperatorDef> operators();
// Null where no operator has the name.
[[nodiscard]] const OperatorDef* find_operator(std::string_view name);

}  // namespace cep::logical
