// Replay: reference and plan run on numbers, to find out whether a plan that is not proved is wrong, and to show where.
//
// A proof says that a plan is right; that it was not found says nothing. A replay that finds a difference says that it is wrong, with a
// witness anybody can compute again; one that finds none proves nothing. It shares no code with the prover.
//
// Numbers are of two kinds. Over the prime field of 2^61 - 1 sums and products are exact and every other function (exp, 1/sqrt, the
// scores of a router, rounding) is a random one: whatever differs, differs there. Over the reals, in intervals that are rounded outward, all functions
// are themselves: two intervals that are apart are two numbers that differ.
//
// Spec     CEP 11.9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acp/result.h"
#include "cep/logical.h"

namespace cep::logical {

struct ReplayOptions {
  std::uint64_t seed = 1;    // of the first set of inputs; the next ones are seed + 1, ...
  std::uint64_t inputs = 4;  // sets of inputs to run while nothing differs
  // A hostile plan must not keep a machine busy, or fill its memory: 2^23 elements are 200 MB, 2^28 operations some seconds.
  std::uint64_t max_lines = std::uint64_t{1} << 20;
  std::uint64_t max_elements = std::uint64_t{1} << 23;
  std::uint64_t max_operations = std::uint64_t{1} << 28;
};

// What a difference is made of; all but the last are certain. (kBits says nothing of real numbers.)
enum class Evidence : std::uint8_t {
  kStructure,  // an element of an output is not delivered, or not in one way
  kReal,       // two real numbers, with all functions themselves
  kExact,  // two elements of the field, rational functions of the inputs: the functions differ, and so they do at some real inputs
  kBits,   // two results of the arithmetic of machines, all sums in tree order
  kFree,  // two elements of the field, with functions before them that are random there: no proof that real numbers differ
};
[[nodiscard]] std::string_view to_string(Evidence evidence);

// A length of the reference's tensors, and the one it was run at.
struct ScaledLength {
  std::int64_t own = 0, run = 0;
};

struct Witness {
  Evidence evidence = Evidence::kFree;
  std::uint64_t seed = 0;    // of the inputs
  std::uint32_t output = 0;  // as the file knows it
  std::string name;          // of the output, where it has one
  Shape shape;               // of the output
  std::vector<std::int64_t> index;
  std::string expected, found;  // numbers; found is empty where nothing is delivered
  std::uint32_t delivered = 0;  // the plan's tensor, as the file knows it
  std::int64_t rank = -1;       // that holds it; -1: nobody
  std::string held;  // "y [0:4, 0:3]": the box of the reference that tensor is instead; empty: of none
  std::string what;  // in words
};
// A line in which boxes of reference values have gone in, but no box of one has come out on the way to the witness.
struct Suspect {
  std::uint32_t line = 0;  // as the file knows it
  std::int64_t rank = 0;
  std::string
      text;  // "all_gather: takes y [0:4, 0:3], y [0:4, 0:3]; gives no box of any value of the reference"
};
struct Differs {
  Witness witness;
  std::vector<std::string> free;  // functions before the output that the field knows nothing about
  // The piece of the plan that shows it, 1024 lines at most: in the order of the plan, cut off where values are boxes of the reference's.
  std::vector<Suspect> suspects;
  std::vector<ScaledLength> scaled;  // run at other lengths than the plan's own: evidence, and no refutation
  [[nodiscard]] bool refutes() const { return scaled.empty() && witness.evidence != Evidence::kFree; }
};
struct Agrees {
  std::uint64_t inputs = 0;          // sets of them that were run
  std::vector<ScaledLength> scaled;  // as in Differs
};
struct CannotRun {
  acp::Error error;
};
using ReplayVerdict = std::variant<Agrees, Differs, CannotRun>;

// At the document's own shapes; where these are over a limit, at smaller ones if some can be found that all divisions in the plan leave exact. Requires check_logical() to have accepted it: whether its ranks' programs fit together is settled there.
// Errors   in the verdict: CEP-REPLAY-1 over a limit; CEP-REPLAY-2 the reference has no value; CEP-REPLAY-3 a line of the plan has no meaning.
// Cost     of both programs once for each set of inputs, and four more times over the reals where they differ.
// Spec     CEP 11.9, CEP-REPLAY-1 to CEP-REPLAY-3.
[[nodiscard]] ReplayVerdict replay(const Document& document, const ReplayOptions& options = {});

[[nodiscard]] std::string to_string(const ReplayVerdict& verdict);

// Reference and plan give the same bits, on these inputs.
struct SameBits {
  std::uint64_t inputs = 0;                 // sets of them that were run
  std::uint64_t outputs = 0, elements = 0;  // of one run
  std::uint64_t not_numbers = 0;            // elements of the last run that are NaN, in both
  std::vector<Element> types;               // of the outputs
  // Every element is also computed alike, from the same operands in the same order, in a run where nothing but that is known of a number: so
  // other inputs give the same bits too, at these shapes and this routing.
  bool same_terms = false;
  std::optional<Witness> other;  // the first that is not
  std::vector<ScaledLength> scaled;
};
// Differs: the witness has numbers and their bits, or, of its own kind, what is not delivered.
using BitVerdict = std::variant<SameBits, Differs, CannotRun>;

// Executes both in the elements they declare, every operation rounded, all sums in tree order (CEP 11.10). Requires what replay() does, and runs
// at the shapes that it would.
// Errors   in the verdict, as replay().
// Cost     of both programs once for each set of inputs, and once more.
// Spec     CEP 11.10, CEP-REPLAY-1 to CEP-REPLAY-3.
[[nodiscard]] BitVerdict execute_in_order(const Document& document, const ReplayOptions& options = {});
[[nodiscard]] std::string to_string(const BitVerdict& verdict);

}  // namespace cep::logical
