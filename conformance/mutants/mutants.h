// Mutants: shims that are wrong in one thing each. The suite must find every one of them, and for its reason; otherwise the suite is
// worth nothing. A mutant wraps a right shim: some of its slots do something else.
//
// Spec     ACP 7.6.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acp/shim.h"
#include "cep/region.h"
#include "conformance/runner/run.h"
#include "conformance/testee/testee.h"

namespace conformance {

// One wrong thing. Exactly one of the last five is set.
struct Mutant {
  std::string_view name;
  std::string_view what;
  std::string_view breaks;  // the id of the sentence it breaks
  std::string_view killer;  // the query of the case that must find it
  Verdict verdict = Verdict::kFail;
  std::string_view says = {};  // what the case must say about it; empty: anything

  void (*replace)(acp_shim& slots) = nullptr;      // puts wrong slots into a table that forwards
  void (*rewrite)(cep::Region& region) = nullptr;  // compile runs another program
  acp_shim_negotiate_fn negotiate = nullptr;       // another shim altogether
  std::string_view forgives = {};                  // compile accepts what must be refused with this id
  std::pair<std::string_view, std::string_view> document =
      {};  // in the Class document as JSON, the first becomes the second
};

[[nodiscard]] std::span<const Mutant> mutants();
// Null when there is none.
[[nodiscard]] const Mutant* mutant_named(std::string_view name);

// The testee made wrong.
[[nodiscard]] Testee mutated(const Testee& base, const Mutant& mutant);

// What came of a mutant. The suite kills it for its reason when the case of its row ends as the row says.
struct Kill {
  bool for_its_reason = false;
  std::string killed_by;            // a query; empty when it survives
  std::string words;                // of that case
  std::vector<std::string> failed;  // with kWholeSuite: every case that was not conformant
};
enum class Hunt : std::uint8_t { kKiller, kWholeSuite };

// Runs the case of the mutant's row; when that does not find it, all others.
//
// Errors   ACP-CONF-1 the row names a case that does not exist; as describe.
// Spec     ACP 7.6.
[[nodiscard]] acp::Result<Kill> hunt(const Suite& suite, const Testee& base, const Mutant& mutant, Hunt how,
                                     std::chrono::milliseconds limit);

}  // namespace conformance
