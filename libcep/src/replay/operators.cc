#include "replay/operators.h"

#include <algorithm>
#include <array>

#include "replay/operator_rows.h"

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

template <typename N>
const OperatorRowOf<N>* row_of(std::string_view name) {
  for (const auto rows : {elementwise_rows<N>(), linear_rows<N>(), expert_rows<N>()}) {
    for (const OperatorRowOf<N>& row : rows) {
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
std::optional<double> real(const Operation& operation, std::string_view name) {
  const auto* value = find(operation, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* given = std::get_if<double>(value)) return *given;
  const auto plain = integer(operation, name);
  return plain ? std::optional(static_cast<double>(*plain)) : std::nullopt;
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

namespace {

// Types of results that no reading of the operator gives.
template <typename N>
std::string check_types(const OperatorRowOf<N>& row, std::span<const ArrayOf<N>* const> operands,
                        std::span<const ArrayOf<N>> results) {
  const bool complex = takes_complex(row.name);
  bool numbers = false;
  for (const ArrayOf<N>* operand : operands) {
    if (operand->element == Element::kC64 && !complex) return "a complex operand";
    numbers = numbers || !is_integer(operand->element);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].element == Element::kC64 && !complex) return "a complex result";
    const bool indices = row.results == 2 && row.operands == 2 && i == 1;  // the router's
    if (is_integer(results[i].element) && numbers && !indices) return "whole numbers made of others";
  }
  return {};
}

template <typename N>
std::string apply_to(const Operation& operation, std::span<const ArrayOf<N>* const> operands,
                     std::span<ArrayOf<N>> results, Free& met) {
  const OperatorRowOf<N>* row = row_of<N>(operation.name);
  if (row == nullptr) return "unknown operator " + operation.name;
  const auto run = operation.backward ? row->backward : row->forward;
  if (run == nullptr) return operation.name + " has no derivative";
  const std::size_t wanted = operation.backward ? row->backward_operands : row->operands;
  const std::size_t made = operation.backward ? row->backward_results : row->results;
  if ((wanted != 0 && operands.size() != wanted) || operands.empty()) return operation.name + ": operands";
  if ((made != 0 && results.size() != made) || results.empty()) return operation.name + ": results";
  if (std::string fault = check_types<N>(*row, operands, results); !fault.empty())
    return operation.name + ": " + fault;
  met |= row->free;
  if (std::string fault = run({operation, operands, results, met}); !fault.empty())
    return operation.name + ": " + fault;
  int widest = 0;
  for (const ArrayOf<N>* operand : operands) widest = std::max(widest, precision(operand->element));
  for (ArrayOf<N>& result : results) {
    const bool other_half =
        precision(result.element) == 1 && widest == 1 && result.element != operands.front()->element;
    if (!is_float(result.element) || (precision(result.element) >= widest && !other_half)) continue;
    met |= kFreeRounding;
    for (N& scalar : result.scalars) scalar = round_to(result.element, scalar);
  }
  return {};
}

}  // namespace

std::string apply(const Operation& operation, std::span<const Array* const> operands,
                  std::span<Array> results, Free* met) {
  Free unread = 0;
  return apply_to<Scalar>(operation, operands, results, met == nullptr ? unread : *met);
}
std::string apply(const Operation& operation, std::span<const ArrayOf<Real>* const> operands,
                  std::span<ArrayOf<Real>> results, Free* met) {
  Free unread = 0;
  return apply_to<Real>(operation, operands, results, met == nullptr ? unread : *met);
}
std::string apply(const Operation& operation, std::span<const ArrayOf<Terms>* const> operands,
                  std::span<ArrayOf<Terms>> results, Free* met) {
  Free unread = 0;
  return apply_to<Terms>(operation, operands, results, met == nullptr ? unread : *met);
}

namespace {

// Operands whose numbers are computed with in another element than their own.
std::vector<ArrayOf<Rounded>> computed_in(Element element,
                                          std::span<const ArrayOf<Rounded>* const> operands) {
  std::vector<ArrayOf<Rounded>> taken;
  taken.reserve(operands.size());
  for (const ArrayOf<Rounded>* operand : operands) {
    taken.push_back(*operand);
    if (!arithmetic_of(operand->element)) continue;
    for (Rounded& scalar : taken.back().scalars) scalar = Numbers<Rounded>::computed_in(scalar, element);
  }
  return taken;
}

}  // namespace

// Arithmetic is that of the result. Where several results have different ones, each is computed by itself.
std::string apply(const Operation& operation, std::span<const ArrayOf<Rounded>* const> operands,
                  std::span<ArrayOf<Rounded>> results, Free* met) {
  Free unread = 0;
  Free& free = met == nullptr ? unread : *met;
  std::vector<Element> elements;
  for (const ArrayOf<Rounded>& result : results) {
    const auto element = arithmetic_of(result.element);
    if (element && std::ranges::find(elements, *element) == elements.end()) elements.push_back(*element);
  }
  const auto stays = [&](const ArrayOf<Rounded>* operand) {
    const auto element = arithmetic_of(operand->element);
    return !element || *element == elements[0];
  };
  if (elements.empty() || (elements.size() == 1 && std::ranges::all_of(operands, stays)))
    return apply_to<Rounded>(operation, operands, results, free);
  for (const Element element : elements) {
    const std::vector<ArrayOf<Rounded>> taken = computed_in(element, operands);
    std::vector<const ArrayOf<Rounded>*> pointers;
    pointers.reserve(taken.size());
    for (const ArrayOf<Rounded>& operand : taken) pointers.push_back(&operand);
    std::vector<ArrayOf<Rounded>> made(results.begin(), results.end());
    if (std::string fault = apply_to<Rounded>(operation, pointers, made, free); !fault.empty()) return fault;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto own = arithmetic_of(made[i].element);
      if (own ? *own == element : element == elements[0]) results[i] = std::move(made[i]);
    }
  }
  return {};
}

}  // namespace cep::logical::oracle
