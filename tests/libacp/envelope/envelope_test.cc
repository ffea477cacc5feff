#include "acp/envelope.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace acp {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

SecretKey secret(std::string_view hex) {
  auto key = parse_secret_key("ed25519-secret:" + std::string(hex));
  EXPECT_TRUE(key);
  return *key;
}

SecretKey key_a() { return secret("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"); }
SecretKey key_b() { return secret("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"); }

std::string hex_of(const SignatureBytes& signature) {
  Digest half;
  std::string hex;
  for (std::size_t i : {0U, 32U}) {
    std::copy_n(signature.begin() + static_cast<std::ptrdiff_t>(i), 32, half.bytes.begin());
    hex += to_hex(half);
  }
  return hex;
}

// RFC 8032, 7.1, TEST 1 to 3.
TEST(Ed25519, rfc_8032_vectors) {
  const struct {
    std::string_view secret_key, public_key, message, signature;
  } vectors[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf"
       "5f0595bbe24655141438e"
       "7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2"
       "eaeb4302aeeb00d291612"
       "bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c1"
       "5e9716ed28dc027beceea"
       "1ec40a"},
  };
  for (const auto& vector : vectors) {
    const SecretKey key = secret(vector.secret_key);
    const PublicKey public_key = public_key_of(key);
    EXPECT_EQ(to_string(public_key), "ed25519:" + std::string(vector.public_key));
    const SignatureBytes signature = sign_bytes(bytes_of(vector.message), key);
    EXPECT_EQ(hex_of(signature), vector.signature);
    EXPECT_EQ(check_signature(bytes_of(vector.message), signature, public_key), SignatureCheck::kGood);
    EXPECT_EQ(check_signature(bytes_of("other"), signature, public_key), SignatureCheck::kBad);
  }
}

TEST(Ed25519, small_order_public_key_signs_nothing) {
  const PublicKey identity{{1}};  // the neutral element: signature (identity, 0) would fit every message
  SignatureBytes forged{};
  forged[0] = 1;
  EXPECT_EQ(check_signature(bytes_of("any"), forged, identity), SignatureCheck::kBad);
}

TEST(Key, generated_keys_differ_and_their_texts_read_back) {
  const auto one = generate_key();
  const auto two = generate_key();
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  EXPECT_NE(one->seed(), two->seed());
  EXPECT_EQ(parse_secret_key(secret_text(*one))->seed(), one->seed());
  EXPECT_EQ(*parse_public_key(to_string(public_key_of(*one))), public_key_of(*one));
}

TEST(Key, id_is_the_digest_of_the_public_key) {
  // sha256sum of the 32 bytes d75a...511a
  EXPECT_EQ(key_id(public_key_of(key_a())),
            "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9");
}

TEST(Reject, ACP_KEY_1_not_the_text_of_a_key) {
  const std::string digits = secret_text(key_a()).substr(15);
  for (const std::string& text :
       {std::string(), std::string("ed25519"), digits, "ed25519:" + digits.substr(1),
        "ed25519:" + digits + "0", "ed25519:G" + digits.substr(1), "ED25519:" + digits,
        "ed25519-secret:" + digits}) {
    const auto key = parse_public_key(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().requirement, "ACP-KEY-1");
  }
  EXPECT_EQ(parse_secret_key("ed25519:" + digits).error().requirement, "ACP-KEY-1");
}

TEST(Envelope, pre_authentication_example_of_dsse) {
  EXPECT_EQ(text_of(pre_authentication("http://example.com/HelloWorld", bytes_of("hello world"))),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(text_of(pre_authentication("", {})), "DSSEv1 0  0 ");
}

TEST(Envelope, signed_read_back_and_verified) {
  Envelope envelope = sign("text/plain", bytes_of("hello"), key_a());
  add_signature(envelope, key_b());
  const auto read = parse_envelope(to_json(envelope));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, envelope);
  const PublicKey a = public_key_of(key_a());
  const PublicKey b = public_key_of(key_b());
  const PublicKey c = public_key_of(*generate_key());
  EXPECT_EQ(*verify(*read, "text/plain", std::vector{c, b}), std::vector{b});
  EXPECT_EQ(*verify(*read, "text/plain", std::vector{a, c, b, a}), (std::vector{a, b}));
}

// The envelope that the DSSE documentation shows is JSON of this shape; other writers use the other alphabet and add fields.
TEST(Envelope, other_writers_are_read) {
  const std::string sig(86, 'A');
  const auto read =
      parse_envelope(R"({"extra": 1, "payload": "--_-", "payloadType": "t", "signatures": [{"sig": ")" + sig +
                     R"(==", "note": []}]})");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(text_of(read->payload), "\xfb\xef\xfe");
  EXPECT_EQ(read->signatures[0].key_id, "");
}

TEST(Envelope, key_id_decides_nothing) {
  Envelope envelope = sign("t", bytes_of("x"), key_a());
  envelope.signatures[0].key_id = key_id(public_key_of(key_b()));
  EXPECT_TRUE(verify(envelope, "t", std::vector{public_key_of(key_a())}));
  EXPECT_FALSE(verify(envelope, "t", std::vector{public_key_of(key_b())}));
}

RC_GTEST_PROP(Envelope, any_payload_round_trips,
              (const std::vector<std::uint8_t>& raw, const std::string& type)) {
  const auto view = std::as_bytes(std::span(raw));
  std::string plain;
  for (const char c : type) plain += static_cast<char>(c & 0x7f);
  const Envelope envelope = sign(plain, {view.begin(), view.end()}, key_a());
  RC_ASSERT(*parse_envelope(to_json(envelope)) == envelope);
  RC_ASSERT(verify(envelope, plain, std::vector{public_key_of(key_a())}).has_value());
}

TEST(Reject, ACP_SIG_1_not_an_envelope) {
  const std::string sig = std::string(86, 'A') + "==";
  const std::string good = R"([{"sig": ")" + sig + R"("}])";
  const struct {
    std::string text;
    std::string_view path;
  } cases[] = {
      {"", ""},
      {"[]", ""},
      {std::string(1'000'000, '[') + std::string(1'000'000, ']'), ""},  // must not overflow a stack
      {R"({"payload": "", "signatures": )" + good + "}", "payloadType"},
      {R"({"payloadType": 1, "payload": "", "signatures": )" + good + "}", "payloadType"},
      {R"({"payloadType": "t", "signatures": )" + good + "}", "payload"},
      {R"({"payloadType": "t", "payload": "A", "signatures": )" + good + "}", "payload"},
      {R"({"payloadType": "t", "payload": "AA", "signatures": )" + good + "}", "payload"},
      {R"({"payloadType": "t", "payload": "AB==", "signatures": )" + good + "}", "payload"},
      {R"({"payloadType": "t", "payload": "AA= =", "signatures": )" + good + "}", "payload"},
      {R"({"payloadType": "t", "payload": "+_==", "signatures": )" + good + "}", "payload"},
      {R"({"payloadType": "t", "payload": ""})", "signatures"},
      {R"({"payloadType": "t", "payload": "", "signatures": []})", "signatures"},
      {R"({"payloadType": "t", "payload": "", "signatures": [1]})", "signatures[0]"},
      {R"({"payloadType": "t", "payload": "", "signatures": [{}]})", "signatures[0].sig"},
      {R"({"payloadType": "t", "payload": "", "signatures": [{"sig": "AA=="}]})", "signatures[0].sig"},
      {R"({"payloadType": "t", "payload": "", "signatures": [{"keyid": 1, "sig": ")" + sig + R"("}]})",
       "signatures[0].keyid"},
  };
  for (const auto& [text, path] : cases) {
    const auto envelope = parse_envelope(text);
    ASSERT_FALSE(envelope) << text;
    EXPECT_EQ(envelope.error().requirement, "ACP-SIG-1") << text;
    EXPECT_EQ(envelope.error().path, path) << text;
  }
}

TEST(Reject, ACP_SIG_2_over_a_limit) {
  Envelope envelope = sign("t", bytes_of("x"), key_a());
  envelope.signatures.resize(16, envelope.signatures[0]);
  EXPECT_TRUE(parse_envelope(to_json(envelope)));
  EXPECT_TRUE(verify(envelope, "t", std::vector{public_key_of(key_a())}));
  envelope.signatures.resize(17, envelope.signatures[0]);
  EXPECT_EQ(parse_envelope(to_json(envelope)).error().requirement, "ACP-SIG-2");
  EXPECT_EQ(verify(envelope, "t", std::vector{public_key_of(key_a())}).error().requirement, "ACP-SIG-2");
  EXPECT_EQ(parse_envelope(std::string((std::size_t{4} << 20) + 1, ' ')).error().requirement, "ACP-SIG-2");
}

TEST(Reject, ACP_SIG_3_another_payload_type) {
  const Envelope envelope = sign("a plan", bytes_of("x"), key_a());
  const auto signers = verify(envelope, kDocumentPayloadType, std::vector{public_key_of(key_a())});
  ASSERT_FALSE(signers);
  EXPECT_EQ(signers.error().requirement, "ACP-SIG-3");
  Envelope relabelled = envelope;
  relabelled.payload_type = kDocumentPayloadType;
  EXPECT_EQ(verify(relabelled, kDocumentPayloadType, std::vector{public_key_of(key_a())}).error().requirement,
            "ACP-SIG-4");
}

TEST(Reject, ACP_SIG_4_no_trusted_signer) {
  const Envelope envelope = sign("t", bytes_of("payload"), key_a());
  const std::vector trusted{public_key_of(key_a())};
  ASSERT_TRUE(verify(envelope, "t", trusted));
  const auto refused = [&](const Envelope& changed, std::span<const PublicKey> keys) {
    const auto signers = verify(changed, "t", keys);
    return !signers && signers.error().requirement == "ACP-SIG-4";
  };
  EXPECT_TRUE(refused(envelope, {}));
  EXPECT_TRUE(refused(envelope, std::vector{public_key_of(key_b())}));
  for (std::size_t i = 0; i < envelope.payload.size(); ++i) {
    Envelope changed = envelope;
    changed.payload[i] ^= std::byte{1};
    EXPECT_TRUE(refused(changed, trusted));
  }
  for (std::size_t i = 0; i < envelope.signatures[0].bytes.size(); ++i) {
    Envelope changed = envelope;
    changed.signatures[0].bytes[i] ^= 0x10;
    EXPECT_TRUE(refused(changed, trusted)) << i;
  }
  Envelope unsigned_envelope = envelope;
  unsigned_envelope.signatures.clear();
  EXPECT_TRUE(refused(unsigned_envelope, trusted));
}

}  // namespace
}  // namespace acp
