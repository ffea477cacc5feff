#include <algorithm>

#include "acp/statement.h"

namespace acp {
namespace {

Error disagrees(std::string path, std::string message) {
  return invalid("ACP-STMT-3", std::move(path), std::move(message));
}

bool is_good(std::string_view verdict) { return verdict == "pass" || verdict == "unsupported"; }

Status check_rows(const Statement& statement) {
  for (std::size_t i = 0; i < statement.requirements.size(); ++i) {
    const RequirementVerdict& row = statement.requirements[i];
    const std::string path = "predicate.requirements[" + std::to_string(i) + "]";
    if (std::find(kCaseVerdicts.begin(), kCaseVerdicts.end(), row.verdict) == kCaseVerdicts.end())
      return disagrees(path + ".verdict", "no verdict");
    if (row.cases == 0) return disagrees(path + ".cases", "a verdict without a case");
    if (row.id.empty() || (i > 0 && statement.requirements[i - 1].id >= row.id))
      return disagrees(path + ".id", "ids ascend, each once");
  }
  return ok();
}

Status check_digest(const std::optional<Digest>& wanted, const Digest& stated, const char* requirement,
                    const char* path) {
  if (!wanted || *wanted == stated) return ok();
  return invalid(requirement, path,
                 "the statement is about " + to_string(stated) + ", not " + to_string(*wanted));
}

}  // namespace

bool is_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char given, char wanted) {
    return wanted == '0' ? given >= '0' && given <= '9' : given == wanted;
  });
}

Status check(const Statement& statement) {
  ACP_CHECK(check_rows(statement));
  std::uint64_t cases = 0, good = 0;
  for (std::size_t i = 0; i < kCaseVerdicts.size(); ++i) {
    // Far below where the sum could wrap around.
    if (statement.counts[i] > (std::uint64_t{1} << 40))
      return disagrees("predicate.counts", "more cases than any suite has");
    cases += statement.counts[i];
    if (is_good(kCaseVerdicts[i])) good += statement.counts[i];
  }
  const bool rows_good = !statement.requirements.empty() &&
                         std::all_of(statement.requirements.begin(), statement.requirements.end(),
                                     [](const RequirementVerdict& row) { return is_good(row.verdict); });
  if (statement.conformant && (cases == 0 || good != cases || !rows_good))
    return disagrees("predicate.conformant", "its own verdicts say otherwise");
  if (statement.seed !=
      statement_seed(statement.descriptor, statement.shim, statement.suite, statement.nonce)) {
    return invalid("ACP-STMT-4", "predicate.seed", "not the seed of these digests and this nonce");
  }
  return ok();
}

Status check_subject(const Statement& statement, const StatementSubject& subject) {
  ACP_CHECK(check_digest(subject.descriptor, statement.descriptor, "ACP-STMT-5", "subject[0].digest"));
  ACP_CHECK(check_digest(subject.shim, statement.shim, "ACP-STMT-6", "subject[1].digest"));
  ACP_CHECK(check_digest(subject.suite, statement.suite, "ACP-STMT-7", "predicate.suite.digest"));
  if (subject.since && (!is_time(statement.issued) || statement.issued < *subject.since))
    return invalid("ACP-STMT-11", "predicate.issued",
                   "\"" + statement.issued + "\" is not " + *subject.since + " or later");
  return ok();
}

namespace {

// Nothing that a signature leaves open may change unseen: blanks, keys that DSSE does not name, key ids.
Status check_envelope_text(std::string_view text, const Envelope& read,
                           const std::vector<PublicKey>& signers) {
  if (to_json(read) != text)
    return malformed("ACP-STMT-10", "",
                     "not the text of this envelope: other keys, another order, or blanks");
  for (const PublicKey& signer : signers) {
    const bool named = std::any_of(read.signatures.begin(), read.signatures.end(),
                                   [&](const Signature& row) { return row.key_id == key_id(signer); });
    if (!named) return malformed("ACP-STMT-10", "signatures", "a key id that is not its signer's");
  }
  return ok();
}

}  // namespace

Result<VerifiedStatement> verify_statement(std::string_view envelope, std::span<const PublicKey> trusted,
                                           const StatementSubject& subject) {
  ACP_TRY(const Envelope read, parse_envelope(envelope));
  ACP_TRY(auto signers, verify(read, kStatementPayloadType, trusted));
  ACP_CHECK(check_envelope_text(envelope, read, signers));
  const std::string_view text(reinterpret_cast<const char*>(read.payload.data()), read.payload.size());
  ACP_TRY(Statement statement, parse_statement(text));
  ACP_CHECK(check_subject(statement, subject));
  if (!statement.conformant)
    return invalid("ACP-STMT-8", "predicate.conformant", "the statement says: not conformant");
  return VerifiedStatement{std::move(statement), std::move(signers)};
}

}  // namespace acp
