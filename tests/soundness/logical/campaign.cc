#include "soundness/logical/campaign.h"

#include "replay/instantiate.h"
#include "replay/run.h"
#include "soundness/logical/plan_mutations.h"
#include "soundness/logical/random_partition.h"

namespace cep::logical::oracle {
namespace {

// Seeds of inputs: where a plan was proved it is run on more of them, for what depends on a few tokens alone.
constexpr std::uint64_t kFirstInputs = 1;
constexpr std::uint64_t kLastInputs = 4;

Sums sums_of(std::uint64_t seed) { return seed % 8 == 7 ? Sums::kCarriedOn : Sums::kReducedFirst; }

std::string difference(const Document& document, const Run& reference, std::uint64_t inputs) {
  const auto found = compare(document, reference, run_plan(document, inputs));
  return found.empty() ? std::string() : "output " + std::to_string(found[0].output) + ": " + found[0].what;
}

void count_certificates(const Judgement& judgement, const std::string& which, Tally& tally) {
  tally.certificates += judgement.certificates;
  if (!judgement.refused_certificate.empty())
    tally.checker_faults.push_back(which + ": " + judgement.refused_certificate);
}

// A mutant, against what its reference delivers for each inputs.
void look(const Document& changed, std::string_view mutation, const std::string& which,
          const std::vector<Run>& references, const Judge& judge, const Judgement& unchanged, Tally& tally) {
  Counts& counts = tally.mutated[mutation];
  ++counts.applied;
  std::string what = difference(changed, references[0], kFirstInputs);
  const Judgement again = judge(changed);
  count_certificates(again, which, tally);
  const bool proved = again.proved, certified = unchanged.certifies && unchanged.certifies(changed);
  for (std::uint64_t inputs = kFirstInputs + 1;
       (proved || certified) && what.empty() && inputs <= kLastInputs; ++inputs)
    what = difference(changed, references[inputs - kFirstInputs], inputs);
  if (what.empty()) {
    ++(proved ? counts.equal_proved : counts.equal_refused);
    if (certified) ++counts.equal_certified;
    return;
  }
  ++counts.different;
  if (certified) tally.checker_faults.push_back(which + ": the unchanged plan's is accepted, but " + what);
  if (!proved) {
    ++counts.refused;
  } else {
    tally.wrongly_proved.push_back(which + ": " + what);
  }
}

// A changed pattern. One that is not proved may be none at all, and is not written out.
void look_at_pattern(const Document& changed, std::string_view mutation, const std::string& which,
                     const std::vector<Run>& references, const Judge& judge, Tally& tally) {
  Counts& counts = tally.mutated[mutation];
  ++counts.applied;
  const Judgement again = judge(changed);
  count_certificates(again, which, tally);
  if (!again.proved) return;
  const Document expanded = instantiate(changed);
  std::string what;
  for (std::uint64_t inputs = kFirstInputs; what.empty() && inputs <= kLastInputs; ++inputs)
    what = difference(expanded, references[inputs - kFirstInputs], inputs);
  if (what.empty()) {
    ++counts.equal_proved;
  } else {
    ++counts.different;
    tally.wrongly_proved.push_back(which + " of the pattern: " + what);
  }
}

}  // namespace

Counts Tally::all() const {
  Counts sum;
  for (const auto& [name, counts] : mutated) {
    sum.applied += counts.applied;
    sum.different += counts.different;
    sum.refused += counts.refused;
    sum.equal_proved += counts.equal_proved;
    sum.equal_refused += counts.equal_refused;
    sum.equal_certified += counts.equal_certified;
  }
  return sum;
}

Document document_of(std::uint64_t seed) {
  Random random(seed);
  return random_document(random, sums_of(seed));
}

void run_case(std::uint64_t seed, std::uint64_t mutants, const Judge& judge, Tally& tally) {
  const Document document = document_of(seed);
  Random random(~seed);
  const bool carried = sums_of(seed) == Sums::kCarriedOn;
  ++tally.documents;
  if (carried) ++tally.carried;
  tally.lines += document.plan.program.nodes.size();
  std::vector<Run> references;
  for (std::uint64_t inputs = kFirstInputs; inputs <= kLastInputs; ++inputs)
    references.push_back(run_reference(document, inputs));
  if (const std::string wrong = difference(document, references[0], kFirstInputs); !wrong.empty())
    tally.rig_faults.push_back("seed " + std::to_string(seed) + ": " + wrong);
  const Judgement judgement = judge(document);
  count_certificates(judgement, "seed " + std::to_string(seed), tally);
  if (judgement.pattern) {
    ++tally.patterns;
    if (!disagreements(*judgement.pattern, kFirstInputs).empty())
      tally.rig_faults.push_back("seed " + std::to_string(seed) + ": its pattern delivers something else");
  }
  if (judgement.pattern && judgement.pattern_why.empty()) ++tally.patterns_proved;
  if (judgement.why.empty() && !judgement.pattern_why.empty() &&
      ++tally.pattern_refusals[judgement.pattern_why] == 1) {
    tally.first_pattern_refusal[judgement.pattern_why] = seed;
  }
  if (judgement.why.empty()) {
    ++tally.proved;
    if (carried) ++tally.carried_proved;
  } else if (++tally.false_alarms[judgement.why] == 1) {
    tally.first_false_alarm[judgement.why] = seed;
  }
  for (std::uint64_t i = 0; i < mutants; ++i) {
    Document changed = document;
    const std::string_view name = mutate(changed, random);
    if (name.empty()) return;
    if (random() % 8 == 0) static_cast<void>(mutate(changed, random));
    const std::string which = "seed " + std::to_string(seed) + " mutant " + std::to_string(i) + " ";
    look(changed, name, which + std::string(name), references, judge, judgement, tally);
  }
  for (std::uint64_t i = 0; judgement.pattern && i < (mutants + 1) / 2; ++i) {
    Document changed = *judgement.pattern;
    const std::string_view name = mutate(changed, random);
    if (name.empty()) return;
    const std::string which = "seed " + std::to_string(seed) + " mutant " + std::to_string(i) + " ";
    look_at_pattern(changed, name, which + std::string(name), references, judge, tally);
  }
}

}  // namespace cep::logical::oracle
