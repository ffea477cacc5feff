// Certificates as bytes.
#include "certified.h"

namespace cep::logical {
namespace {

TEST(CertificateWire, survives) {
  for (const std::string& text : {kTensorParallel, kTensorParallelPattern, kDataParallel, kTwoAxes}) {
    const Case made = certified(text);
    const auto bytes = encode(made.certificate);
    const auto again = decode_logical_certificate(bytes);
    ASSERT_TRUE(again) << acp::to_string(again.error());
    EXPECT_EQ(encode(*again), bytes);
    EXPECT_EQ(refusal(made.document, *again), "");
  }
}

// One changed byte: unreadable, or refused, or a certificate that says the same (padding is not: the form is canonical).
TEST(CertificateWire, no_changed_byte_is_accepted_as_something_else) {
  const Case made = certified(kTensorParallelPattern);
  const auto bytes = encode(made.certificate);
  int read = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      auto changed = bytes;
      changed[i] ^= std::byte(1 << bit);
      const auto again = decode_logical_certificate(changed);
      if (!again) continue;
      ++read;
      EXPECT_EQ(encode(*again), changed);
      if (!refusal(made.document, *again).empty()) continue;
      EXPECT_EQ(claims(*again), claims(made.certificate)) << "byte " << i << " bit " << bit;
    }
  }
  EXPECT_GT(read, 100);
}

TEST(CertificateWire, a_document_is_no_certificate) {
  const Case made = certified(kTensorParallel);
  const auto other = decode_logical_certificate(encode(made.document));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().requirement, "CEP-WIRE-1");
}

}  // namespace
}  // namespace cep::logical
