// Reference and plan in the arithmetic of machines, all sums in tree order.
#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

#include "cep/replay.h"
#include "replay/instantiate.h"
#include "replay/limits.h"
#include "replay/locate.h"
#include "replay/run.h"

namespace cep::logical {
namespace {

using oracle::Difference;
using oracle::Disagreement;
using oracle::Rounded;
using oracle::RunOf;
using oracle::Terms;

// Both programs on one set of inputs.
template <typename N>
struct Both {
  RunOf<N> reference, plan;
  std::optional<CannotRun> fault;
};
template <typename N>
Both<N> run_both(const Document& document, std::uint64_t seed) {
  Both<N> both{.reference = oracle::run_reference<N>(document, seed), .plan = {}, .fault = {}};
  if (!both.reference.fault.empty()) {
    both.fault = CannotRun{acp::unsupported("CEP-REPLAY-2", "reference", both.reference.fault)};
    return both;
  }
  both.plan = oracle::run_plan<N>(document, seed);
  if (!both.plan.fault.empty()) {
    const std::string line =
        both.plan.line == kNone ? "plan" : oracle::words_of_line(document, both.plan.line);
    both.fault = CannotRun{acp::unsupported("CEP-REPLAY-3", line, both.plan.fault)};
  }
  return both;
}

Witness witness_of(const Document& document, const Disagreement& found, std::uint64_t seed) {
  const bool structural = found.kind == Difference::kNotDelivered || found.kind == Difference::kForm;
  return oracle::witness_of(document, found, structural ? Evidence::kStructure : Evidence::kBits, seed);
}

// What one run of the reference delivers.
void count_elements(const Document& document, const RunOf<Rounded>& reference, SameBits& same) {
  same.outputs = document.reference.outputs.size();
  std::set<Element> elements;
  for (const Id output : document.reference.outputs) {
    const auto& array = reference.values[output];
    elements.insert(array.element);
    same.elements += static_cast<std::uint64_t>(oracle::count(array.shape));
    same.not_numbers += static_cast<std::uint64_t>(std::ranges::count_if(
        array.scalars, [](const Rounded& scalar) { return !oracle::Numbers<Rounded>::exists(scalar); }));
  }
  same.types.assign(elements.begin(), elements.end());
}

BitVerdict run(const Document& document, const ReplayOptions& options) {
  SameBits same;
  for (std::uint64_t i = 0; i < options.inputs; ++i) {
    const std::uint64_t seed = options.seed + i;
    auto both = run_both<Rounded>(document, seed);
    if (both.fault) return *std::move(both.fault);
    const auto found = oracle::compare(document, both.reference, both.plan);
    if (!found.empty()) {
      Differs differs;
      differs.witness = witness_of(document, found.front(), seed);
      return differs;
    }
    same.elements = 0;
    count_elements(document, both.reference, same);
    ++same.inputs;
  }
  // Equal bits may be luck; equal terms are none.
  const auto both = run_both<Terms>(document, options.seed);
  if (both.fault) return same;
  const auto found = oracle::compare(document, both.reference, both.plan);
  same.same_terms = found.empty();
  if (!found.empty()) same.other = witness_of(document, found.front(), options.seed);
  return same;
}

}  // namespace

BitVerdict execute_in_order(const Document& document, const ReplayOptions& options) {
  auto runnable = oracle::make_runnable(document, options, oracle::Places::kKept);
  if (!runnable) return CannotRun{std::move(runnable).error()};
  auto verdict = run(runnable->document, options);
  return oracle::answered(*std::move(runnable), std::move(verdict));
}

}  // namespace cep::logical
