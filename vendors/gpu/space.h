// The space one nest runs in: its iterators with the values they really take, and bounds of index expressions over them.
#pragma once

#include <cstdint>
#include <vector>

#include "acp/region.h"

namespace acp_gpu {

// lo <= x <= hi; not known when it depends on data (or when the nest never runs and nobody checked it).
struct Interval {
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  bool known = false;
};

// Which nodes a part of a nest needs, all that is below them included.
struct Needs {
  explicit Needs(const acp_region& region);
  void add_scalar(std::uint32_t scalar) { scalars[scalar] = true; }
  void add_index(std::uint32_t index) { indices[index] = true; }
  // Spreads the marks downward.
  void close(const acp_region& region);

  std::vector<bool> scalars, reads, indices;
};

class Space {
 public:
  // max_trips: of the enclosing loops, outermost first.
  Space(const acp_region& region, const acp_nest* nest, const std::vector<std::int64_t>& max_trips);

  [[nodiscard]] Interval bounds(std::uint32_t index) const { return bounds_[index]; }
  // Every window the needed reads touch, and every needed index, fit 32-bit arithmetic.
  [[nodiscard]] bool narrow(const acp_region& region, const Needs& needs) const;

  std::uint32_t parallel = 0;  // iterators 0 .. parallel-1; the others reduce
  std::vector<acp_iter> iters;
  std::int64_t points = 1;  // parallel ones; 0 when the nest never runs
  std::uint32_t loops = 0;  // enclosing

 private:
  void cut_digits(const acp_nest& nest, std::vector<Interval>& digits) const;

  std::vector<Interval> bounds_;
};

}  // namespace acp_gpu
