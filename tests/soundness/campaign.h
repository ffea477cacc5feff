// A campaign of soundness fuzzing: random workloads, plans right and wrong, the verifier's verdict on each, and abstract runs to
// see whether the verdict can be believed.
//
// A plan is *wrongly proved* when an output differs from the reference over the domain of its grade in some order its timelines allow.
// A *false alarm* is an unchanged plan that is not proved at the grade it states.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "soundness/compare_runs.h"

namespace cep::fuzz {

struct Counts {
  std::uint64_t applied = 0;
  std::uint64_t different = 0;  // a sampled run in the plan's own grade gave something else
  std::uint64_t proved = 0;
  std::uint64_t refuted = 0;
  std::uint64_t undecided = 0;
};
struct Tally {
  std::uint64_t cases = 0;
  Counts unchanged;
  std::map<std::string_view, Counts> mutated;              // by the first mutation applied
  std::map<std::string, std::uint64_t> false_alarms;       // by requirement id and message
  std::map<std::string, std::uint64_t> first_false_alarm;  // its seed
  std::map<std::string, std::uint64_t> nodes;              // operators in the workloads
  std::uint64_t certificates = 0;                          // of proved plans, all put to the checker
  std::uint64_t forged = 0;           // of refused plans, by a verifier that lacks one condition
  std::uint64_t forged_accepted = 0;  // accepted all the same; right when the plan computes the same
  std::vector<std::string>
      checker_faults;                // a certificate refused, or a forged one of a plan that differs accepted
  std::uint64_t undecided = 0;       // and replayed, as every fourth case is
  std::uint64_t replay_refuted = 0;  // and found to be wrong
  std::uint64_t replay_missed = 0;   // not found to be, though the rig's runs differ
  std::uint64_t replay_of_a_step = 0;       // found to be, though no output differs in the rig's runs
  std::vector<std::string> replay_faults;   // a proved or an unchanged plan refuted by a replay
  std::vector<std::string> wrongly_proved;  // seed, what differs, minimal plan
  std::vector<std::string> rig_faults;      // an unchanged plan that gave something else
};

struct Case {
  RandomWorkload workload;
  Plan plan;
  std::vector<std::string_view> mutations;  // empty: the plan is meant to be right
};
[[nodiscard]] Case make_case(std::uint64_t seed);
// Verifies and runs one case, adds it to the tally. Conditions are switched off only to show that the campaign would notice.
void run_case(std::uint64_t seed, Tally& tally, const VerifyOptions& options = {});
[[nodiscard]] std::string describe(const Case& shown);

}  // namespace cep::fuzz
