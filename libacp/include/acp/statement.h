// Statement: what a conformance run found, bound by digest to the descriptor, the shim and the suite it is about. An in-toto
// Statement v1, signed as a DSSE envelope; whoever relies on a device checks it with the same function as the suite's own tool.
//
// A statement is one text: whatever is read has been compared with what would be written.
//
// Spec     ACP 8, ACP-STMT-1 to ACP-STMT-11.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "acp/digest.h"
#include "acp/envelope.h"
#include "acp/result.h"

namespace acp {

inline constexpr std::string_view kStatementPayloadType = "application/vnd.in-toto+json";
inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kConformancePredicate = "urn:acp:conformance:v1";

// How a case may end, in the order in which a statement counts them.
inline constexpr std::array<std::string_view, 7> kCaseVerdicts = {
    "pass", "fail", "unsupported", "crash", "hang", "device-lost", "harness-error"};

// What came of one sentence of the specification: the worst verdict of the cases about it.
struct RequirementVerdict {
  std::string id;       // "ACP-CONF-5"
  std::string verdict;  // one of kCaseVerdicts
  std::uint64_t cases = 0;
  bool operator==(const RequirementVerdict&) const = default;
};

// What came of one claim of the descriptor.
struct ClaimVerdict {
  std::string claim;     // "exact_orders: chain"
  std::string finding;   // "confirmed"
  std::string observed;  // in words
  bool operator==(const ClaimVerdict&) const = default;
};

struct Statement {
  Digest descriptor;  // of the wire form of the Class
  Digest shim;        // of the file its code lies in
  Digest suite;       // of version, expected numbers and list of cases
  std::string suite_version;
  std::string tier;    // "quick", "full"
  std::string nonce;   // hexadecimal
  std::string seed;    // statement_seed() of the above
  std::string issued;  // "2026-01-31T12:00:00Z"
  std::vector<std::pair<std::string, std::string>> environment;
  bool conformant = false;
  std::array<std::uint64_t, kCaseVerdicts.size()> counts{};  // of cases, by verdict
  std::vector<RequirementVerdict> requirements;              // by id, ascending
  std::vector<ClaimVerdict> claims;
  bool operator==(const Statement&) const = default;
};

// The seed that every input of a run follows from: the first 16 hexadecimal digits of the SHA-256 of the three digests as text and
// the nonce, one behind the other.
[[nodiscard]] std::string statement_seed(const Digest& descriptor, const Digest& shim, const Digest& suite,
                                         std::string_view nonce);

// The text that is signed.
[[nodiscard]] std::string to_json(const Statement& statement);

// Errors   ACP-STMT-1 not such a statement; ACP-STMT-2 not the text that would be written; ACP-STMT-3 and 4 as check; ACP-STMT-9 over
//          a limit; ACP-DIG-1.
// Spec     ACP 8.1, ACP-STMT-1 to ACP-STMT-4, ACP-STMT-9.
[[nodiscard]] Result<Statement> parse_statement(std::string_view text);

// Whether what a statement says agrees with itself.
//
// Errors   ACP-STMT-3 verdicts, counts and `conformant` disagree; ACP-STMT-4 the seed is not the one that follows.
// Spec     ACP 8.1, ACP-STMT-3, ACP-STMT-4.
[[nodiscard]] Status check(const Statement& statement);

// What a statement must be about, and how old it may be. What is absent is not asked.
struct StatementSubject {
  std::optional<Digest> descriptor;
  std::optional<Digest> shim;
  std::optional<Digest> suite;
  std::optional<std::string> since = {};  // a time: what was issued before is too old
};

// Whether a text has the form of a time of issue: "2026-01-31T12:00:00Z". Two such texts compare as their times do.
[[nodiscard]] bool is_time(std::string_view text);

// Errors   ACP-STMT-5 another descriptor; ACP-STMT-6 another shim; ACP-STMT-7 another suite; ACP-STMT-11 issued too early, or nobody knows when.
// Spec     ACP 8.2, ACP-STMT-5 to ACP-STMT-7, ACP-STMT-11.
[[nodiscard]] Status check_subject(const Statement& statement, const StatementSubject& subject);

struct VerifiedStatement {
  Statement statement;
  std::vector<PublicKey> signers;  // those of the trusted keys that signed
};

// The whole check, offline: envelope, signature by a trusted key, form, subject, and that it says "conformant".
//
// Errors   ACP-SIG-1 to 4; as parse_statement and check_subject; ACP-STMT-8 the statement says that the device is not conformant;
//          ACP-STMT-10 the envelope is not the text that would be written.
// Cost     linear in the text, one signature check for each signature and trusted key.
// Spec     ACP 8.2, ACP-STMT-8, ACP-STMT-10.
[[nodiscard]] Result<VerifiedStatement> verify_statement(std::string_view envelope,
                                                         std::span<const PublicKey> trusted,
                                                         const StatementSubject& subject);

}  // namespace acp
