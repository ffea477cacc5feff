#include "acp/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace acp {
namespace {

struct Vector {
  std::string message;
  std::string_view hex;
};

// FIPS 180-4 example messages and their digests, as published by NIST.
const Vector kVectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

TEST(Digest, nist_vectors_in_one_piece) {
  for (const Vector& vector : kVectors) EXPECT_EQ(to_hex(sha256(vector.message)), vector.hex);
}

TEST(Digest, nist_vectors_in_pieces_of_seven_bytes) {
  for (const Vector& vector : kVectors) {
    Sha256 hash;
    for (std::size_t i = 0; i < vector.message.size(); i += 7) {
      hash.update(std::string_view(vector.message).substr(i, 7));
    }
    EXPECT_EQ(to_hex(hash.finish()), vector.hex);
  }
}

TEST(Digest, finish_does_not_end_the_stream) {
  Sha256 hash;
  hash.update("a");
  EXPECT_EQ(hash.finish(), sha256("a"));
  hash.update("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Digest, text_form_both_ways) {
  const Digest digest = sha256("abc");
  const std::string text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(to_string(digest), text);
  const auto parsed = parse_digest(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, digest);
}

TEST(Reject, ACP_DIG_1_not_the_text_of_a_digest) {
  const std::string hex = to_hex(sha256("abc"));
  const std::string wrong[] = {"",
                               hex,
                               "sha256:",
                               "sha256:" + hex.substr(1),
                               "sha256:" + hex + "0",
                               "sha512:" + hex,
                               "SHA256:" + hex,
                               "sha256:B" + hex.substr(1),
                               "sha256:g" + hex.substr(1)};
  for (const std::string& text : wrong) {
    const auto parsed = parse_digest(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().family, Family::kMalformed);
    EXPECT_EQ(parsed.error().requirement, "ACP-DIG-1");
  }
}

}  // namespace
}  // namespace acp
