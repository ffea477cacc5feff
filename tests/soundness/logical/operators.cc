#include "soundness/logical/operators.h"

#include <algorithm>
#include <array>

#include "soundness/logical/operator_rows.h"

namespace cep::logical::oracle {
namespace {

const Operation::Value* find(const Operation& operation, std::string_view name) {
  for (const Operation::Attribute& attribute : operation.attributes) {
    if (attribute.name == name) return &attribute.value;
  }
  return nullptr;
}

int precision(Element element) {
  if (element == Element::kF64) return 3;
  if (element == Element::kF32) return 2;
  return is_float(element) ? 1 : 0;
}

const OperatorRow* row_of(std::string_view name) {
  for (const auto rows : {elementwise_rows(), linear_rows(), expert_rows()}) {
    for (const OperatorRow& row : rows) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

bool takes_complex(std::string_view name) {
  constexpr std::array kNames{"copy", "sum", "identity", "reshape", "transpose", "rotary"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

std::optional<std::int64_t> integer(const Operation& operation, std::string_view name) {
  const auto* value = find(operation, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* plain = std::get_if<std::int64_t>(value)) return *plain;
  const auto* affine = std::get_if<Affine>(value);
  if (affine != nullptr && affine->by_variable.empty()) return affine->constant;
  return std::nullopt;
}
std::optional<Scalar> number(const Operation& operation, std::string_view name) {
  const auto* value = find(operation, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* real = std::get_if<double>(value)) return from_double(*real);
  const auto plain = integer(operation, name);
  return plain ? std::optional(from_integer(*plain)) : std::nullopt;
}
std::optional<std::string> word(const Operation& operation, std::string_view name) {
  const auto* value = find(operation, name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::nullopt : std::optional(*text);
}
std::vector<std::int64_t> integers(const Operation& operation, std::string_view name) {
  const auto* value = find(operation, name);
  if (value == nullptr) return {};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(value)) return *list;
  if (const auto* one = std::get_if<std::int64_t>(value)) return {*one};
  return {};
}
std::optional<std::size_t> dimension(const Operation& operation, std::string_view name, std::size_t rank) {
  const auto given = integer(operation, name);
  if (!given) return std::nullopt;
  const auto length = static_cast<std::int64_t>(rank);
  const std::int64_t dim = *given < 0 ? *given + length : *given;
  return dim < 0 || dim >= length ? std::nullopt : std::optional(static_cast<std::size_t>(dim));
}

std::optional<std::vector<std::size_t>> stretch(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return std::nullopt;
  const std::size_t skip = to.size() - from.size();
  std::vector<std::int64_t> stride(to.size(), 0);
  std::int64_t step = 1;
  for (std::size_t d = from.size(); d-- > 0;) {
    if (from[d] != 1 && from[d] != to[skip + d]) return std::nullopt;
    stride[skip + d] = from[d] == 1 ? 0 : step;
    step *= from[d];
  }
  std::vector<std::size_t> map(static_cast<std::size_t>(count(to)));
  std::vector<std::int64_t> at(to.size(), 0);
  std::int64_t source = 0;
  for (std::size_t& entry : map) {
    entry = static_cast<std::size_t>(source);
    for (std::size_t d = to.size(); d-- > 0;) {
      source += stride[d];
      if (++at[d] < to[d]) break;
      source -= stride[d] * to[d];
      at[d] = 0;
    }
  }
  return map;
}

Scalar round_to(Element element, Scalar value) {
  constexpr Scalar kSmall = 256;
  if (value <= kSmall || value >= kPrime - kSmall) return value;
  const auto tag = static_cast<Scalar>(element) + 1;
  if ((value & 0xff) == tag) return value;
  // Below 2^60, so that setting the low byte stays in the field.
  const std::uint64_t drawn = hash(static_cast<std::uint64_t>(Function::kRound) + (tag << 8), value) >> 4;
  return (drawn & ~std::uint64_t{0xff}) | tag;
}

std::string apply(const Operation& operation, std::span<const Array* const> operands,
                  std::span<Array> results) {
  const OperatorRow* row = row_of(operation.name);
  if (row == nullptr) return "unknown operator " + operation.name;
  const Run1 run = operation.backward ? row->backward : row->forward;
  if (run == nullptr) return operation.name + " has no derivative";
  const std::size_t wanted = operation.backward ? row->backward_operands : row->operands;
  const std::size_t made = operation.backward ? row->backward_results : row->results;
  if ((wanted != 0 && operands.size() != wanted) || operands.empty()) return operation.name + ": operands";
  if ((made != 0 && results.size() != made) || results.empty()) return operation.name + ": results";
  int widest = 0;
  for (const Array* operand : operands) {
    widest = std::max(widest, precision(operand->element));
    if (operand->element == Element::kC64 && !takes_complex(operation.name))
      return operation.name + ": a complex operand";
  }
  if (std::string fault = run({operation, operands, results}); !fault.empty())
    return operation.name + ": " + fault;
  for (Array& result : results) {
    const bool other_half =
        precision(result.element) == 1 && widest == 1 && result.element != operands.front()->element;
    if (!is_float(result.element) || (precision(result.element) >= widest && !other_half)) continue;
    for (Scalar& scalar : result.scalars) scalar = round_to(result.element, scalar);
  }
  return {};
}

}  // namespace cep::logical::oracle
