// A 128-bit hash of a few words: two lanes, each stirred with every word, mixed into each other at the end.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "cep/interp.h"

namespace cep::interp {

class Hash {
 public:
  explicit Hash(std::uint64_t tag) { add(tag); }
  void add(std::uint64_t word) {
    lo_ = stir(lo_ ^ (word * 0x9e3779b97f4a7c15ULL));
    hi_ = stir((hi_ + word) * 0xd6e8feb86659fd93ULL);
  }
  void add(Value value) {
    add(value.lo);
    add(value.hi);
  }
  [[nodiscard]] Value finish() const { return {stir(lo_ + hi_), stir(hi_ ^ (lo_ >> 17) ^ (lo_ << 23))}; }

  // splitmix64's finaliser.
  [[nodiscard]] static constexpr std::uint64_t stir(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

 private:
  std::uint64_t lo_ = 0x243f6a8885a308d3ULL;
  std::uint64_t hi_ = 0x13198a2e03707344ULL;
};

}  // namespace cep::interp
