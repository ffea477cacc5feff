// Operators: the names and attributes a logical program may use. What they mean is CEP 11.3.
//
// Why      one table: readers check spelling and attributes against it, the calculus, which adds what each operator means, counts its operands
//          and results by it, and what is said of bits follows from it: a new operator is a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cep/logical.h"

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

// What becomes of the bits of the operands.
enum class Effect : std::uint8_t {
  kComputes,  // other numbers are made of them
  kMoves,     // every result has those of operand 0, in another layout at most, where the element stays
  kFills,     // nothing: only shapes and elements are looked at
  kAdds,  // they are terms, added from left to right, where all are of one shape and nothing multiplies one
  kSpreads,  // of the backward form of kAdds: where that is one operand, or where it adds, every result has those of operand 0
};

// How many operands and results a node has, and what it does to them.
struct Arity {
  static constexpr std::uint8_t kAny = 0xff;  // one or more
  std::uint8_t inputs = 0, outputs = 0;
  Effect effect = Effect::kComputes;
  [[nodiscard]] constexpr bool exists() const { return outputs > 0; }
  [[nodiscard]] constexpr bool fits(std::size_t have_inputs, std::size_t have_outputs) const {
    const auto count_fits = [](std::uint8_t count, std::size_t have) {
      return count == kAny ? have > 0 : count == have;
    };
    return count_fits(inputs, have_inputs) && count_fits(outputs, have_outputs);
  }
};

struct OperatorDef {
  std::string_view name;
  Arity forward;
  Arity backward = {};                            // of the backward form, where there is one
  std::span<const AttributeDef> attributes = {};  // ascending by name
};

// Ascending by name.
[[nodiscard]] std::span<const OperatorDef> operators();
// Null where no operator has the name.
[[nodiscard]] const OperatorDef* find_operator(std::string_view name);
// kComputes where no operator has the name, or not this form.
[[nodiscard]] Effect effect_of(const Operation& operation);
// Without attributes that say which part of an operand stands here: equal for all pieces of one application.
[[nodiscard]] Operation without_windows(const Operation& operation);
// Whether an attribute has a value of its kind. A whole number may stand for a real or an affine one.
[[nodiscard]] bool of_kind(const Operation::Value& value, AttributeKind kind);

}  // namespace cep::logical
