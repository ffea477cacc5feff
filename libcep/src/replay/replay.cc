#include "cep/replay.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "replay/cost.h"
#include "replay/instantiate.h"
#include "replay/locate.h"
#include "replay/run.h"
#include "replay/shrink.h"

namespace cep::logical {
namespace {

using oracle::Difference;
using oracle::Disagreement;
using oracle::Real;
using oracle::Run;
using oracle::RunOf;

std::optional<acp::Error> over_limit(const Document& document, const ReplayOptions& options) {
  const oracle::Cost cost = oracle::cost_of(document);
  const auto refuse = [](std::uint64_t found, std::uint64_t limit, const std::string& of) {
    return acp::over_limit(
        "CEP-REPLAY-1", "document",
        "to run it takes " + std::to_string(found) + " " + of + ", the limit is " + std::to_string(limit));
  };
  if (cost.lines > options.max_lines) return refuse(cost.lines, options.max_lines, "lines");
  // Each takes some bytes before any element is set aside.
  constexpr std::uint64_t kItemsPerLine = 16;
  if (cost.items / kItemsPerLine > options.max_lines)
    return refuse(cost.items, kItemsPerLine * options.max_lines, "tensors, operands and members");
  if (cost.elements > options.max_elements) return refuse(cost.elements, options.max_elements, "elements");
  if (cost.operations > options.max_operations)
    return refuse(cost.operations, options.max_operations, "operations");
  return std::nullopt;
}

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

std::vector<std::int64_t> index_of(const Shape& shape, std::int64_t element) {
  std::vector<std::int64_t> index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = element % shape[d];
    element /= shape[d];
  }
  return index;
}

Differs differs(const Document& document, const Run& reference, const Run& plan,
                const std::vector<Disagreement>& all, std::uint64_t seed) {
  const Choice chosen = choose(document, reference, plan, all, seed);
  const Disagreement& found = chosen.found;
  Differs made;
  Witness& witness = made.witness;
  witness.evidence = chosen.evidence;
  witness.seed = chosen.seed;
  witness.output = document.reference.program.tensors[found.output].source;
  witness.name = oracle::name_of(document.reference, found.output);
  witness.shape = document.reference.program.shape(found.output);
  witness.index = index_of(witness.shape, found.element);
  witness.expected = found.expected;
  witness.found = found.found;
  witness.what = found.what;
  made.free = oracle::names_of(free_before(document, reference, plan, found.output));
  if (found.tensor == kNone) return made;
  const Tensor& delivered = document.plan.program.tensors[found.tensor];
  witness.delivered = delivered.source;
  witness.rank = document.plan.places[delivered.place].constant;
  // Of an output in parts, all of them.
  std::vector<Id> behind{found.tensor};
  for (const Yield& yield : document.plan.yields) {
    if (yield.reference == found.output && yield.parts > 1) behind.push_back(yield.tensor);
  }
  oracle::Located located = oracle::locate(document, reference, plan, behind);
  made.suspects = std::move(located.suspects);
  witness.held = std::move(located.held);
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
      const std::string line = plan.line == kNone
                                   ? "plan"
                                   : "line " + std::to_string(document.plan.program.nodes[plan.line].source);
      return CannotRun{acp::unsupported("CEP-REPLAY-3", line, plan.fault)};
    }
    const std::vector<Disagreement> found = oracle::compare(document, reference, plan);
    if (!found.empty()) return differs(document, reference, plan, found, seed);
  }
  return Agrees{.inputs = options.inputs, .scaled = {}};
}

// A large document at smaller lengths, or nothing where none can be found, or where it does not run there.
std::optional<ReplayVerdict> run_scaled(const Document& document, const ReplayOptions& options) {
  const oracle::Cost cost = oracle::cost_of(document);
  // A run over all lines for each length that is tried.
  constexpr std::uint64_t kMostLines = std::uint64_t{1} << 17;
  if (cost.lines > std::min(options.max_lines, kMostLines) || cost.items > 16 * kMostLines)
    return std::nullopt;
  const std::optional<oracle::Shrunk> small = oracle::shrink(oracle::instantiate(document));
  if (!small || over_limit(small->document, options)) return std::nullopt;
  std::vector<ScaledLength> scaled;
  scaled.reserve(small->lengths.size());
  for (const auto& [own, now] : small->lengths) scaled.push_back({own, now});
  ReplayVerdict verdict = run(small->document, options);
  if (std::holds_alternative<CannotRun>(verdict)) return std::nullopt;
  if (auto* agrees = std::get_if<Agrees>(&verdict)) agrees->scaled = scaled;
  if (auto* found = std::get_if<Differs>(&verdict)) found->scaled = scaled;
  return verdict;
}

}  // namespace

std::string_view to_string(Evidence evidence) {
  switch (evidence) {
    case Evidence::kStructure: return "structure";
    case Evidence::kReal: return "real";
    case Evidence::kExact: return "exact";
    case Evidence::kFree: return "free";
  }
  return "?";
}

ReplayVerdict replay(const Document& document, const ReplayOptions& options) {
  auto error = over_limit(document, options);
  if (!error) return run(oracle::instantiate(document), options);
  if (auto verdict = run_scaled(document, options)) return *std::move(verdict);
  return CannotRun{*std::move(error)};
}

}  // namespace cep::logical
