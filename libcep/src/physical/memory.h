// The arenas of a plan as plain bytes: what one view writes, another reads, whatever either takes it for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cep/interp.h"
#include "cep/plan.h"
#include "physical/draw.h"

namespace cep::physical {

// Calls visit(position in a dense row-major tensor of these dims, position in the view) for every point.
template <typename Visit>
void each_point(const View& view, const Dims& dense_strides, std::int64_t dense_first, Visit visit) {
  Dims point(view.dims.size(), 0);
  for (const std::int64_t extent : view.dims) {
    if (extent <= 0) return;
  }
  std::int64_t dense = dense_first, at = 0;
  for (;;) {
    visit(dense, at);
    std::size_t d = point.size();
    for (; d > 0; --d) {
      dense += dense_strides[d - 1];
      at += view.strides[d - 1];
      if (++point[d - 1] < view.dims[d - 1]) break;
      dense -= view.dims[d - 1] * dense_strides[d - 1];
      at -= view.dims[d - 1] * view.strides[d - 1];
      point[d - 1] = 0;
    }
    if (d == 0) return;
  }
}
// The points of a slice, with the positions of its tensor's elements.
template <typename Visit>
void each_point(const Slice& slice, const Dims& tensor_dims, Visit visit) {
  const Dims strides = row_major_strides(tensor_dims);
  std::int64_t first = 0;
  for (std::size_t d = 0; d < strides.size(); ++d) first += slice.box.lo[d] * strides[d];
  each_point(slice.view, strides, first, visit);
}

class Memory {
 public:
  // Noise everywhere: in buffers of their element type.
  Memory(const Plan& plan, const Draw& draw);

  // An element of a view, by its position: bool is 0 or 1, integers are extended by their sign.
  [[nodiscard]] Value load(const View& view, std::int64_t position) const;
  void store(const View& view, std::int64_t position, Value value);
  // The elements of a view where an operand of its shape and strides has them, and back.
  [[nodiscard]] Elements gather(const View& view) const;
  void scatter(const View& view, const Elements& elements);
  // The bits as they are.
  void copy(const View& from, const View& to);

  // In the buffer's arena.
  [[nodiscard]] std::int64_t address(const View& view, std::int64_t position) const;

 private:
  [[nodiscard]] std::int64_t width(const View& view) const;
  [[nodiscard]] std::vector<std::byte>& bytes(const View& view) {
    return arenas_[plan_.buffers[view.buffer].arena];
  }

  const Plan& plan_;
  std::vector<std::vector<std::byte>> arenas_;
};

}  // namespace cep::physical
