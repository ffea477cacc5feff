// The schemas: what a rule's arguments mean, and the questions that follow. Each adds to a Formula that already holds the rule's
// declarations, guards, hypotheses and boolean conclusions.
#pragma once

#include <map>
#include <string>

#include "solver/formula.h"

namespace cep {

// The rule's integer conclusions by name, in SMT-LIB.
using Arguments = std::map<std::string, std::string, std::less<>>;

void add_fold_append(const Arguments& arguments, Formula& formula);
void add_tree_level(const Arguments& arguments, Formula& formula);
void add_exactly_once(const Arguments& arguments, Formula& formula);
void add_semilattice(const Arguments& arguments, Formula& formula);

// Replaces {name} by an argument, everywhere in a pattern.
[[nodiscard]] std::string with(const Arguments& arguments, std::string_view pattern);

}  // namespace cep
