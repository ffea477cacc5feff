// Runs region programs on the cpu shim's engine itself: with every instruction set this machine has, with or without its fast kernels.
#pragma once

#include <gtest/gtest.h>

#include "cpu/program.h"
#include "support/region_run.h"

namespace cpu_test {

using Bytes = std::vector<std::byte>;

struct NamedTable {
  const char* name;
  const acp_cpu::KernelTable* table;
};
inline std::vector<NamedTable> tables() {
  __builtin_cpu_init();
  std::vector<NamedTable> found = {{"portable", &acp_cpu::portable::kTable}};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.push_back({"avx2", &acp_cpu::avx2::kTable});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    found.push_back({"avx512", &acp_cpu::avx512::kTable});
  }
  return found;
}

// Every buffer in slot order, inputs first, as bytes of its operand's window.
inline std::vector<Bytes> bytes_of(const cep::Region& region, std::uint8_t role,
                                   const std::vector<cep::Elements>& elements) {
  std::vector<Bytes> all;
  for (std::uint32_t slot = 0; slot < elements.size(); ++slot) {
    const acp_operand& operand = region.operands[region.operand_at(role, slot)];
    const cep::TensorType type{static_cast<cep::Dtype>(operand.dtype),
                               {static_cast<std::int64_t>(elements[slot].size())}};
    all.push_back(cep::bytes_from_elements(type, elements[slot]).bytes);
  }
  return all;
}

// The outputs' bytes after one launch of an accepted program; they begin as 0xee.
inline std::vector<Bytes> run_program(const acp_cpu::Program& program, const cep::Region& region,
                                      const std::vector<Bytes>& inputs, acp_cpu::WorkerPool& pool) {
  static acp_cpu::ScratchStore scratch;  // shared between tests: nothing in it may matter
  std::vector<Bytes> given = inputs, outputs(region.count(ACP_ROLE_OUTPUT));
  for (std::uint32_t slot = 0; slot < outputs.size(); ++slot) {
    const acp_operand& operand = region.operands[region.operand_at(ACP_ROLE_OUTPUT, slot)];
    outputs[slot].assign(static_cast<std::size_t>(cep::span_elements(operand)) * 4, std::byte{0xee});
  }
  std::vector<unsigned char*> bindings;
  for (Bytes& input : given) bindings.push_back(reinterpret_cast<unsigned char*>(input.data()));
  for (Bytes& output : outputs) bindings.push_back(reinterpret_cast<unsigned char*>(output.data()));
  EXPECT_EQ(acp_cpu::run(program, bindings.data(), pool, scratch, nullptr), ACP_OK);
  return outputs;
}

}  // namespace cpu_test
