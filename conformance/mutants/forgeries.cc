#include "conformance/mutants/forgeries.h"

#include "conformance/report/report.h"
#include "conformance/runner/run.h"

namespace conformance {
namespace {

acp::SecretKey key_of(std::uint8_t first) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = first;
  return acp::SecretKey(seed);
}

void seed_again(acp::Statement& statement) {
  statement.seed =
      acp::statement_seed(statement.descriptor, statement.shim, statement.suite, statement.nonce);
}

// The statement is changed, then signed by the trusted key: what is left is wrong in itself.
acp::Status accept_changed(const Evidence& evidence, void (*change)(acp::Statement&)) {
  acp::Statement wrong = evidence.statement;
  change(wrong);
  return accept(evidence, signed_text(acp::to_json(wrong), evidence.key));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// The text of the statement is changed, then signed by the trusted key.
acp::Status accept_text(const Evidence& evidence, std::string_view from, std::string_view to) {
  return accept(evidence, signed_text(replaced(acp::to_json(evidence.statement), from, to), evidence.key));
}

// The text of the envelope is changed after it was signed.
acp::Status accept_envelope(const Evidence& evidence, std::string_view from, std::string_view to) {
  return accept(evidence, replaced(signed_text(acp::to_json(evidence.statement), evidence.key), from, to));
}

Journal journal_of(const std::string& nonce) {
  Header header;
  header.nonce = nonce;
  return Journal(std::move(header));
}

constexpr Forgery kForgeries[] = {
    // One byte of what the statement is about.
    {"descriptor_byte", "one bit of the descriptor is another", "ACP-STMT-5",
     [](const Evidence& e) {
       Evidence wrong = e;
       wrong.descriptor[0] ^= 1;
       return accept(wrong, signed_text(acp::to_json(e.statement), e.key));
     }},
    {"shim_byte", "one bit of the shim's file is another", "ACP-STMT-6",
     [](const Evidence& e) {
       Evidence wrong = e;
       wrong.shim.back() ^= 0x20;
       return accept(wrong, signed_text(acp::to_json(e.statement), e.key));
     }},
    {"suite_digest", "the suite's digest is another", "ACP-STMT-7",
     [](const Evidence& e) {
       return accept_changed(e, [](acp::Statement& s) {
         s.suite.bytes[5] ^= 1;
         seed_again(s);
       });
     }},
    // One byte of the signed text.
    {"verdict_after_signing", "the payload is another than the one that was signed", "ACP-SIG-4",
     [](const Evidence& e) {
       const std::string one = signed_text(acp::to_json(e.statement), e.key);
       acp::Statement better = e.statement;
       better.counts[0] += 1;
       const std::string other = signed_text(acp::to_json(better), e.key);
       auto forged = acp::parse_envelope(one);
       const auto payload = acp::parse_envelope(other);
       if (!forged || !payload) return acp::ok();
       forged->payload = payload->payload;
       return accept(e, acp::to_json(*forged));
     }},
    {"stranger", "signed by a key that nobody trusts", "ACP-SIG-4",
     [](const Evidence& e) { return accept(e, signed_text(acp::to_json(e.statement), e.stranger)); }},
    {"lying_key_id", "the key id is another key's", "ACP-STMT-10",
     [](const Evidence& e) {
       return accept_envelope(e, acp::key_id(acp::public_key_of(e.key)),
                              acp::key_id(acp::public_key_of(e.stranger)));
     }},
    {"blank_in_envelope", "a blank more in the envelope", "ACP-STMT-10",
     [](const Evidence& e) { return accept_envelope(e, "\": ", "\":  "); }},
    {"no_signature", "an envelope without signatures", "ACP-SIG-1",
     [](const Evidence& e) { return accept_envelope(e, "\"signatures\"", "\"autographs\""); }},
    {"many_signatures", "seventeen signatures", "ACP-SIG-2",
     [](const Evidence& e) {
       auto envelope = acp::parse_envelope(signed_text(acp::to_json(e.statement), e.key));
       if (!envelope) return acp::ok();
       while (envelope->signatures.size() < 17) acp::add_signature(*envelope, e.stranger);
       return accept(e, acp::to_json(*envelope));
     }},
    {"document_as_statement", "a signed document passes for a statement", "ACP-SIG-3",
     [](const Evidence& e) {
       const auto bytes = std::as_bytes(std::span(e.descriptor));
       return accept(e, acp::to_json(acp::sign(std::string(acp::kDocumentPayloadType),
                                               {bytes.begin(), bytes.end()}, e.key)));
     }},
    // A signer who lies or errs.
    {"another_predicate", "a statement about something else", "ACP-STMT-1",
     [](const Evidence& e) { return accept_text(e, "urn:acp:conformance", "urn:acp:poetry"); }},
    {"hidden_key", "a key that no reader looks at", "ACP-STMT-2",
     [](const Evidence& e) { return accept_text(e, "\"nonce\":", "\"note\":\"\",\"nonce\":"); }},
    {"upper_case_digest", "a digest in capitals", "ACP-DIG-1",
     [](const Evidence& e) { return accept_text(e, "{\"sha256\":\"", "{\"sha256\":\"A"); }},
    {"failure_called_conformant", "a failed requirement, and yet conformant", "ACP-STMT-3",
     [](const Evidence& e) {
       return accept_changed(e, [](acp::Statement& s) { s.requirements[0].verdict = "fail"; });
     }},
    {"chosen_seed", "a seed that does not follow from the nonce", "ACP-STMT-4",
     [](const Evidence& e) {
       return accept_changed(e, [](acp::Statement& s) { s.seed = "0000000000000000"; });
     }},
    {"nonconformant", "a statement that says: not conformant", "ACP-STMT-8",
     [](const Evidence& e) {
       return accept_changed(e, [](acp::Statement& s) {
         s.conformant = false;
         s.counts[1] = 1;
         s.requirements[0].verdict = "fail";
       });
     }},
    {"outdated", "a statement from before the time that its reader set", "ACP-STMT-11",
     [](const Evidence& e) {
       return accept_changed(e, [](acp::Statement& s) { s.issued = "2025-12-31T23:59:59Z"; });
     }},
    {"endless", "more rows than a reader must take", "ACP-STMT-9",
     [](const Evidence& e) {
       return accept_changed(e, [](acp::Statement& s) { s.claims.resize(5000, {"c", "confirmed", ""}); });
     }},
    {"long_key", "a key with a digit too many", "ACP-KEY-1",
     [](const Evidence& e) {
       const auto key = acp::parse_public_key(acp::to_string(acp::public_key_of(e.key)) + "0");
       return key ? acp::ok() : acp::Status(key.error());
     }},
    // Journals and runs.
    {"no_outcome", "a line of a journal without a verdict", "ACP-CONF-2",
     [](const Evidence&) {
       const auto outcome = parse_outcome("{\"words\":\"\"}");
       return outcome ? acp::ok() : acp::Status(outcome.error());
     }},
    {"shard_past_the_end", "shard 4 of 4, counted from 0", "ACP-CONF-3",
     [](const Evidence&) {
       const auto shard = parse_shard("4/4");
       return shard ? acp::ok() : acp::Status(shard.error());
     }},
    {"odd_nonce", "a nonce that is not hexadecimal", "ACP-CONF-4",
     [](const Evidence&) {
       Options options;
       options.nonce = "luck";
       const auto report = run({}, {"nothing", nullptr}, options);
       return report ? acp::ok() : acp::Status(report.error());
     }},
    {"mixed_journals", "shards of two runs in one report", "ACP-CONF-18",
     [](const Evidence&) {
       std::vector<Journal> journals;
       journals.push_back(journal_of("01"));
       journals.push_back(journal_of("02"));
       const auto report = merge({}, journals);
       return report ? acp::ok() : acp::Status(report.error());
     }},
    {"part_for_the_whole", "a statement of a run that lacks a case", "ACP-CONF-19",
     [](const Evidence&) {
       Report report;
       report.missing = 1;
       const auto statement = statement_of({}, report, "");
       return statement ? acp::ok() : acp::Status(statement.error());
     }},
};

}  // namespace

Evidence true_evidence() {
  Evidence e{"the bytes of a descriptor", "the bytes of a shim", {}, key_of(1), key_of(2)};
  acp::Statement& s = e.statement;
  s.descriptor = acp::sha256(e.descriptor);
  s.shim = acp::sha256(e.shim);
  s.suite = acp::sha256("the suite");
  s.suite_version = kSuiteVersion;
  s.tier = "quick";
  s.nonce = "5eed";
  s.issued = "2026-01-31T12:00:00Z";
  s.conformant = true;
  s.counts[0] = 2;
  s.requirements = {{"ACP-CONF-10", "pass", 2}};
  s.claims = {{"nan: canonical", "confirmed", ""}};
  seed_again(s);
  return e;
}

std::string signed_text(const std::string& statement, const acp::SecretKey& key) {
  const auto bytes = std::as_bytes(std::span(statement));
  return acp::to_json(acp::sign(std::string(acp::kStatementPayloadType), {bytes.begin(), bytes.end()}, key));
}

acp::Status accept(const Evidence& evidence, const std::string& envelope) {
  const auto trusted = acp::public_key_of(evidence.key);
  const auto verified = acp::verify_statement(envelope, std::span(&trusted, 1),
                                              {.descriptor = acp::sha256(evidence.descriptor),
                                               .shim = acp::sha256(evidence.shim),
                                               .suite = acp::sha256("the suite"),
                                               .since = "2026-01-01T00:00:00Z"});
  return verified ? acp::ok() : acp::Status(verified.error());
}

std::span<const Forgery> forgeries() { return kForgeries; }

}  // namespace conformance
