// Misfits: workloads that are wrong in one thing each. None is written by hand: every case that an operator brings along with a
// requirement is one, and every change of a small table, made to each operator's first right case, is another. Whoever reads them must
// refuse each by the id of its row.
//
// Spec     ACP 7.6, CEP 2.2, CEP 4.1.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "acp/result.h"

namespace conformance {

struct Misfit {
  std::string name;  // "Gather.case5", "Gather.unknown_attribute"
  std::string_view what;
  std::string_view breaks;  // the id it must be refused with
  // Has it checked: as a workload, or by the operator alone where no workload can hold the case (its body is a program, or contents
  // that are known do not fit their type).
  std::function<acp::Status()> attempt;
};
[[nodiscard]] std::vector<Misfit> misfits();

}  // namespace conformance
