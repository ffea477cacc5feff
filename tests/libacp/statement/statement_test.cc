#include "acp/statement.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace acp {
namespace {

SecretKey key_of(std::uint8_t first) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = first;
  return SecretKey(seed);
}

Statement sound() {
  Statement s;
  s.descriptor = sha256("descriptor");
  s.shim = sha256("shim");
  s.suite = sha256("suite");
  s.suite_version = "0.2";
  s.tier = "quick";
  s.nonce = "5eed";
  s.seed = statement_seed(s.descriptor, s.shim, s.suite, s.nonce);
  s.issued = "2026-01-31T12:00:00Z";
  s.environment = {{"system", "Linux \"6\""}, {"processor", "a\\b"}};
  s.conformant = true;
  s.counts = {3, 0, 1, 0, 0, 0, 0};
  s.requirements = {{"ACP-CONF-10", "pass", 2}, {"ACP-CONF-11", "unsupported", 1}};
  s.claims = {{"nan: canonical", "confirmed", ""}};
  return s;
}

std::string signed_text(const std::string& text, const SecretKey& key = key_of(1)) {
  const auto bytes = std::as_bytes(std::span(text));
  return to_json(sign(std::string(kStatementPayloadType), {bytes.begin(), bytes.end()}, key));
}

TEST(Statement, a_time_has_one_form) {
  EXPECT_TRUE(is_time("2026-01-31T12:00:00Z"));
  for (const char* text : {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00z",
                           "2026-01-31 12:00:00Z", "2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00.5Z",
                           "+026-01-31T12:00:00Z", "2026-01-31T12:00:00ZZ"})
    EXPECT_FALSE(is_time(text)) << text;
}

StatementSubject subject_of(const Statement& s) { return {s.descriptor, s.shim, s.suite}; }

Result<VerifiedStatement> verified(const std::string& envelope) {
  return verify_statement(envelope, std::array{public_key_of(key_of(1))}, subject_of(sound()));
}

void expect_refused(const Result<VerifiedStatement>& got, std::string_view requirement) {
  ASSERT_FALSE(got.has_value()) << requirement;
  EXPECT_EQ(got.error().requirement, requirement) << to_string(got.error());
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Written by hand from ACP 8.1.
TEST(Statement, has_the_text_of_the_specification) {
  Statement s = sound();
  s.environment = {{"system", "Linux"}};
  const std::string d = to_hex(s.descriptor), h = to_hex(s.shim), u = to_hex(s.suite);
  EXPECT_EQ(
      to_json(s),
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"descriptor","digest":{"sha256":")" +
          d + R"("}},{"name":"shim","digest":{"sha256":")" + h +
          R"("}}],"predicateType":"urn:acp:conformance:v1","predicate":{"suite":{"version":"0.2","digest":"sha256:)" +
          u + R"(","tier":"quick"},"nonce":"5eed","seed":")" +
          to_hex(sha256("sha256:" + d + "sha256:" + h + "sha256:" + u + "5eed")).substr(0, 16) +
          R"(","issued":"2026-01-31T12:00:00Z","environment":{"system":"Linux"},"conformant":true,)" +
          R"("counts":{"pass":3,"fail":0,"unsupported":1,"crash":0,"hang":0,"device-lost":0,"harness-error":0},)" +
          R"("requirements":[{"id":"ACP-CONF-10","verdict":"pass","cases":2},)" +
          R"({"id":"ACP-CONF-11","verdict":"unsupported","cases":1}],)" +
          R"("claims":[{"claim":"nan: canonical","finding":"confirmed","observed":""}]}})");
}

TEST(Statement, text_and_value_are_inverse) {
  const auto back = parse_statement(to_json(sound()));
  ASSERT_TRUE(back.has_value()) << to_string(back.error());
  EXPECT_EQ(*back, sound());
}

TEST(Statement, is_verified_with_all_that_it_is_about) {
  const auto got = verified(signed_text(to_json(sound())));
  ASSERT_TRUE(got.has_value()) << to_string(got.error());
  EXPECT_EQ(got->statement, sound());
  EXPECT_EQ(got->signers, std::vector{public_key_of(key_of(1))});
}

TEST(Statement, no_byte_of_the_envelope_can_change_unseen) {
  const std::string whole = signed_text(to_json(sound()));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0, 1, 5}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const auto got = verified(changed);
      ASSERT_FALSE(got.has_value()) << "byte " << at << " bit " << bit;
      EXPECT_NE(got.error().requirement, "") << at;
    }
  }
}

TEST(Statement, no_byte_of_its_text_can_change_unseen_but_in_words) {
  const std::string whole = to_json(sound());
  std::size_t taken = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto got = parse_statement(changed);
    if (!got) continue;
    EXPECT_EQ(to_json(*got), changed) << at;
    ++taken;
  }
  EXPECT_LT(taken, whole.size() / 4) << "words and dates may be others: the signature holds them";
}

TEST(Reject, ACP_STMT_1_what_is_no_statement) {
  const std::string good = to_json(sound());
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"), std::string(100'000, '['),
        replaced(good, "Statement/v1", "Statement/v2"), replaced(good, "urn:acp", "urn:bcp"),
        replaced(good, "\"descriptor\"", "\"class\""), replaced(good, "\"tier\":\"quick\"", "\"tier\":1"),
        replaced(good, "\"nonce\":\"5eed\",", ""), replaced(good, "\"pass\":3", "\"pass\":3.0"),
        replaced(good, "\"pass\":3", "\"pass\":-3"), replaced(good, "\"claims\":[", "\"claims\":7,\"x\":["),
        replaced(good, "\"conformant\":true", "\"conformant\":1")}) {
    const auto got = parse_statement(text);
    ASSERT_FALSE(got.has_value()) << text;
    EXPECT_EQ(got.error().requirement, "ACP-STMT-1") << text;
    EXPECT_EQ(got.error().family, Family::kMalformed) << text;
  }
}

TEST(Reject, ACP_STMT_2_another_text) {
  const std::string good = to_json(sound());
  for (const std::string& text :
       {good + "\n", " " + good, replaced(good, "\"tier\":\"quick\"", "\"tier\":\"quick\",\"more\":1"),
        replaced(good, "\"nonce\":\"5eed\",", "\"nonce\":\"00\",\"nonce\":\"5eed\","),
        replaced(good, "5eed\",\"seed", "5\\u0065ed\",\"seed"),
        replaced(good, "}],\"predicateType\"",
                 "},{\"name\":\"x\",\"digest\":{\"sha256\":\"00\"}}],\"predicateType\"")}) {
    const auto got = parse_statement(text);
    ASSERT_FALSE(got.has_value()) << text;
    EXPECT_EQ(got.error().requirement, "ACP-STMT-2") << text;
  }
}

TEST(Reject, ACP_STMT_3_verdicts_that_disagree) {
  const std::pair<const char*, void (*)(Statement&)> rows[] = {
      {"a failed case", [](Statement& s) { s.counts[1] = 1; }},
      {"a failed requirement", [](Statement& s) { s.requirements[0].verdict = "fail"; }},
      {"no verdict", [](Statement& s) { s.requirements[0].verdict = "fine"; }},
      {"no case about it", [](Statement& s) { s.requirements[0].cases = 0; }},
      {"no case at all", [](Statement& s) { s.counts = {}; }},
      {"no requirement", [](Statement& s) { s.requirements.clear(); }},
      {"twice", [](Statement& s) { s.requirements[1].id = s.requirements[0].id; }},
      {"not ascending", [](Statement& s) { std::swap(s.requirements[0], s.requirements[1]); }},
      {"a count that wraps around", [](Statement& s) { s.counts[0] = ~std::uint64_t{0}; }}};
  for (const auto& [what, breaks] : rows) {
    Statement s = sound();
    breaks(s);
    expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-3");
  }
}

TEST(Reject, ACP_STMT_4_a_seed_of_another_nonce) {
  Statement s = sound();
  s.nonce = "5eee";
  expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-4");
}

Statement about(void (*change)(Statement&)) {
  Statement s = sound();
  change(s);
  s.seed = statement_seed(s.descriptor, s.shim, s.suite, s.nonce);
  return s;
}

TEST(Reject, ACP_STMT_5_another_descriptor) {
  const auto s = about([](Statement& other) { other.descriptor.bytes[31] ^= 1; });
  expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-5");
}

TEST(Reject, ACP_STMT_6_another_shim) {
  const auto s = about([](Statement& other) { other.shim.bytes[0] ^= 0x80; });
  expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-6");
}

TEST(Reject, ACP_STMT_11_issued_too_early) {
  Statement s = sound();
  StatementSubject subject = subject_of(s);
  const auto refused = [&] {
    const Status status = check_subject(s, subject);
    return status ? "" : status.error().requirement;
  };
  subject.since = "2026-01-31T12:00:00Z";
  EXPECT_EQ(refused(), "");
  subject.since = "2026-01-31T12:00:01Z";
  EXPECT_EQ(refused(), "ACP-STMT-11");
  expect_refused(verify_statement(signed_text(to_json(s)), std::array{public_key_of(key_of(1))}, subject),
                 "ACP-STMT-11");
  subject.since = "2026-01-31T12:00:00Z";
  s.issued = "yesterday";  // later than any time, as a text
  EXPECT_EQ(refused(), "ACP-STMT-11");
}

TEST(Reject, ACP_STMT_7_another_suite) {
  const auto s = about([](Statement& other) { other.suite.bytes[7] ^= 1; });
  expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-7");
}

TEST(Reject, ACP_STMT_8_not_conformant) {
  Statement s = sound();
  s.conformant = false;
  expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-8");
  s.counts[1] = 2;
  s.requirements[0].verdict = "fail";
  expect_refused(verified(signed_text(to_json(s))), "ACP-STMT-8");
  EXPECT_TRUE(parse_statement(to_json(s)).has_value()) << "it can be read";
}

TEST(Reject, ACP_STMT_9_over_a_limit) {
  EXPECT_EQ(parse_statement(std::string((1 << 20) + 1, ' ')).error().requirement, "ACP-STMT-9");
  Statement s = sound();
  s.claims.assign(4097, {"c", "confirmed", ""});
  EXPECT_EQ(parse_statement(to_json(s)).error().requirement, "ACP-STMT-9");
  s.claims.resize(4096);
  EXPECT_TRUE(parse_statement(to_json(s)).has_value());
}

TEST(Reject, ACP_STMT_10_another_text_of_the_envelope) {
  const std::string good = signed_text(to_json(sound()));
  expect_refused(verified(good + "\n"), "ACP-STMT-10");
  expect_refused(verified(replaced(good, "{\n", "{ \n")), "ACP-STMT-10");
  const std::string id = key_id(public_key_of(key_of(1)));
  expect_refused(verified(replaced(good, id, key_id(public_key_of(key_of(2))))), "ACP-STMT-10");
}

TEST(Reject, ACP_SIG_4_a_statement_of_a_stranger) {
  expect_refused(verified(signed_text(to_json(sound()), key_of(2))), "ACP-SIG-4");
  expect_refused(verify_statement(signed_text(to_json(sound())), {}, {}), "ACP-SIG-4");
}

}  // namespace
}  // namespace acp
