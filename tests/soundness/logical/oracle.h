// The oracle for logical plans: runs the reference and the plan on small shapes, and says where they differ.
//
// It shares no code with the prover and looks at no fact, only at numbers. Inputs, parameters and buffers are random, keyed by seed,
// reference tensor and element, so a Bind reads what the reference reads. Ranks run as they would on hardware: each one its lines in
// order, a communication when all its members have come to it (rendezvous). What it can and cannot see: CEP CAVEATS, "logical plans".
//
// A plan that cannot be run (a deadlock, an operand nobody made, shapes that do not fit) has a fault, and differs everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "soundness/logical/array.h"

namespace cep::logical::oracle {

struct Run {
  std::string fault;          // why it ended early; empty: it ran to its end
  std::vector<Array> values;  // by tensor
};
struct Disagreement {
  Id output = kNone;  // of the reference; kNone: the plan could not be run
  std::string what;
};

[[nodiscard]] Run run_reference(const Document& document, std::uint64_t seed);
// An expanded plan (instantiate() makes one of a pattern). `reference` is not looked at but for shapes and roles.
[[nodiscard]] Run run_plan(const Document& document, std::uint64_t seed);

// Every element of every output is delivered: for one number of parts each of them, copies being equal, and their sum is the reference's.
[[nodiscard]] std::vector<Disagreement> compare(const Document& document, const Run& reference,
                                                const Run& plan);

// Both runs and the comparison; a pattern is instantiated first.
[[nodiscard]] std::vector<Disagreement> disagreements(const Document& document, std::uint64_t seed);

// What a reference tensor without a producer holds.
[[nodiscard]] Array root_value(const Document& document, Id reference_tensor, std::uint64_t seed);

}  // namespace cep::logical::oracle
