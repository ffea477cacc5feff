// Dialect: from the operators a distgraph file names to those of CEP 11.3.
//
// Version 1 spells them as the exporting framework does, version 2 as this standard does. One table, dialect.cc, holds every spelling
// with what becomes of its attributes.
// Spec     CEP 11.4.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "logical/json_line.h"

namespace cep::logical {

// What a node line says, and the tensors it says it of.
struct SourceLine {
  std::string_view op;
  bool backward = false;
  std::optional<Json> attributes;
  std::span<const Shape* const> inputs, outputs;
  std::optional<Element> element;  // of the first operand, or else result
  bool communicates = false;
  int version = 1;
  std::span<const Variable> variables;
};

enum class Keep : std::uint8_t {
  kNode,          // a node, operands as they stand
  kFirstOperand,  // a node that reads its first operand alone
  kNothing,       // no node: what it yields comes from outside
};

struct Translation {
  Operation operation;  // empty for a communication: its name is the kind's
  Keep keep = Keep::kNode;
  std::uint32_t comms = 0;  // bit k: may be the communication of kind k
};

// Nothing, and why in `unsupported`, where the dialect has no such line. Throws Refusal: CEP-DIST-4, CEP-DIST-9 an attribute that
// contradicts the tensors.
[[nodiscard]] std::optional<Translation> translate(const SourceLine& line, const Path& path,
                                                   std::string& unsupported);

}  // namespace cep::logical
