// Program: a region with inputs, run on a device and on the reference interpreter, and compared bit by bit.
//
// Spec     ACP 7.5.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "cep/interp.h"
#include "cep/region.h"
#include "conformance/runner/case.h"

namespace conformance {

// Dense tensors as bytes, in slot order.
using Tensors = std::vector<cep::TensorBytes>;

// Types of a region's operands of one role, in slot order.
[[nodiscard]] std::vector<cep::TensorType> types_of(const cep::Region& region, std::uint8_t role);

// y[i] = the sum over k of x[i,k], a valid program for others to break in one place.
[[nodiscard]] cep::Region row_sums();

// Inputs full of what goes wrong: zeros of both signs, subnormals, infinities, NaNs with payload, the largest numbers, ties. Integers
// are small, so that they may be coordinates.
[[nodiscard]] Tensors random_inputs(const cep::Region& region, std::mt19937_64& random);
[[nodiscard]] cep::TensorBytes f32_tensor(const cep::Dims& dims, const std::vector<std::uint32_t>& bits);
[[nodiscard]] std::vector<std::uint32_t> f32_bits(const cep::TensorBytes& tensor);

// under: the input that the output, of which there is one, lies exactly over; otherwise every operand has a memory of its own.
//
// Errors   CEP-REG-n the shim's refusal or the launch's failure; environment.
// Spec     ACP 6.4, ACP 6.5.
[[nodiscard]] acp::Result<Tensors> run_on(const acp::Device& device, const cep::Region& region,
                                          const Tensors& inputs, std::optional<std::size_t> under = {});
// Errors   as cep::interpret.
// Spec     CEP 3.3.
[[nodiscard]] acp::Result<Tensors> run_reference(const cep::Region& region, const Tensors& inputs);

// The bits of the first element that differs, or nothing.
struct Difference {
  std::size_t output = 0;
  std::size_t element = 0;
  std::size_t count = 0;  // how many elements differ
  std::string expected;
  std::string got;
};
[[nodiscard]] std::optional<Difference> first_difference(const Tensors& expected, const Tensors& got);
[[nodiscard]] std::string hex(std::uint64_t bits, int digits);

// Runs both and compares. A difference breaks `requirement`.
[[nodiscard]] Outcome compare(const acp::Device& device, const cep::Region& region, const Tensors& inputs,
                              const std::string& requirement);

}  // namespace conformance
