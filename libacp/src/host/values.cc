#include "host/values.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace acp::rpc {
namespace {

constexpr std::size_t kArrays = 10;

// One array of a region, as its struct refers to it.
struct Array {
  std::size_t pointer;  // offsets in acp_region
  std::size_t count;
  std::size_t element_bytes;
};
#define ACP_ARRAY(plural, singular, type) \
  Array { offsetof(acp_region, plural), offsetof(acp_region, singular##_count), sizeof(type) }
constexpr std::array<Array, kArrays> kRegionArrays = {ACP_ARRAY(operands, operand, acp_operand),
                                                      ACP_ARRAY(indices, index, acp_index_node),
                                                      ACP_ARRAY(guards, guard, acp_guard),
                                                      ACP_ARRAY(reads, read, acp_read),
                                                      ACP_ARRAY(scalars, scalar, acp_scalar_node),
                                                      ACP_ARRAY(iters, iter, acp_iter),
                                                      ACP_ARRAY(writes, write, acp_write),
                                                      ACP_ARRAY(nests, nest, acp_nest),
                                                      ACP_ARRAY(loops, loop, acp_loop),
                                                      ACP_ARRAY(stages, stage, acp_stage)};
#undef ACP_ARRAY

template <typename Value>
Value field(const acp_region& region, std::size_t offset) {
  Value value{};
  std::memcpy(&value, reinterpret_cast<const char*>(&region) + offset, sizeof value);
  return value;
}
template <typename Value>
void set_field(acp_region& region, std::size_t offset, Value value) {
  std::memcpy(reinterpret_cast<char*>(&region) + offset, &value, sizeof value);
}

// In words of 8 bytes. No overflow: a count has 32 bits, an element far fewer than 2^20.
std::uint64_t words_of(const Array& array, std::uint32_t count) {
  return (std::uint64_t{count} * array.element_bytes + 7) / 8;
}

template <std::size_t kSize>
void copy_text(char (&out)[kSize], std::string_view text) {
  const std::size_t size = std::min(text.size(), kSize - 1);
  std::memset(out, 0, kSize);
  text.copy(out, size);
}
template <std::size_t kSize>
kj::StringPtr text_of(const char (&buffer)[kSize], char (&terminated)[kSize + 1]) {
  const std::size_t size = ::strnlen(buffer, kSize);
  std::memcpy(terminated, buffer, size);
  terminated[size] = '\0';
  return {terminated, size};
}
std::string_view view_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }

}  // namespace

Said said(const Error& error) {
  Said out;
  out.returned = static_cast<std::uint16_t>(error.family);
  out.status.family = out.returned;
  copy_text(out.status.requirement, error.requirement);
  copy_text(out.status.path, error.path);
  copy_text(out.status.message, error.message);
  return out;
}

void write(schema::Status::Builder out, const Said& said) {
  const acp_status& status = said.status;
  char requirement[sizeof status.requirement + 1], path[sizeof status.path + 1],
      message[sizeof status.message + 1];
  out.setReturned(said.returned);
  out.setFamily(status.family);
  out.setCode(status.code);
  out.setRequirement(text_of(status.requirement, requirement));
  out.setPath(text_of(status.path, path));
  out.setMessage(text_of(status.message, message));
}

std::uint16_t deliver(const Said& said, acp_status* status) {
  if (status != nullptr && status->header.size > sizeof(acp_header)) {
    const std::size_t size = std::min<std::size_t>(status->header.size, sizeof(acp_status));
    std::memcpy(reinterpret_cast<char*>(status) + sizeof(acp_header),
                reinterpret_cast<const char*>(&said.status) + sizeof(acp_header), size - sizeof(acp_header));
  }
  return said.returned;
}

std::uint16_t deliver(schema::Status::Reader in, acp_status* status) {
  Said said;
  said.returned = in.getReturned();
  said.status.family = in.getFamily();
  said.status.code = in.getCode();
  copy_text(said.status.requirement, view_of(in.getRequirement()));
  copy_text(said.status.path, view_of(in.getPath()));
  copy_text(said.status.message, view_of(in.getMessage()));
  return deliver(said, status);
}

void write(schema::Header::Builder out, const acp_header& header) {
  out.setSize(header.size);
  out.setType(header.type);
}

void write(schema::Region::Builder out, const acp_region& region) {
  // What a smaller struct does not have is zero, and what another version means by its arrays is not known here.
  acp_region whole{};
  std::memcpy(&whole, &region, std::min<std::size_t>(region.size, sizeof whole));
  out.setSize(region.size);
  out.setVersion(whole.version);
  auto counts = out.initCounts(kArrays);
  if (whole.version != ACP_REGION_VERSION || region.size < sizeof whole) return;
  std::uint16_t missing = 0;
  std::uint64_t words = 0;
  for (std::size_t i = 0; i < kArrays; ++i) {
    const auto count = field<std::uint32_t>(whole, kRegionArrays[i].count);
    counts.set(static_cast<unsigned>(i), count);
    if (field<const void*>(whole, kRegionArrays[i].pointer) == nullptr) {
      missing = static_cast<std::uint16_t>(missing | 1u << i);
    } else {
      words += words_of(kRegionArrays[i], count);
    }
  }
  out.setMissing(missing);
  auto arrays = out.initArrays(static_cast<unsigned>(words * 8));
  std::size_t at = 0;
  for (std::size_t i = 0; i < kArrays; ++i) {
    const auto* data = field<const void*>(whole, kRegionArrays[i].pointer);
    const auto count = field<std::uint32_t>(whole, kRegionArrays[i].count);
    if (data == nullptr) continue;
    if (count != 0) std::memcpy(arrays.begin() + at, data, count * kRegionArrays[i].element_bytes);
    at += words_of(kRegionArrays[i], count) * 8;
  }
}

Error error_of(schema::Status::Reader in) {
  const std::uint16_t returned = in.getReturned();
  if (returned < ACP_MALFORMED || returned > ACP_ENVIRONMENT)
    return malformed("ACP-SHIM-11", "status", "the shim refused, but not with a family");
  return {static_cast<Family>(returned), std::string(view_of(in.getRequirement())),
          std::string(view_of(in.getPath())), std::string(view_of(in.getMessage()))};
}

Result<ReceivedRegion> ReceivedRegion::read(schema::Region::Reader in) {
  ReceivedRegion out;
  out.view_.size = std::min<std::uint32_t>(in.getSize(), sizeof(acp_region));
  out.view_.version = in.getVersion();
  const auto counts = in.getCounts();
  const auto arrays = in.getArrays();
  if (counts.size() != kArrays)
    return malformed("ACP-PROC-2", "region.counts", "not one count for each array");
  std::uint64_t words = 0;
  for (std::size_t i = 0; i < kArrays; ++i) {
    if ((in.getMissing() >> i & 1) == 0)
      words += words_of(kRegionArrays[i], counts[static_cast<unsigned>(i)]);
  }
  // A known version carries its arrays; of another one nothing is known but its number.
  const bool carried = out.view_.version == ACP_REGION_VERSION && in.getSize() >= sizeof(acp_region);
  if (arrays.size() != (carried ? words * 8 : 0))
    return malformed("ACP-PROC-2", "region.arrays", "not as long as the counts say");
  if (!carried) return out;
  out.words_.resize(words + 1);  // one more: an array without elements points somewhere too
  if (arrays.size() != 0) std::memcpy(out.words_.data(), arrays.begin(), arrays.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < kArrays; ++i) {
    const std::uint32_t count = counts[static_cast<unsigned>(i)];
    set_field(out.view_, kRegionArrays[i].count, count);
    if ((in.getMissing() >> i & 1) != 0) continue;
    set_field<const void*>(out.view_, kRegionArrays[i].pointer, &out.words_[at]);
    at += words_of(kRegionArrays[i], count);
  }
  return out;
}

}  // namespace acp::rpc
