// Runs one region program on a shim, bytes in, bytes out.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "acp/host.h"
#include "vendors/maker.h"

namespace vendors_test {

// Every shim that must run any region program, and one of them in a process of its own, where nothing may be different.
inline constexpr const char* kShims[] = {"template", "cpu", "cpu@process", "gpu"};

// Those this process tests: $ACP_SHIM alone where it is set, else all but the gpu, whose platform is slow to start and keeps threads and
// memory of its own.
inline std::vector<const char*> shims() {
  if (const char* const only = std::getenv("ACP_SHIM")) return {only};
  return {"template", "cpu", "cpu@process"};
}

using Bytes = std::vector<std::byte>;

template <typename Element>
Bytes bytes_of(const std::vector<Element>& elements) {
  Bytes bytes(elements.size() * sizeof(Element));
  if (!bytes.empty()) std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}
template <typename Element>
std::vector<Element> elements_of(const Bytes& bytes) {
  std::vector<Element> elements(bytes.size() / sizeof(Element));
  if (!elements.empty()) std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(Element));
  return elements;
}

// Loaded anew, but for a process: starting one takes longer than most tests.
inline acp::Result<acp::Shim> loaded(const std::string& shim_name) {
  static const auto apart = acp::Shim::load("cpu@process");
  return shim_name == "cpu@process" ? apart : acp::Shim::load(shim_name);
}

inline acp::Device device_of(const std::string& shim_name) {
  auto shim = loaded(shim_name);
  if (!shim) {
    ADD_FAILURE() << to_string(shim.error());
    std::abort();
  }
  return shim->device(0).value();
}

// Outputs come in as they are before the launch and go out as they are after it.
inline acp::Result<std::vector<Bytes>> launch(const acp::Device& device, const acp_region& region,
                                              const std::vector<Bytes>& inputs, std::vector<Bytes> outputs) {
  ACP_TRY(const acp::Executable executable, device.compile(region));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline timeline, device.create_timeline());
  std::vector<acp::Memory> memories;
  for (const auto* side : {&inputs, static_cast<const std::vector<Bytes>*>(&outputs)}) {
    for (const Bytes& bytes : *side) {
      ACP_TRY(acp::Memory memory, device.allocate(bytes.size(), 64));
      ACP_CHECK(memory.write(0, bytes));
      memories.push_back(std::move(memory));
    }
  }
  acp::Launch one{&executable, {}};
  for (const acp::Memory& memory : memories) one.bindings.push_back({&memory, 0});
  ACP_CHECK(queue.submit({.waits = {}, .launches = {one}, .signals = {{&timeline, 1}}}));
  ACP_CHECK(timeline.wait(1, 60'000'000'000));
  ACP_CHECK(queue.status());
  for (std::size_t i = 0; i < outputs.size(); ++i) ACP_CHECK(memories[inputs.size() + i].read(0, outputs[i]));
  return outputs;
}

// A run that must succeed.
inline std::vector<Bytes> run(const std::string& shim_name, const Maker& maker,
                              const std::vector<Bytes>& inputs, const std::vector<Bytes>& outputs) {
  auto result = launch(device_of(shim_name), maker.view(), inputs, outputs);
  if (!result) {
    ADD_FAILURE() << shim_name << ": " << to_string(result.error());
    return outputs;
  }
  return *result;
}

// Inputs that hold what goes wrong: both zeros, subnormals, infinities, NaNs with payload, the largest numbers.
inline std::vector<float> nasty_floats(std::size_t count, std::uint32_t seed) {
  const std::uint32_t special[] = {0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x7f800000, 0xff800000,
                                   0x7fc12345, 0xff812345, 0x7f7fffff, 0x3f800000, 0xbf800001, 0x4b000001};
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    const std::uint32_t bits = (seed >> 8) % 7 == 0 ? special[(seed >> 12) % 12] : seed ^ (seed << 13);
    value = std::bit_cast<float>(bits);
  }
  return values;
}
// Numbers of about one size, so that every order gives other low bits.
inline std::vector<float> plain_floats(std::size_t count, std::uint32_t seed) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<std::int32_t>(seed)) * 0x1p-30f;
  }
  return values;
}

inline std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  return elements_of<std::uint32_t>(bytes_of(values));
}

}  // namespace vendors_test
