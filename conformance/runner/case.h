// Case, kind, suite, verdict: what the runner runs. A kind makes cases of one sort; a suite is a list of kinds, composed in main.
//
// Spec     ACP 7.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "acp/document.h"
#include "acp/host.h"
#include "conformance/runner/query.h"

namespace conformance {

// There is no "skip": what can't be tested is a failure of something.
enum class Verdict : std::uint8_t {
  kPass,
  kFail,
  kUnsupported,  // not claimed, and rightly refused
  kCrash,
  kHang,
  kDeviceLost,
  kHarnessError,  // the suite's own fault; never counts as conformant
};
inline constexpr Verdict kVerdicts[] = {Verdict::kPass,        Verdict::kFail, Verdict::kUnsupported,
                                        Verdict::kCrash,       Verdict::kHang, Verdict::kDeviceLost,
                                        Verdict::kHarnessError};
[[nodiscard]] std::string_view word_of(Verdict verdict);  // "device-lost"

// What came of one case. `requirement` is the sentence or claim that is broken.
struct Outcome {
  Verdict verdict = Verdict::kPass;
  std::string requirement;
  std::string words;     // "claimed chain, observed blocked_tree(64)"
  std::string expected;  // of the first element that differs: bits, side by side
  std::string got;
  bool operator==(const Outcome&) const = default;
};
[[nodiscard]] Outcome pass(std::string words = "");
[[nodiscard]] Outcome fail(std::string requirement, std::string words, std::string expected = "",
                           std::string got = "");
// A refusal or fault that the case did not want: device-lost when the device says that it is not healthy, else fail.
[[nodiscard]] Outcome unexpected(const acp::Device& device, std::string_view what, const acp::Error& error);

[[nodiscard]] std::string to_json(const Outcome& outcome);
// Errors   ACP-CONF-2 not an outcome.
// Spec     ACP 7.4, ACP-CONF-2.
[[nodiscard]] acp::Result<Outcome> parse_outcome(std::string_view json);

enum class Tier : std::uint8_t { kQuick, kFull };
[[nodiscard]] std::string_view word_of(Tier tier);  // "quick"

// What a device says of itself, as far as it selects cases: its row for region programs with the contract of that row, and the
// document, whose rows tell what each operator may expect.
struct Claims {
  bool regions = false;
  std::set<std::string> dtypes;
  acp::NumericContract contract;
  acp::Class document;

  [[nodiscard]] bool has(std::string_view dtype) const { return dtypes.contains(std::string(dtype)); }
  // Whether the canonical bits are promised for a reduction in this order ("": no reduction).
  [[nodiscard]] bool exact(std::string_view order) const;
};
[[nodiscard]] Claims claims_of(const acp::Class& document);

struct Kind {
  std::string_view name;  // "num.reduce"; a query belongs to the kind whose name begins its own
  std::string_view what;  // one line for people
  // Parameters that may be made smaller when a case fails, each with its smallest value.
  struct Shrink {
    std::string_view key;
    std::int64_t least;
  };
  std::vector<Shrink> shrink = {};
  // The cases these claims select, cheapest first; without seed. Null: one case for every device, called like the kind.
  std::vector<Query> (*list)(const Claims& claims, Tier tier) = nullptr;
  // Runs in the child, on device 0 of the shim.
  Outcome (*run)(const Query& query, const acp::Shim& shim, const acp::Device& device) = nullptr;
  // The sentences a case is about, which its pass confirms: the same for every case of the kind, or told by `about_case`.
  std::vector<std::string_view> about = {};
  std::string_view (*about_case)(const Query& query) = nullptr;
  // The expected values that stand in the suite itself, as text: they belong to its digest.
  std::string (*table)() = nullptr;
};
using Suite = std::vector<Kind>;

// The sentences that this case is about.
[[nodiscard]] std::vector<std::string> about(const Kind& kind, const Query& query);

// The kind of a query, or null.
[[nodiscard]] const Kind* kind_of(const Suite& suite, const Query& query);

}  // namespace conformance
