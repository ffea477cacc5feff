// Real bits, watched: the same elements as the domain of bits, and whether they are also what real numbers give. That they are while
// every operation on binary32 yields a finite number and rounds nothing.
//
// Spec     CEP 3.3; CEP 6.9.
#pragma once

#include <atomic>

#include "interp/bits.h"

namespace cep::interp {

class Exact {
 public:
  // `rounded` is set by the first operation that is not exact; machines that run side by side share it.
  explicit Exact(std::atomic<bool>& rounded) : rounded_(&rounded) {}

  [[nodiscard]] static Value constant(std::uint8_t dtype, std::uint64_t bits) {
    return Bits::constant(dtype, bits);
  }
  [[nodiscard]] Value apply(ScalarOp op, Value a, Value b, Value c);
  [[nodiscard]] static bool truth(Value condition) { return Bits::truth(condition); }

 private:
  std::atomic<bool>* rounded_;
};

}  // namespace cep::interp
