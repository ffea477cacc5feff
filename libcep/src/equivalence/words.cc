#include "words.h"

#include <algorithm>

#include "cep/equivalence.h"

namespace cep::logical::calculus {
namespace {

// "w (of 12)" for what has a name, "linear 71" for what an operator makes.
std::string tensor_words(const Reference& reference, Id tensor) {
  const std::string number = std::to_string(reference.program.tensors[tensor].source);
  if (tensor < reference.names.size() && !reference.names[tensor].empty())
    return reference.names[tensor] + " (" + number + ")";
  for (const Node& node : reference.program.nodes) {
    if (std::ranges::find(reference.program.outputs(node), tensor) == reference.program.outputs(node).end())
      continue;
    const Operation& operation = reference.program.operations[node.operation];
    return operation.name + (operation.backward ? " (backward) " : " ") + number;
  }
  return "tensor " + number;
}

// "dp"; of a variable with several digits "dp.0", "dp.1", the outermost first.
std::vector<std::string> digit_names(const Plan& plan, const Radices& radices) {
  std::vector<std::string> names;
  for (std::size_t v = 0; v < plan.variables.size(); ++v) {
    const std::size_t digits = radices.empty() ? 1 : radices[v].size();
    for (std::size_t d = 0; d < digits; ++d)
      names.push_back(plan.variables[v].name + (digits == 1 ? "" : "." + std::to_string(d)));
  }
  return names;
}

std::string begin_words(const std::vector<std::string>& names, const Affine& begin) {
  std::string text;
  for (std::size_t v = 0; v < begin.by_variable.size(); ++v) {
    const std::int64_t by = begin.by_variable[v];
    if (by == 0) continue;
    if (!text.empty()) text += " + ";
    if (by != 1) text += std::to_string(by) + " ";
    text += v < names.size() ? names[v] : "member";
  }
  if (text.empty()) return std::to_string(begin.constant);
  return begin.constant == 0 ? text : text + " + " + std::to_string(begin.constant);
}

}  // namespace

std::string in_words(const Document& document, const PieceWords& piece) {
  std::string text;
  if (piece.denominator != 1) {
    text += std::to_string(piece.numerator) + "/" + std::to_string(piece.denominator) + " of ";
  } else if (piece.numerator != 1) {
    text += std::to_string(piece.numerator) + " times ";
  }
  if (piece.share) text += "a share of ";
  const auto names = digit_names(document.plan, piece.radices);
  text += tensor_words(document.reference, piece.tensor);
  const auto axes = [&](std::size_t from, std::size_t to) {
    std::string list = "[";
    for (std::size_t i = from; i < to; ++i) {
      if (i > from) list += ", ";
      if (piece.sizes[i] == piece.extents[i]) {
        list += "whole " + std::to_string(piece.extents[i]);
      } else {
        list += begin_words(names, piece.begins[i]) + " .. +" + std::to_string(piece.sizes[i]) + " of " +
                std::to_string(piece.extents[i]);
      }
    }
    return list + "]";
  };
  text += " " + axes(0, piece.coordinates);
  const bool whole =
      std::equal(piece.sizes.begin() + static_cast<std::ptrdiff_t>(piece.coordinates), piece.sizes.end(),
                 piece.extents.begin() + static_cast<std::ptrdiff_t>(piece.coordinates));
  if (!whole) text += ", summed over only " + axes(piece.coordinates, piece.extents.size());
  return text;
}

}  // namespace cep::logical::calculus

namespace cep::logical {

std::string describe(const Document& document, const LogicalCertificate& certificate, Id tensor) {
  std::string text;
  const auto& fact = certificate.facts[tensor];
  for (std::uint32_t p = 0; p < fact.pieces; ++p) {
    const auto& piece = certificate.pieces[fact.first_piece + p];
    const auto& pattern = certificate.patterns[piece.pattern];
    const auto& value = certificate.values[pattern.value];
    calculus::PieceWords words{.tensor = value.tensor,
                               .numerator = pattern.numerator,
                               .denominator = pattern.denominator,
                               .coordinates = value.coordinates,
                               .extents = value.extents,
                               .sizes = pattern.sizes,
                               .begins = {},
                               .radices = certificate.digits,
                               .share = !value.parts.empty()};
    for (std::size_t i = 0; i < value.extents.size(); ++i) {
      const auto& begin = certificate.begins[piece.first_begin + i];
      words.begins.push_back({begin.constant, certificate.linears[begin.linear]});
    }
    text += (text.empty() ? "" : " + ") + calculus::in_words(document, words);
  }
  return text;
}

}  // namespace cep::logical
