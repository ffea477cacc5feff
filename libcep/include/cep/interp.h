// The reference interpreter: what a region program means, done in the plainest way. "The reference" always means this.
//
// It runs over three domains: binary32 with the canonical numerics (what devices must reproduce bit for bit); free terms, where an
// element is a 128-bit hash of operator, dtype and operands, so that any change of order, operator or operand shows; and the
// prime field of 2^61-1, where addition and multiplication are exact and associative, so that only real differences show.
// It aims at clarity, not speed.
// Spec     CEP 3.3 (meaning of region programs), numerics.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "acp/result.h"
#include "cep/graph.h"
#include "cep/region.h"

namespace cep {

// One element in any domain. Integers and booleans computed from integers are concrete in every domain: hi == kConcrete, lo the value
// (I32 sign-extended). Bits domain: F32 values are their bit pattern in lo, hi == kConcrete.
struct Value {
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;
  static constexpr std::uint64_t kConcrete = 0;
  bool operator==(const Value&) const = default;
};

enum class Domain : std::uint8_t { kBits = 1, kTerms = 2, kField = 3 };

// The elements an operand's buffer holds; element at stride position p is values[p]. Positions nobody wrote hold what was there.
using Elements = std::vector<Value>;

// What the free terms of several runs share: the leaves of every maximum and minimum seen. They are associative and idempotent, so a
// hash alone could not tell which terms are equal. Terms of runs with different spaces must not be compared or mixed.
struct TermSpace {
  struct Extremum {
    std::uint8_t code = 0;      // ACP_SC_MAX or ACP_SC_MIN
    std::vector<Value> leaves;  // sorted, distinct
  };
  std::map<std::pair<std::uint64_t, std::uint64_t>, Extremum> leaves;  // by (lo, hi) of the term
};

// Number of elements a buffer needs for an operand's window: 1 + the largest stride position (0 for an empty window).
[[nodiscard]] std::int64_t span_elements(const acp_operand& operand);

// Runs a checked region. buffers: one per input slot, then one per output slot; outputs are written in place.
// Errors   CEP-REG-7 a loaded coordinate is outside its window; CEP-REG-8 a loop's trip count is above its maximum.
// Spec     CEP 3.3.
[[nodiscard]] acp::Status interpret(const Region& region, Domain domain,
                                    const std::vector<Elements*>& buffers);

// The same over bits. Whether its elements are also those of real numbers: every operation on F32 gave a finite number and rounded nothing.
// A false answer says nothing, where one whose result nobody uses was rounded.
// Errors   as interpret.
// Spec     CEP 3.3, CEP 6.9.
[[nodiscard]] acp::Result<bool> interpret_exactly(const Region& region,
                                                  const std::vector<Elements*>& buffers);

// The same over free terms, for a computation made of several runs.
// Errors   as interpret.
// Spec     CEP 3.3.
[[nodiscard]] acp::Status interpret_terms(const Region& region, TermSpace& space,
                                          const std::vector<Elements*>& buffers);

// A tensor's bytes, little-endian, row-major, dense.
struct TensorBytes {
  TensorType type;
  std::vector<std::byte> bytes;
  bool operator==(const TensorBytes&) const = default;
};
[[nodiscard]] Elements elements_from_bytes(const TensorBytes& tensor);
[[nodiscard]] TensorBytes bytes_from_elements(const TensorType& type, const Elements& elements);

// Runs a whole checked workload over bits. Inputs: the kInput and kWeight tensors in order of id. Results: the workload's outputs.
// Errors   CEP-RUN-1 number, type or size of the inputs is wrong; and those of interpret.
// Spec     CEP 2.4.
[[nodiscard]] acp::Result<std::vector<TensorBytes>> run_reference(const Workload& workload,
                                                                  const std::vector<TensorBytes>& inputs);

// The same in any domain, over elements.
// Errors   as run_reference.
// Spec     CEP 2.4.
[[nodiscard]] acp::Result<std::vector<Elements>> run_reference(const Workload& workload, Domain domain,
                                                               const std::vector<Elements>& inputs);
// Errors   as run_reference.
// Spec     CEP 2.4.
[[nodiscard]] acp::Result<std::vector<Elements>> run_reference(const Workload& workload, Domain domain,
                                                               const std::vector<Elements>& inputs,
                                                               TermSpace& space);

}  // namespace cep
