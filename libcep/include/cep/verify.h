// The plan verifier: re-derives every claim of a plan, or says what is wrong with it and where.
//
// A verdict is Proved, Refuted or Undecided. Undecided is an answer, never a pass; there is no conversion to bool.
// Spec     CEP 6 (verification).
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acp/document.h"
#include "cep/plan.h"

namespace cep {

// The conditions a plan must satisfy, one file each under libcep/src/verify. The number is the n of CEP-VER-n.
enum class Condition : std::uint8_t {
  kWellFormed = 1,
  kCapability = 2,
  kOrder = 3,
  kMemory = 4,
  kMeaning = 5,
  kNumerics = 6,
  kCoverage = 8,
};
[[nodiscard]] std::string_view condition_name(Condition condition);

struct Finding {
  Condition condition = Condition::kWellFormed;
  std::string id;       // "CEP-MEM-1"
  std::string path;     // "steps[3].inputs[0]"
  std::string step;     // the step's name, empty when the fault is not in a step
  std::string message;  // the fact needed, the fact found
  // Certain: the plan breaks the condition. Not certain: the verifier could not follow, and refuses for that.
  bool certain = true;
};
[[nodiscard]] std::string to_string(const Finding& finding);

// The ACP documents the plan is proved against, one per device of the plan, in its order.
struct Context {
  std::vector<acp::Class> documents;
  std::vector<acp::Digest> digests;
};

struct OutputGuarantee {
  std::string tensor;
  Grade grade = Grade::kReal;
};
// An assumption of a proof: device `device` meets `contract`, as said by the document of this digest.
struct Assumption {
  std::string device;
  acp::Digest document{};
  std::string contract;
};

// A fact the abstract run derived: after its step, the view holds `box` of `tensor`.
struct Part {
  // kWhole: the tensor's value. kSum: the reduction of `node` over a set of disjoint k ranges. kConstant: every element is `bits`.
  enum class Kind : std::uint8_t { kWhole = 1, kSum = 2, kConstant = 3 };
  // What is known about the bits of a kSum: nothing, the chain's state after k steps, or one node of the blocked tree.
  enum class State : std::uint8_t { kUnordered = 0, kPrefix = 1, kTreeNode = 2 };
  Kind kind = Kind::kWhole;
  State state = State::kUnordered;
  bool has_init = false;       // kSum: the reduction's init is in it
  std::vector<KRange> ranges;  // kSum: disjoint, ascending, merged
  std::int64_t span = 0;       // kTreeNode: 2^level blocks, the highest below the root where tails pass up
  std::int64_t position =
      0;                   // kTreeNode: of its span; kPrefix: k done (chain) or blocks done (blocked, index)
  std::uint64_t bits = 0;  // kConstant
  bool operator==(const Part&) const = default;
};
struct Fact {
  Slice slice;  // tensor kNoId for a constant
  Part part;
  Grade grade = Grade::kBitwise;
  std::uint32_t step = kNoId;  // the step that made it; kNoId: present at the start
};

struct Proved {
  Grade guarantee = Grade::kReal;  // of the plan: the lowest of its outputs
  std::vector<OutputGuarantee> outputs;
  std::vector<Assumption> assumptions;
  std::vector<std::string> lowered_by;
  // For the certificate: the order the plan was run in, and per step the facts used and made (positions in `facts`).
  std::vector<StepId> order;
  std::vector<Fact> facts;
  std::vector<std::vector<std::uint32_t>> used;
  std::vector<std::vector<std::uint32_t>> made;
  std::vector<std::uint32_t> output_facts;
};
struct Refuted {
  std::vector<Finding> findings;
};
struct Undecided {
  std::vector<Finding> findings;  // the first thing that could not be followed
};
using Verdict = std::variant<Proved, Refuted, Undecided>;

struct VerifyOptions {
  // Tests switch single conditions off to show that a refusal has its own reason. A certificate is never made from such a run.
  std::set<Condition> without;
};

// Verifies a plan for a checked workload. The caller has matched plan.workload with the digest of `workload` (CEP-CHECK-1), which
// certify() repeats.
// Cost     near linear in steps, for a bounded number of queues.
// Spec     CEP 6.1, CEP-VER-1 to CEP-VER-8.
[[nodiscard]] Verdict verify(const Workload& workload, const Plan& plan, const Context& context,
                             const VerifyOptions& options = {});

}  // namespace cep
