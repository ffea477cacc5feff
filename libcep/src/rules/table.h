// The rules by topic; rule_table() is these, one after the other.
//
// Every file of rules is plain data: inputs, guards, outputs, then the meaning. What the meaning of each schema is made of stands
// in spec CEP 6a.3; each rule's `says` is its row of the table there.
#pragma once

#include <vector>

#include "cep/rule.h"

namespace cep {

[[nodiscard]] std::vector<Rule> index_rules();
[[nodiscard]] std::vector<Rule> box_rules();
[[nodiscard]] std::vector<Rule> fold_rules();
[[nodiscard]] std::vector<Rule> tree_rules();
[[nodiscard]] std::vector<Rule> sum_rules();
[[nodiscard]] std::vector<Rule> memory_rules();
[[nodiscard]] std::vector<Rule> piece_rules();

}  // namespace cep
