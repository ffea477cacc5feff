#include "rules/table.h"

#include "rules/evaluate.h"

namespace cep {

namespace {

std::vector<Rule> all_rules() {
  std::vector<Rule> table;
  for (auto* topic : {index_rules, box_rules, fold_rules, tree_rules, sum_rules, memory_rules}) {
    for (Rule& rule : topic()) table.push_back(std::move(rule));
  }
  return table;
}

}  // namespace

std::span<const Rule> rule_table() {
  static const std::vector<Rule> table = all_rules();
  return table;
}

const Rule* find_rule(std::string_view id) {
  for (const Rule& rule : rule_table()) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

bool fire(const Rule& rule, std::span<const std::int64_t> inputs, std::span<std::int64_t> out,
          std::string_view* failed_guard) {
  return evaluate_rule(rule, inputs, out, failed_guard);
}

}  // namespace cep
