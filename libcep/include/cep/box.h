// Box: a half-open box of tensor coordinates, and the few things one does with boxes.
//
// An empty box (some lo >= hi) holds no coordinate; a rank-0 box holds exactly one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cep {

using Dims = std::vector<std::int64_t>;

struct Box {
  Dims lo;
  Dims hi;

  [[nodiscard]] static Box whole(const Dims& dims) { return {Dims(dims.size(), 0), dims}; }
  [[nodiscard]] std::size_t rank() const { return lo.size(); }
  [[nodiscard]] Dims dims() const;
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::int64_t volume() const;
  [[nodiscard]] bool contains(
      const Box& inner) const;  // an empty inner box is contained in every box of its rank
  auto operator<=>(const Box&) const = default;
};

[[nodiscard]] Box intersect(const Box& a, const Box& b);
// The parts of `from` outside `cut`: at most 2 * rank disjoint boxes.
[[nodiscard]] std::vector<Box> subtract(const Box& from, const Box& cut);
[[nodiscard]] std::string to_string(const Box& box);  // "[0:4,2:8]"
[[nodiscard]] Dims row_major_strides(const Dims& dims);
[[nodiscard]] std::int64_t volume(const Dims& dims);

}  // namespace cep
