#include "conformance/acp/program.h"

#include <fmt/core.h>

#include <cstring>
#include <iterator>

namespace conformance {
namespace {

// Zeros, ones, infinities, NaNs with payload, the ends of the normal and subnormal range, halves of an ulp.
constexpr std::uint32_t kSpecial[] = {0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
                                      0x7fc00000, 0xffc12345, 0x7f812345, 0x00000001, 0x807fffff, 0x00800000,
                                      0x7f7fffff, 0xff7fffff, 0x33800000, 0x3f7fffff, 0x3f000000, 0x4b800001};

std::uint32_t random_f32(std::uint64_t r) {
  const auto mild = static_cast<float>(static_cast<std::int32_t>(r >> 32)) * 0x1p-29f;
  switch (r % 8) {
    case 0: return kSpecial[(r >> 8) % std::size(kSpecial)];
    case 1: return static_cast<std::uint32_t>(r >> 32);
    default: return std::bit_cast<std::uint32_t>(mild);
  }
}

std::uint64_t random_element(cep::Dtype dtype, std::uint64_t r) {
  if (dtype == cep::Dtype::kF32) return random_f32(r);
  if (dtype == cep::Dtype::kBool) return r & 1;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(r % 6) - 3);
}

acp::Result<acp::Memory> upload(const acp::Device& device, const cep::TensorBytes& tensor) {
  ACP_TRY(acp::Memory memory, device.allocate(tensor.bytes.size(), 64));
  ACP_CHECK(memory.write(0, tensor.bytes));
  return memory;
}

}  // namespace

cep::Region row_sums() {
  using Id = cep::RegionBuilder::Id;
  cep::RegionBuilder r;
  const Id x = r.input({cep::Dtype::kF32, {4, 3}}), y = r.output({cep::Dtype::kF32, {4}});
  r.begin_nest({4}, {3});
  const Id value = r.arg(r.read(x, {r.iter(0), r.iter(1)}));
  r.reduce(ACP_COMBINE_ADD, {cep::OrderKind::kChain, 0}, r.f32(0.0f), value);
  r.write(y, {r.iter(0)}, r.acc(cep::Dtype::kF32));
  r.end_nest();
  return std::move(r).finish();
}

std::vector<cep::TensorType> types_of(const cep::Region& region, std::uint8_t role) {
  std::vector<cep::TensorType> types(region.count(role));
  for (const acp_operand& operand : region.operands) {
    if (operand.role == role) types[operand.slot] = cep::type_of(operand);
  }
  return types;
}

Tensors random_inputs(const cep::Region& region, std::mt19937_64& random) {
  Tensors tensors;
  for (const cep::TensorType& type : types_of(region, ACP_ROLE_INPUT)) {
    cep::Elements elements;
    for (std::int64_t i = 0; i < cep::volume(type.dims); ++i) {
      elements.push_back({random_element(type.dtype, random()), cep::Value::kConcrete});
    }
    tensors.push_back(cep::bytes_from_elements(type, elements));
  }
  return tensors;
}

cep::TensorBytes f32_tensor(const cep::Dims& dims, const std::vector<std::uint32_t>& bits) {
  cep::TensorBytes tensor{{cep::Dtype::kF32, dims},
                          std::vector<std::byte>(bits.size() * sizeof(std::uint32_t))};
  if (!bits.empty()) std::memcpy(tensor.bytes.data(), bits.data(), tensor.bytes.size());
  return tensor;
}

std::vector<std::uint32_t> f32_bits(const cep::TensorBytes& tensor) {
  std::vector<std::uint32_t> bits(tensor.bytes.size() / sizeof(std::uint32_t));
  if (!bits.empty()) std::memcpy(bits.data(), tensor.bytes.data(), tensor.bytes.size());
  return bits;
}

acp::Result<Tensors> run_on(const acp::Device& device, const cep::Region& region, const Tensors& inputs,
                            std::optional<std::size_t> under) {
  ACP_TRY(const acp::Executable executable, device.compile(region.view()));
  ACP_TRY(const acp::Queue queue, device.create_queue());
  ACP_TRY(const acp::Timeline timeline, device.create_timeline());
  Tensors outputs;
  for (const cep::TensorType& type : types_of(region, ACP_ROLE_OUTPUT)) {
    const auto size = static_cast<std::size_t>(cep::volume(type.dims) * cep::size_bytes(type.dtype));
    // Not zero: an element that is never written must show.
    outputs.push_back({type, std::vector<std::byte>(size, std::byte{1})});
  }
  ACP_ASSERT(!under || (*under < inputs.size() && outputs.size() == 1));
  std::vector<acp::Memory> memories;
  memories.reserve(inputs.size() + outputs.size());
  std::vector<std::size_t> bound;  // the memory of each binding
  bound.reserve(inputs.size() + outputs.size());
  for (const Tensors* side : {&inputs, static_cast<const Tensors*>(&outputs)}) {
    for (const cep::TensorBytes& tensor : *side) {
      const bool lies_over = under && side == &outputs;
      bound.push_back(lies_over ? *under : memories.size());
      if (lies_over) continue;
      ACP_TRY(acp::Memory memory, upload(device, tensor));
      memories.push_back(std::move(memory));
    }
  }
  acp::Launch launch{&executable, {}};
  launch.bindings.reserve(bound.size());
  for (const std::size_t memory : bound) launch.bindings.push_back({&memories[memory], 0});
  ACP_CHECK(queue.submit({.waits = {}, .launches = {launch}, .signals = {{&timeline, 1}}}));
  ACP_CHECK(timeline.wait(1, UINT64_MAX));  // a signal that never comes is a hang, and ends with this process
  ACP_CHECK(queue.status());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    ACP_CHECK(memories[bound[inputs.size() + i]].read(0, outputs[i].bytes));
  }
  return outputs;
}

acp::Result<Tensors> run_reference(const cep::Region& region, const Tensors& inputs) {
  std::vector<cep::Elements> buffers;
  buffers.reserve(inputs.size() + region.count(ACP_ROLE_OUTPUT));
  for (const cep::TensorBytes& input : inputs) buffers.push_back(cep::elements_from_bytes(input));
  const std::vector<cep::TensorType> types = types_of(region, ACP_ROLE_OUTPUT);
  for (const cep::TensorType& type : types) {
    const auto size = static_cast<std::size_t>(cep::volume(type.dims) * cep::size_bytes(type.dtype));
    buffers.push_back(cep::elements_from_bytes({type, std::vector<std::byte>(size, std::byte{1})}));
  }
  std::vector<cep::Elements*> pointers;
  pointers.reserve(buffers.size());
  for (cep::Elements& buffer : buffers) pointers.push_back(&buffer);
  ACP_CHECK(cep::interpret(region, cep::Domain::kBits, pointers));
  Tensors outputs;
  for (std::size_t i = 0; i < types.size(); ++i) {
    outputs.push_back(cep::bytes_from_elements(types[i], buffers[inputs.size() + i]));
  }
  return outputs;
}

std::string hex(std::uint64_t bits, int digits) { return fmt::format("0x{:0{}x}", bits, digits); }

std::optional<Difference> first_difference(const Tensors& expected, const Tensors& got) {
  std::optional<Difference> first;
  for (std::size_t t = 0; t < expected.size(); ++t) {
    const auto size = static_cast<std::size_t>(cep::size_bytes(expected[t].type.dtype));
    for (std::size_t at = 0; at + size <= expected[t].bytes.size(); at += size) {
      std::uint64_t a = 0, b = 0;
      std::memcpy(&a, expected[t].bytes.data() + at, size);
      std::memcpy(&b, got[t].bytes.data() + at, size);
      if (a == b) continue;
      if (!first) {
        const int digits = static_cast<int>(size) * 2;
        first = Difference{t, at / size, 0, hex(a, digits), hex(b, digits)};
      }
      ++first->count;
    }
  }
  return first;
}

Outcome compare(const acp::Device& device, const cep::Region& region, const Tensors& inputs,
                const std::string& requirement) {
  const auto expected = run_reference(region, inputs);
  const auto got = run_on(device, region, inputs);
  if (!expected) {  // a fault of the data (CEP-REG-7, CEP-REG-8): the device must find the same
    const std::string& id = expected.error().requirement;
    if (!got && got.error().requirement == id) return pass("refused as the reference does, " + id);
    return fail(id, "the launch must fail", id, got ? "success" : acp::to_string(got.error()));
  }
  if (!got) return unexpected(device, "the program was not run", got.error());
  const auto difference = first_difference(*expected, *got);
  if (!difference) return pass();
  return fail(requirement,
              fmt::format("outputs[{}] differs from the reference in {} elements, first in element {}",
                          difference->output, difference->count, difference->element),
              difference->expected, difference->got);
}

}  // namespace conformance
