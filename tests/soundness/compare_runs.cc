#include "soundness/compare_runs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cep::fuzz {
namespace {

struct Inputs {
  TensorElements tensors;
  std::vector<Elements> expected;
};

std::string position_of_difference(const Workload& workload, std::size_t output, const Elements& got,
                                   const Elements& expected) {
  const auto at = std::mismatch(got.begin(), got.end(), expected.begin()).first - got.begin();
  return "output " + workload.tensors[workload.outputs[output]].name + " element " + std::to_string(at);
}

std::optional<std::string> difference_in(Domain domain, const RandomWorkload& workload,
                                         AbstractMachine& machine, const std::vector<bool>& compared,
                                         int orders, Random& random) {
  TermSpace space;
  // Two sets of inputs in turn: what is left of the run before is then wrong for the next.
  std::array<Inputs, 2> sets;
  for (Inputs& set : sets) {
    set.tensors = random_inputs(workload, domain, random);
    set.expected = reference_outputs(workload.workload, domain, space, set.tensors);
  }
  machine.forget();
  for (int i = 0; i < orders; ++i) {
    const Inputs& set = sets[static_cast<std::size_t>(i % 2)];
    const RunEnd end = machine.run(domain, space, set.tensors, random());
    if (end.kind == RunEnd::Kind::kDeadlock) return "does not finish";
    if (end.kind == RunEnd::Kind::kFault) return "fault: " + end.why;
    for (std::size_t o = 0; o < end.outputs.size(); ++o) {
      if (!compared[o] || end.outputs[o] == set.expected[o]) continue;
      return position_of_difference(workload.workload, o, end.outputs[o], set.expected[o]);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const RandomWorkload& workload, const Plan& plan,
                                      const std::vector<Grade>& grades, int orders, Random& random) {
  AbstractMachine machine(workload.workload, plan);
  std::vector<bool> bitwise;
  std::vector<bool> all;
  for (const Grade grade : grades) {
    bitwise.push_back(grade == Grade::kBitwise);
    all.push_back(true);
  }
  const bool any = std::find(bitwise.begin(), bitwise.end(), true) != bitwise.end();
  struct Row {
    Domain domain;
    const char* name;
    const std::vector<bool>& compared;
  };
  const Row rows[] = {
      {Domain::kTerms, "terms", bitwise}, {Domain::kBits, "bits", bitwise}, {Domain::kField, "field", all}};
  for (const Row& row : rows) {
    // Equal terms are equal over the field too; the field is asked where terms may differ.
    const bool wanted = row.domain == Domain::kField
                            ? std::find(bitwise.begin(), bitwise.end(), false) != bitwise.end()
                            : any;
    if (!wanted) continue;
    const auto found = difference_in(row.domain, workload, machine, row.compared, orders, random);
    if (found) return std::string(row.name) + ": " + *found;
  }
  return std::nullopt;
}

}  // namespace cep::fuzz
