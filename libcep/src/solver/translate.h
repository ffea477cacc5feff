// From a rule's syntax tree to SMT-LIB. Part of the trusted base: small, one case a node.
#pragma once

#include <string>
#include <vector>

#include "cep/rule.h"

namespace cep {

// Inputs are written in.NAME, outputs out.NAME, variables var.NAME.
[[nodiscard]] std::string to_smtlib(const Rule& rule, Expr expr);
[[nodiscard]] bool is_condition(const Rule& rule, Expr expr);
// Products of two unknowns, quotients by an unknown.
[[nodiscard]] bool is_nonlinear(const Rule& rule);
// Declares inputs and variables, defines outputs.
[[nodiscard]] std::vector<std::string> declare(const Rule& rule);

}  // namespace cep
