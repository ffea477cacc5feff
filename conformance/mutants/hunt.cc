#include "conformance/mutants/mutants.h"

namespace conformance {
namespace {

bool is_found(const Outcome& outcome) {
  return outcome.verdict != Verdict::kPass && outcome.verdict != Verdict::kUnsupported;
}

bool is_its_reason(const Mutant& mutant, const Outcome& outcome) {
  return outcome.verdict == mutant.verdict && outcome.requirement == mutant.breaks &&
         outcome.words.find(mutant.says) != std::string::npos;
}

// The first words that fit into a line of a table.
std::string first_line(const Outcome& outcome) {
  return outcome.requirement + " " + outcome.words.substr(0, outcome.words.find('\n'));
}

}  // namespace

acp::Result<Kill> hunt(const Suite& suite, const Testee& base, const Mutant& mutant, Hunt how,
                       std::chrono::milliseconds limit) {
  const Testee testee = mutated(base, mutant);
  ACP_TRY(const Query killer, parse_query(mutant.killer));
  ACP_TRY(const Entry entry, run_case(suite, testee, killer, limit, Minimise::kNo));
  Kill kill;
  if (is_found(entry.outcome)) {
    kill.killed_by = std::string(mutant.killer);
    kill.words = first_line(entry.outcome);
    kill.for_its_reason = is_its_reason(mutant, entry.outcome);
  }
  if (kill.for_its_reason && how == Hunt::kKiller) return kill;
  // The claims of the right shim: a mutant's own document may be what is wrong.
  ACP_TRY(const Described described, describe(base, limit));
  for (const Query& query : queries_of(suite, claims_of(described.document), Tier::kQuick, "")) {
    ACP_TRY(const Entry other, run_case(suite, testee, query, limit, Minimise::kNo));
    if (!is_found(other.outcome)) continue;
    kill.failed.push_back(to_string(query));
    if (kill.killed_by.empty()) {
      kill.killed_by = to_string(query);
      kill.words = first_line(other.outcome);
    }
    if (how == Hunt::kKiller) break;
  }
  return kill;
}

}  // namespace conformance
