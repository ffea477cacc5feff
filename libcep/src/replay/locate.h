// The piece of a plan that shows a difference: lines between boxes of reference values and a tensor that is none.
#pragma once

#include <string>
#include <vector>

#include "cep/replay.h"
#include "replay/run.h"

namespace cep::logical::oracle {

struct Located {
  std::string held;  // by the first tensor: "y [0:4, 0:3]"; empty: no box of any value
  std::vector<Suspect>
      suspects;  // in the order of the plan; none where what is delivered are boxes of the reference's values themselves
};
// Of an expanded plan and two runs over the field, back from tensors that are delivered.
[[nodiscard]] Located locate(const Document& document, const Run& reference, const Run& plan,
                             const std::vector<Id>& delivered);
// A difference that a run of an expanded plan shows: which element of which output, and who delivers it.
[[nodiscard]] Witness witness_of(const Document& document, const Disagreement& found, Evidence evidence,
                                 std::uint64_t seed);
// "line 12", as the file knows it.
[[nodiscard]] std::string words_of_line(const Document& document, Id line);
// By its name, or "tensor 12" as the file knows it.
[[nodiscard]] std::string name_of(const Reference& reference, Id tensor);

}  // namespace cep::logical::oracle
