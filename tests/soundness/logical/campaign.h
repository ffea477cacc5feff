// A campaign against a prover of logical plans: random right plans and mutated ones, its verdict on each, and the oracle to see whether the
// verdict can be believed.
//
// A plan is *wrongly proved* when it is proved and the oracle sees it deliver something else than the reference. A *false alarm* is an
// unchanged plan that is not proved as it is. One document in eight carries sums on: these are counted apart, and alarms all the same. A
// mutated plan that is refused though it delivers the same is counted, and no fault.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cep/logical.h"

namespace cep::logical::oracle {

struct Judgement {
  bool proved = false;                   // in one of the forms it was put in
  std::string why;                       // it was refused as it is: the requirement id and message
  std::optional<Document> pattern;       // the form with variables, if it has one
  std::string pattern_why;               // that was refused
  std::uint64_t certificates = 0;        // of the forms that were proved, put to the independent checker
  std::string refused_certificate = {};  // what it said to one that it did not accept
  // Of a plan proved as it is: does the checker accept its certificate for another one?
  std::function<bool(const Document&)> certifies = {};
};
using Judge = std::function<Judgement(const Document&)>;

struct Counts {
  std::uint64_t applied = 0;
  std::uint64_t different = 0;  // the oracle sees another value, or none
  std::uint64_t refused = 0;    // of the different ones
  std::uint64_t equal_proved = 0;
  std::uint64_t equal_refused = 0;
  std::uint64_t equal_certified = 0;  // by the certificate of the unchanged plan
};
struct Tally {
  std::uint64_t documents = 0, lines = 0, proved = 0;
  std::uint64_t patterns = 0, patterns_proved = 0;    // of the documents, those that have one
  std::uint64_t carried = 0, carried_proved = 0;      // of the documents, those that carry sums on (Sums)
  std::map<std::string_view, Counts> mutated;         // by mutation; the first where two were applied
  std::map<std::string, std::uint64_t> false_alarms;  // by reason
  std::map<std::string, std::uint64_t> first_false_alarm;      // its seed
  std::map<std::string, std::uint64_t> pattern_refusals;       // of unchanged plans proved without one
  std::map<std::string, std::uint64_t> first_pattern_refusal;  // its seed
  std::vector<std::string> wrongly_proved;                     // seed, mutation, what differs
  std::vector<std::string> rig_faults;      // an unchanged plan that the oracle calls wrong
  std::uint64_t certificates = 0;           // of whatever was proved
  std::vector<std::string> checker_faults;  // it refuses one, or accepts that of the unchanged plan wrongly

  [[nodiscard]] Counts all() const;
};

[[nodiscard]] Document document_of(std::uint64_t seed);

// The document of `seed`, and after it `mutants` changed ones: their seeds are those of one stream.
void run_case(std::uint64_t seed, std::uint64_t mutants, const Judge& judge, Tally& tally);

}  // namespace cep::logical::oracle
