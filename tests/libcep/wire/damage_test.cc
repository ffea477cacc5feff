#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "cep/certificate.h"
#include "support/random_certificate.h"
#include "support/random_workload.h"
#include "support/thread_plan.h"
#include "wire/workload.h"

namespace cep {
namespace {

using Bytes = std::vector<std::byte>;

// Bytes that are read at all are the encoding of what was read; all others are refused with an id.
template <typename Decode>
bool read_or_refused(const Bytes& bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value) return value.error().requirement.starts_with("CEP-WIRE-");
  return encode(*value) == bytes;
}

template <typename Decode>
void every_bit_and_every_length(const Bytes& bytes, Decode decode) {
  int read = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    Bytes damaged = bytes;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_TRUE(read_or_refused(damaged, decode)) << "bit " << bit;
    read += decode(damaged) ? 1 : 0;
  }
  EXPECT_GT(read, 0) << "some flips (in names, in numbers) give another value";
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_FALSE(decode(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)))) << length;
  }
}

TEST(WireDamage, workload_of_the_thread_bit_by_bit) {
  every_bit_and_every_length(encode(support::thread_workload()), wire::decode_unchecked_workload);
}

TEST(WireDamage, plan_with_a_step_of_each_kind_bit_by_bit) {
  Plan plan;
  plan.name = "p";
  plan.workload = acp::sha256("w");
  plan.devices = {{"d", "cpu", {}}};
  plan.arenas = {{"m", 0, 64}};
  plan.buffers = {{"b", 0, 0, {Dtype::kF32, {2, 3}}}};
  plan.queues = {{"q", 0}};
  plan.timelines = {{"t", 0}};
  const View view = whole_view(0, plan.buffers[0]);
  plan.inputs = {{0, Box::whole({2, 3}), view}};
  Compute compute{0, {plan.inputs[0]}, {}, KRange{1, 2}, view};
  plan.steps = {{"c", 0, compute},
                {"y", 0, Copy{view, view}},
                {"j", 0, Combine{CombineOp::kAdd, CombineShape::kFold, {view, view}, view}},
                {"f", 0, Fill{view, 3}},
                {"s", 0, Signal{0, 1}},
                {"w", 0, Wait{0, 1}}};
  every_bit_and_every_length(encode(plan), decode_plan);
}

// Several damages at once, also of whole words: counts and pointers become arbitrary.
template <typename Decode>
void damage(Bytes bytes, Decode decode) {
  for (int n = *rc::gen::inRange(1, 5); n > 0; --n) {
    const auto word = *rc::gen::inRange<std::size_t>(2, bytes.size() / 8);
    if (*rc::gen::arbitrary<bool>()) {
      const auto from = *rc::gen::inRange<std::size_t>(2, bytes.size() / 8);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(8 * from), 8,
                  bytes.begin() + static_cast<std::ptrdiff_t>(8 * word));
    } else {
      bytes[8 * word + *rc::gen::inRange<std::size_t>(0, 8)] =
          static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    }
  }
  RC_ASSERT(read_or_refused(bytes, decode));
}

RC_GTEST_PROP(WireDamage, workloads, ()) {
  damage(encode(support::random_workload()), wire::decode_unchecked_workload);
}
RC_GTEST_PROP(WireDamage, plans, ()) {
  damage(encode(support::random_plan(support::thread_workload())), decode_plan);
}
RC_GTEST_PROP(WireDamage, certificates, ()) {
  damage(encode(support::random_certificate(support::thread_workload())), decode_certificate);
}

}  // namespace
}  // namespace cep
