#include "soundness/campaign.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cep/certificate.h"
#include "cep/physical_replay.h"
#include "cep/verify.h"
#include "tools/cep-check/check.h"

namespace cep::fuzz {
namespace {

constexpr int kOrders = 6;         // of a proved plan, in each domain
constexpr int kSampledOrders = 2;  // of the others

const std::vector<Finding>& findings_of(const Verdict& verdict) {
  if (const auto* refuted = std::get_if<Refuted>(&verdict)) return refuted->findings;
  return std::get<Undecided>(verdict).findings;
}

std::vector<Grade> grades_of(const Workload& workload, const Proved& proved) {
  std::vector<Grade> grades;
  for (const TensorId id : workload.outputs) {
    const auto at = std::find_if(proved.outputs.begin(), proved.outputs.end(), [&](const OutputGuarantee& g) {
      return g.tensor == workload.tensors[id].name;
    });
    // An output the proof says nothing about is held to the highest grade.
    grades.push_back(at == proved.outputs.end() ? Grade::kBitwise : at->grade);
  }
  return grades;
}

// What is wrong with a proof of this plan, if it is proved at all.
std::optional<std::string> wrongly_proved(const RandomWorkload& workload, Plan plan, std::uint64_t seed,
                                          const VerifyOptions& options) {
  const Context context = generous_context(plan);
  const Verdict verdict = verify(workload.workload, plan, context, options);
  const auto* proved = std::get_if<Proved>(&verdict);
  if (proved == nullptr) return std::nullopt;
  Random random(seed);
  // A plan is asked about in its own words, and a proof in its.
  const std::vector<Grade> asked(workload.workload.outputs.size(), plan.guarantee);
  const auto differs = difference(workload, plan, asked, kOrders, random);
  return differs ? differs
                 : difference(workload, plan, grades_of(workload.workload, *proved), kOrders, random);
}

// What the independent checker says to a certificate of this proof; nothing when it accepts.
std::optional<std::string> checked(const Workload& workload, Plan plan, Proved proof) {
  plan.workload = digest_of(workload);
  const Context context = generous_context(plan);
  const Certificate certificate = certify(workload, plan, context, std::move(proof));
  const acp::Status status = cep_check::check(workload, plan, certificate, context);
  if (status) return std::nullopt;
  return acp::to_string(status.error());
}

bool has_weak_device(const Plan& plan) {
  return std::any_of(plan.devices.begin(), plan.devices.end(),
                     [](const Device& device) { return device.shim == kWeakShim; });
}

// What a verifier proves that takes every device for an exact one, told about the devices as they are.
std::optional<Proved> proved_of_exact_devices(const Workload& workload, const Plan& plan) {
  Plan trusting = plan, as_it_is = plan;
  for (Device& device : trusting.devices) device.shim = "cpu";
  const Context exact = generous_context(trusting), real = generous_context(as_it_is);
  Verdict verdict = verify(workload, trusting, exact);
  auto* proved = std::get_if<Proved>(&verdict);
  if (proved == nullptr) return std::nullopt;
  for (Assumption& assumption : proved->assumptions) {
    for (std::size_t d = 0; d < plan.devices.size(); ++d) {
      if (plan.devices[d].name == assumption.device) assumption.document = real.digests[d];
    }
  }
  return std::move(*proved);
}

// A verifier that lacks one condition, or looks at no device's contract, signs what it should not. The checker must see it whenever
// results differ from what the certificate says of them.
void forge(const Case& made, Random& random, Tally& tally) {
  constexpr std::optional<Condition> kLacking[] = {Condition::kOrder, Condition::kMemory, Condition::kMeaning,
                                                   Condition::kNumerics, Condition::kCoverage};
  const bool contracts = has_weak_device(made.plan) && chance(random, 50);
  const std::optional<Condition> lacking =
      contracts ? std::nullopt : kLacking[static_cast<std::size_t>(random() % std::size(kLacking))];
  const Workload& workload = made.workload.workload;
  std::optional<Proved> proved;
  if (lacking) {
    Plan plan = made.plan;
    const Context context = generous_context(plan);
    Verdict verdict = verify(workload, plan, context, {.without = {*lacking}});
    if (auto* signed_off = std::get_if<Proved>(&verdict)) proved = std::move(*signed_off);
  } else {
    proved = proved_of_exact_devices(workload, made.plan);
  }
  if (!proved) return;
  ++tally.forged;
  const std::vector<Grade> said = grades_of(workload, *proved);
  if (checked(workload, made.plan, std::move(*proved))) return;
  ++tally.forged_accepted;
  if (const auto differs = difference(made.workload, made.plan, said, kOrders, random)) {
    tally.checker_faults.push_back("accepts a forged certificate, without " +
                                   std::string(lacking ? condition_name(*lacking) : "contracts") + ": " +
                                   *differs + "\n" + describe(made));
  }
}

// A proved plan that a replay refutes: one of them is wrong. So is a replay that refutes a plan which is meant to be right.
void put_to_replay(const Case& made, const Context& context, std::uint64_t seed, const Verdict& verdict,
                   bool differs, Tally& tally) {
  const bool undecided = std::holds_alternative<Undecided>(verdict);
  if (!undecided && !std::holds_alternative<Proved>(verdict)) return;
  const Workload& workload = made.workload.workload;
  const physical::ReplayVerdict replayed = physical::replay(workload, made.plan, context, {.seed = seed});
  const auto* difference = std::get_if<physical::Differs>(&replayed);
  const bool refuted = difference != nullptr && difference->refutes();
  if (refuted && (!undecided || made.mutations.empty())) {
    tally.replay_faults.push_back("seed " + std::to_string(seed) + ": " +
                                  to_string(workload, made.plan, replayed) + "\n" + describe(made));
  }
  if (!undecided) return;
  ++tally.undecided;
  if (refuted) ++tally.replay_refuted;
  if (differs && !refuted) ++tally.replay_missed;
  if (!differs && refuted) ++tally.replay_of_a_step;
}

// Leaves out steps one by one, as long as the plan stays wrongly proved.
Plan minimised(const RandomWorkload& workload, Plan plan, std::uint64_t seed, const VerifyOptions& options) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = plan.steps.size(); i-- > 0;) {
      Plan candidate = plan;
      candidate.steps.erase(candidate.steps.begin() + static_cast<std::ptrdiff_t>(i));
      if (!wrongly_proved(workload, candidate, seed, options)) continue;
      plan = std::move(candidate);
      smaller = true;
    }
  }
  return plan;
}

std::string without_digits(std::string text) {
  std::string result;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit)
      result += c;
    else if (result.empty() || result.back() != '#')
      result += '#';
  }
  return result;
}

std::string to_text(const Dims& dims) {
  std::string text = "[";
  for (const std::int64_t extent : dims) text += (text.size() > 1 ? "," : "") + std::to_string(extent);
  return text + "]";
}

void count(const Verdict& verdict, bool different, Counts& counts) {
  ++counts.applied;
  if (different) ++counts.different;
  if (std::holds_alternative<Proved>(verdict)) ++counts.proved;
  if (std::holds_alternative<Refuted>(verdict)) ++counts.refuted;
  if (std::holds_alternative<Undecided>(verdict)) ++counts.undecided;
}

}  // namespace

std::string describe(const Case& shown) {
  const Workload& workload = shown.workload.workload;
  std::string text;
  for (const auto& name : shown.mutations) text += "mutation: " + std::string(name) + "\n";
  for (const Node& node : workload.nodes) {
    text += node.name + " = " + node.op + "(";
    for (const TensorId id : node.inputs) {
      text += id == kNoId ? " -" : " " + workload.tensors[id].name + to_text(workload.tensors[id].type.dims);
    }
    text += " ) order " + std::to_string(static_cast<int>(node.order.kind)) + ":" +
            std::to_string(node.order.block) + " ->";
    for (const TensorId id : node.outputs)
      text += " " + workload.tensors[id].name + to_text(workload.tensors[id].type.dims);
    text += "\n";
  }
  return text + cep::to_text(shown.plan, workload);
}

Case make_case(std::uint64_t seed) {
  Random random(seed);
  Case made{random_workload(random), {}, {}};
  made.plan = random_plan(made.workload.workload, random);
  if (chance(random, 25)) return made;
  const std::int64_t changes = chance(random, 80) ? 1 : 2;
  for (int tries = 0; tries < 20 && static_cast<std::int64_t>(made.mutations.size()) < changes; ++tries) {
    const Mutation& mutation = mutations()[static_cast<std::size_t>(random() % mutations().size())];
    const Plan before = made.plan;
    if (mutation.apply(made.plan, made.workload.workload, random) && made.plan != before)
      made.mutations.push_back(mutation.name);
  }
  return made;
}

void run_case(std::uint64_t seed, Tally& tally, const VerifyOptions& options) {
  Case made = make_case(seed);
  const Workload& workload = made.workload.workload;
  ++tally.cases;
  for (const Node& node : workload.nodes) ++tally.nodes[node.op];
  const Context context = generous_context(made.plan);
  Verdict verdict = verify(workload, made.plan, context, options);
  Random random(seed);
  const bool proved = std::holds_alternative<Proved>(verdict);
  std::optional<std::string> differs;
  if (proved) {
    differs = wrongly_proved(made.workload, made.plan, seed, options);
  } else {
    const std::vector<Grade> asked(workload.outputs.size(), made.plan.guarantee);
    differs = difference(made.workload, made.plan, asked, kSampledOrders, random);
  }
  Counts& counts = made.mutations.empty() ? tally.unchanged : tally.mutated[made.mutations.front()];
  count(verdict, differs.has_value(), counts);
  if (made.mutations.empty() && differs) {
    tally.rig_faults.push_back("seed " + std::to_string(seed) + ": " + *differs + "\n" + describe(made));
  }
  // Every fourth, for time: each is run on four sets of inputs.
  if (options.without.empty() && seed % 4 == 0)
    put_to_replay(made, context, seed, verdict, differs.has_value(), tally);
  if (made.mutations.empty() && !proved) {
    const Finding& first = findings_of(verdict).front();
    const std::string key = (std::holds_alternative<Refuted>(verdict) ? "refuted " : "undecided ") +
                            first.id + " " + without_digits(first.message);
    ++tally.false_alarms[key];
    tally.first_false_alarm.try_emplace(key, seed);
  }
  if (!proved) {
    if (options.without.empty()) forge(made, random, tally);
    return;
  }
  if (options.without.empty()) {
    // What is proved may hold less than a proof would that looks at no contract.
    if (has_weak_device(made.plan)) forge(made, random, tally);
    ++tally.certificates;
    if (const auto refusal = checked(workload, made.plan, std::get<Proved>(std::move(verdict)))) {
      tally.checker_faults.push_back("seed " + std::to_string(seed) + ": refuses: " + *refusal + "\n" +
                                     describe(made));
    }
  }
  if (!differs) return;
  made.plan = minimised(made.workload, made.plan, seed, options);
  tally.wrongly_proved.push_back("seed " + std::to_string(seed) + ": " + *differs + "\n" + describe(made));
}

}  // namespace cep::fuzz
