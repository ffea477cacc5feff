#include "cep/weights.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

namespace cep {
namespace {

constexpr std::string_view kMagic = "cep-wts1";
constexpr std::uint64_t kAlignment = 64;
// The head (magic, count, 48 zero bytes) and each row (digest, offset, size, 16 zero bytes) fill one line each.
constexpr std::uint64_t kLine = 64;
// As many contents as a workload has tensors: a table of 64 MiB at most.
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 20;

std::uint64_t aligned(std::uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

std::uint64_t number_at(std::span<const std::byte> bytes, std::uint64_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[offset + i]);
  return value;
}

void put_number(std::span<std::byte> bytes, std::uint64_t offset, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) bytes[offset + i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

struct Row {
  acp::Digest digest;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Row row_at(std::span<const std::byte> bytes, std::uint64_t i) {
  const std::uint64_t at = kLine * (1 + i);
  Row row{{}, number_at(bytes, at + 32), number_at(bytes, at + 40)};
  std::memcpy(row.digest.bytes.data(), bytes.data() + at, row.digest.bytes.size());
  return row;
}

}  // namespace

acp::Result<WeightsFile> WeightsFile::open(std::span<const std::byte> bytes) {
  if (bytes.size() < kLine || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    return acp::malformed("CEP-WTS-1", "", "not a weights file");
  WeightsFile file(bytes);
  file.count_ = number_at(bytes, 8);
  if (file.count_ > kMaxCount) return acp::over_limit("CEP-WTS-3", "", "over 2^20 contents");
  if (bytes.size() < kLine * (1 + file.count_))
    return acp::malformed("CEP-WTS-1", "", "the table is cut off");
  if (!all_zero(bytes.subspan(16, 48)))
    return acp::malformed("CEP-WTS-2", "", "bytes that mean nothing are not zero");
  std::uint64_t end = kLine * (1 + file.count_);
  for (std::uint64_t i = 0; i < file.count_; ++i) {
    const std::string path = "contents[" + std::to_string(i) + "]";
    const Row row = row_at(bytes, i);
    if (i > 0 && row.digest <= row_at(bytes, i - 1).digest)
      return acp::malformed("CEP-WTS-2", path, "digests do not ascend");
    const std::uint64_t begin = aligned(end);
    if (row.offset != begin || !all_zero(bytes.subspan(kLine * (1 + i) + 48, 16)))
      return acp::malformed("CEP-WTS-2", path, "does not begin at the first multiple of 64 behind the last");
    if (begin > bytes.size() || row.size > bytes.size() - begin)
      return acp::malformed("CEP-WTS-1", path, "cut off");
    if (!all_zero(bytes.subspan(end, begin - end)))
      return acp::malformed("CEP-WTS-2", path, "bytes that mean nothing are not zero");
    end = begin + row.size;
  }
  if (end != bytes.size()) return acp::malformed("CEP-WTS-2", "", "bytes behind the last content");
  return file;
}

std::optional<std::span<const std::byte>> WeightsFile::find(const acp::Digest& digest) const {
  std::uint64_t lo = 0, hi = count_;
  while (lo < hi) {
    const std::uint64_t middle = lo + (hi - lo) / 2;
    if (row_at(bytes_, middle).digest < digest) {
      lo = middle + 1;
    } else {
      hi = middle;
    }
  }
  if (lo == count_) return std::nullopt;
  const Row row = row_at(bytes_, lo);
  if (row.digest != digest) return std::nullopt;
  return bytes_.subspan(row.offset, row.size);
}

acp::Result<std::vector<std::span<const std::byte>>> weights_of(const Workload& workload,
                                                                const WeightsFile& file) {
  std::vector<std::span<const std::byte>> out;
  std::map<acp::Digest, acp::Digest> hashed;  // a content shared by several weights is hashed once
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const Tensor& tensor = workload.tensors[id];
    if (tensor.kind != TensorKind::kWeight) continue;
    const std::string path = "tensors[" + std::to_string(id) + "]";
    const auto content = file.find(tensor.digest);
    const auto size = static_cast<std::uint64_t>(volume(tensor.type.dims) * size_bytes(tensor.type.dtype));
    if (!content || content->size() != size) {
      return acp::invalid("CEP-WTS-4", path,
                          "no content " + acp::to_string(tensor.digest) + " of \"" + tensor.name + "\"");
    }
    const auto [found, first] = hashed.try_emplace(tensor.digest);
    if (first) found->second = acp::sha256(*content);
    if (found->second != tensor.digest) {
      return acp::invalid("CEP-WTS-5", path, "the bytes of \"" + tensor.name + "\" have another digest");
    }
    out.push_back(*content);
  }
  return out;
}

std::vector<std::byte> encode_weights(const Workload& workload,
                                      const std::vector<std::span<const std::byte>>& weights) {
  std::map<acp::Digest, std::span<const std::byte>> distinct;
  std::size_t next = 0;
  for (const Tensor& tensor : workload.tensors) {
    if (tensor.kind != TensorKind::kWeight) continue;
    ACP_ASSERT(next < weights.size());
    distinct.emplace(tensor.digest, weights[next++]);
  }
  ACP_ASSERT(next == weights.size());
  std::uint64_t end = kLine * (1 + distinct.size());
  for (const auto& [digest, content] : distinct) end = aligned(end) + content.size();
  std::vector<std::byte> out(end);
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  put_number(out, 8, distinct.size());
  std::uint64_t row = kLine;
  end = kLine * (1 + distinct.size());
  for (const auto& [digest, content] : distinct) {
    const std::uint64_t begin = aligned(end);
    std::memcpy(out.data() + row, digest.bytes.data(), digest.bytes.size());
    put_number(out, row + 32, begin);
    put_number(out, row + 40, content.size());
    std::copy(content.begin(), content.end(), out.begin() + static_cast<std::ptrdiff_t>(begin));
    row += kLine;
    end = begin + content.size();
  }
  return out;
}

}  // namespace cep
