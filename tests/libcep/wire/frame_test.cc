#include "wire/frame.h"

#include <gtest/gtest.h>

#include "cep/certificate.h"
#include "support/thread_plan.h"

#include "cep.capnp.h"

namespace cep {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int v : values) bytes.push_back(static_cast<std::byte>(v));
  return bytes;
}

// By hand from the encoding rules of Cap'n Proto: root pointer {struct, offset 0, 1 data word, 0 pointers}, then the data word, whose
// first 16 bits are the guarantee (2: bitwise). Trailing null pointers are not part of the canonical form.
TEST(WireFrame, an_empty_plan_byte_by_byte) {
  Plan plan;
  plan.guarantee = Grade::kBitwise;
  std::vector<std::byte> expected;
  for (const char c : std::string_view("cep-pln1")) expected.push_back(static_cast<std::byte>(c));
  const auto rest = bytes_of({2, 0, 0, 0, 0, 0, 0, 0,    // two words follow
                              0, 0, 0, 0, 1, 0, 0, 0,    // root pointer
                              2, 0, 0, 0, 0, 0, 0, 0});  // guarantee
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(encode(plan), expected);
  EXPECT_EQ(digest_of(plan), acp::sha256(expected));
}

TEST(WireFrame, one_name_byte_by_byte) {
  Workload workload;
  workload.name = "thread!";
  std::vector<std::byte> expected;
  for (const char c : std::string_view("cep-wkl1")) expected.push_back(static_cast<std::byte>(c));
  const auto rest = bytes_of({3,   0,   0,   0,   0,    0,   0,   0,  // three words follow
                              0,   0,   0,   0,   0,    0,   1,   0,  // root: no data, one pointer
                              1,   0,   0,   0,   0x42, 0,   0,   0,  // list at offset 0, of bytes, 8 of them
                              't', 'h', 'r', 'e', 'a',  'd', '!', 0});  // the name and its end
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(encode(workload), expected);
}

// The digest of what `capnp convert text:canonical schemas/cep.capnp Workload` makes of the same workload, framed.
TEST(WireFrame, the_workload_of_the_thread_as_another_encoder_writes_it) {
  EXPECT_EQ(to_hex(digest_of(support::thread_workload())),
            "0ad2c06f3bf5a879b1ddffe3bf67c7086e2fa4234fdf53900ebcf1f6447f77c1");
}

TEST(WireFrame, unaligned_bytes_are_read) {
  const auto bytes = encode(support::thread_workload());
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::byte> room(shift);
    room.insert(room.end(), bytes.begin(), bytes.end());
    EXPECT_TRUE(decode_workload(std::span(room).subspan(shift, bytes.size())));
  }
}

TEST(WireFrame, how_a_message_was_built_does_not_show) {
  const std::string name = "p";
  const auto named_last = wire::encode_frame<schema::Plan>(wire::kPlanMagic, [&](schema::Plan::Builder root) {
    root.initDevices(1)[0].setShim("cpu");
    root.setGuarantee(schema::Grade::REAL);
    root.setName("p");
  });
  Plan plan;
  plan.name = name;
  plan.guarantee = Grade::kReal;
  plan.devices = {{"", "cpu", {}}};
  EXPECT_EQ(encode(plan), named_last);
}

}  // namespace
}  // namespace cep
