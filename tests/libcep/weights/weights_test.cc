// Weights files: one form, contents known by digest, nothing believed.
#include "cep/weights.h"

#include <gtest/gtest.h>

#include <cstring>

namespace cep {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::size_t count, int first) {
  Bytes out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::byte>(first + static_cast<int>(i));
  return out;
}

// Two weights of the same bytes, and one of others.
struct Sample {
  Bytes a = bytes(12, 1), b = bytes(100, 7);
  Workload workload;
  Bytes file;
  Sample() {
    WorkloadBuilder builder("sample");
    builder.weight("a", {Dtype::kF32, {3}}, acp::sha256(a));
    builder.weight("again", {Dtype::kF32, {3, 1}}, acp::sha256(a));
    builder.weight("b", {Dtype::kF32, {5, 5}}, acp::sha256(b));
    workload = std::move(builder).finish();
    file = encode_weights(workload, {a, a, b});
  }
  // Where the content stands, read from the file as the specification says.
  std::size_t offset_of(const Bytes& content) const {
    const acp::Digest digest = acp::sha256(content);
    for (std::size_t row = 64; row < 64 * 3; row += 64) {
      std::uint64_t offset = 0;
      std::memcpy(&offset, file.data() + row + 32, 8);
      if (std::memcmp(file.data() + row, digest.bytes.data(), 32) == 0) return offset;
    }
    return 0;
  }
};

std::string refusal(const Bytes& file) {
  const auto opened = WeightsFile::open(file);
  return opened ? "" : opened.error().requirement;
}

TEST(Weights, ComeBackByDigest) {
  const Sample s;
  const auto file = WeightsFile::open(s.file);
  ASSERT_TRUE(file.has_value()) << acp::to_string(file.error());
  EXPECT_EQ(file->count(), 2u);
  const auto found = weights_of(s.workload, *file);
  ASSERT_TRUE(found.has_value()) << acp::to_string(found.error());
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ(Bytes((*found)[0].begin(), (*found)[0].end()), s.a);
  EXPECT_EQ((*found)[0].data(), (*found)[1].data());
  EXPECT_EQ(Bytes((*found)[2].begin(), (*found)[2].end()), s.b);
  for (const Bytes& content : {s.a, s.b}) EXPECT_EQ(s.offset_of(content) % 64, 0u);
  EXPECT_FALSE(file->find(acp::sha256("no such content")).has_value());
}

TEST(Weights, OfNothingIsOneLine) {
  const Bytes file = encode_weights(Workload{}, {});
  EXPECT_EQ(file.size(), 64u);
  EXPECT_EQ(refusal(file), "");
}

TEST(Reject, CEP_WTS_1_cut_off_or_another_file) {
  const Sample s;
  EXPECT_EQ(refusal({}), "CEP-WTS-1");
  EXPECT_EQ(refusal(Bytes(64)), "CEP-WTS-1");
  for (const std::size_t size : {std::size_t{63}, std::size_t{64}, std::size_t{100}, s.file.size() - 1})
    EXPECT_EQ(refusal(Bytes(s.file.begin(), s.file.begin() + static_cast<std::ptrdiff_t>(size))),
              "CEP-WTS-1");
}

TEST(Reject, CEP_WTS_2_another_form_of_the_same_contents) {
  const Sample s;
  Bytes swapped = s.file;
  std::swap_ranges(swapped.begin() + 64, swapped.begin() + 128, swapped.begin() + 128);
  EXPECT_EQ(refusal(swapped), "CEP-WTS-2");
  Bytes longer = s.file;
  longer.push_back(std::byte{0});
  EXPECT_EQ(refusal(longer), "CEP-WTS-2");
  // Head, row and the gap behind the first content hold bytes that mean nothing.
  const std::size_t gap = std::min(s.offset_of(s.a) + 12, s.offset_of(s.b) + 100);
  for (const std::size_t at : {std::size_t{20}, std::size_t{64 + 50}, gap}) {
    Bytes marked = s.file;
    marked[at] = std::byte{1};
    EXPECT_EQ(refusal(marked), "CEP-WTS-2") << at;
  }
  Bytes moved = s.file;
  moved[64 + 32] ^= std::byte{64};
  EXPECT_EQ(refusal(moved), "CEP-WTS-2");
}

TEST(Reject, CEP_WTS_3_too_many_contents) {
  Bytes file = encode_weights(Workload{}, {});
  file[8 + 3] = std::byte{1};
  EXPECT_EQ(refusal(file), "CEP-WTS-3");
}

std::string refusal(const Workload& workload, const Bytes& bytes) {
  const auto file = WeightsFile::open(bytes);
  if (!file) return file.error().requirement;
  const auto found = weights_of(workload, *file);
  return found ? "" : found.error().requirement + " " + found.error().path;
}

TEST(Reject, CEP_WTS_4_missing_or_of_another_size) {
  const Sample s;
  Workload other = s.workload;
  other.tensors[1].digest = acp::sha256("other");
  EXPECT_EQ(refusal(other, s.file), "CEP-WTS-4 tensors[1]");
  other = s.workload;
  other.tensors[2].type.dims = {5, 6};
  EXPECT_EQ(refusal(other, s.file), "CEP-WTS-4 tensors[2]");
}

TEST(Reject, CEP_WTS_5_bytes_that_changed) {
  Sample s;
  s.file[s.offset_of(s.b) + 17] ^= std::byte{1};
  EXPECT_EQ(refusal(s.workload, s.file), "CEP-WTS-5 tensors[2]");
}

}  // namespace
}  // namespace cep
