// Runs the reference and the plan on numbers of one kind, and says where they differ.
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

#include "replay/array.h"
#include "replay/free.h"

namespace cep::logical::oracle {

template <typename N>
struct RunOf {
  std::string fault;               // why it ended early; empty: it ran to its end
  Id line = kNone;                 // where
  std::vector<ArrayOf<N>> values;  // by tensor
  std::vector<Free> free;          // by tensor: what lies behind it that the field knows nothing about
};
using Run = RunOf<Scalar>;

enum class Difference : std::uint8_t {
  kFault,         // it could not be run
  kValue,         // an element is another
  kNotDelivered,  // an element, or a part of it, is not delivered
  kCopies,        // two ranks deliver the same with different values
  kForm,          // what is delivered has no place in the output
};
struct Disagreement {
  Id output = kNone;  // of the reference; kNone: the plan could not be run
  std::string what = {};
  Difference kind = Difference::kFault;
  std::int64_t element = 0;               // of the output, row-major
  Id tensor = kNone;                      // of the plan, that delivers it
  std::string expected = {}, found = {};  // where they are numbers
};

template <typename N = Scalar>
[[nodiscard]] RunOf<N> run_reference(const Document& document, std::uint64_t seed);
// An expanded plan (instantiate() makes one of a pattern). `reference` is not looked at but for shapes and roles.
template <typename N = Scalar>
[[nodiscard]] RunOf<N> run_plan(const Document& document, std::uint64_t seed);

// Every element of every output is delivered: for one number of parts each of them, copies being equal, and their sum is the reference's.
// Real numbers are told apart where they certainly are.
template <typename N>
[[nodiscard]] std::vector<Disagreement> compare(const Document& document, const RunOf<N>& reference,
                                                const RunOf<N>& plan);

// Both runs over the field and the comparison; a pattern is instantiated first.
[[nodiscard]] std::vector<Disagreement> disagreements(const Document& document, std::uint64_t seed);

// What a reference tensor without a producer holds. Real numbers are multiples of 2^-20 in [-1, 1], of an even seed in [1/4, 5/4], so that
// roots exist.
template <typename N = Scalar>
[[nodiscard]] ArrayOf<N> root_value(const Document& document, Id reference_tensor, std::uint64_t seed);

}  // namespace cep::logical::oracle
