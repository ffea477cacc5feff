#include "cep/replay.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "replay/limits.h"
#include "replay/locate.h"
#include "replay/run.h"

namespace cep::logical {
namespace {

using oracle::Difference;
using oracle::Disagreement;
using oracle::Real;
using oracle::Run;
using oracle::RunOf;

// Functions without a meaning in the field that lie before an output, in the reference or in the plan.
oracle::Free free_before(const Document& document, const Run& reference, const Run& plan, Id output) {
  oracle::Free met = reference.free[output];
  for (const Yield& yield : document.plan.yields) {
    if (yield.reference == output) met |= plan.free[yield.tensor];
  }
  return met;
}

bool structural(const Disagreement& found) {
  return found.kind == Difference::kNotDelivered || found.kind == Difference::kForm;
}

struct Choice {
  Disagreement found;
  Evidence evidence;
  std::uint64_t seed;
};
// The first difference over the reals, in a few sets of inputs: not every set is one at which all functions exist.
std::optional<Choice> real_difference(const Document& document, std::uint64_t seed) {
  constexpr std::uint64_t kSets = 4;
  for (std::uint64_t inputs = seed; inputs < seed + kSets; ++inputs) {
    const auto reference = oracle::run_reference<Real>(document, inputs);
    if (!reference.fault.empty()) continue;
    const auto plan = oracle::run_plan<Real>(document, inputs);
    if (!plan.fault.empty()) continue;
    for (const Disagreement& found : oracle::compare(document, reference, plan)) {
      if (!structural(found)) return Choice{found, Evidence::kReal, inputs};
    }
  }
  return std::nullopt;
}

Choice choose(const Document& document, const Run& reference, const Run& plan,
              const std::vector<Disagreement>& found, std::uint64_t seed) {
  for (const Disagreement& one : found) {
    if (structural(one)) return {one, Evidence::kStructure, seed};
  }
  if (auto real = real_difference(document, seed)) return *std::move(real);
  for (const Disagreement& one : found) {
    if (free_before(document, reference, plan, one.output) == 0) return {one, Evidence::kExact, seed};
  }
  return {found.front(), Evidence::kFree, seed};
}

Differs differs(const Document& document, const Run& reference, const Run& plan,
                const std::vector<Disagreement>& all, std::uint64_t seed) {
  const Choice chosen = choose(document, reference, plan, all, seed);
  const Disagreement& found = chosen.found;
  Differs made;
  made.witness = oracle::witness_of(document, found, chosen.evidence, chosen.seed);
  made.free = oracle::names_of(free_before(document, reference, plan, found.output));
  if (found.tensor == kNone) return made;
  // Of an output in parts, all of them.
  std::vector<Id> behind{found.tensor};
  for (const Yield& yield : document.plan.yields) {
    if (yield.reference == found.output && yield.parts > 1) behind.push_back(yield.tensor);
  }
  oracle::Located located = oracle::locate(document, reference, plan, behind);
  made.suspects = std::move(located.suspects);
  made.witness.held = std::move(located.held);
  return made;
}

// An expanded document within the limits.
ReplayVerdict run(const Document& document, const ReplayOptions& options) {
  for (std::uint64_t i = 0; i < options.inputs; ++i) {
    const std::uint64_t seed = options.seed + i;
    const Run reference = oracle::run_reference(document, seed);
    if (!reference.fault.empty())
      return CannotRun{acp::unsupported("CEP-REPLAY-2", "reference", reference.fault)};
    const Run plan = oracle::run_plan(document, seed);
    if (!plan.fault.empty()) {
      const std::string line = plan.line == kNone ? "plan" : oracle::words_of_line(document, plan.line);
      return CannotRun{acp::unsupported("CEP-REPLAY-3", line, plan.fault)};
    }
    const std::vector<Disagreement> found = oracle::compare(document, reference, plan);
    if (!found.empty()) return differs(document, reference, plan, found, seed);
  }
  return Agrees{.inputs = options.inputs, .scaled = {}};
}

}  // namespace

std::string_view to_string(Evidence evidence) {
  switch (evidence) {
    case Evidence::kStructure: return "structure";
    case Evidence::kReal: return "real";
    case Evidence::kExact: return "exact";
    case Evidence::kFree: return "free";
    case Evidence::kBits: return "bits";
  }
  return "?";
}

ReplayVerdict replay(const Document& document, const ReplayOptions& options) {
  auto runnable = oracle::make_runnable(document, options, oracle::Places::kDropped);
  if (!runnable) return CannotRun{std::move(runnable).error()};
  auto verdict = run(runnable->document, options);
  return oracle::answered(*std::move(runnable), std::move(verdict));
}

}  // namespace cep::logical
