#include "cep/plan.h"

namespace cep {

View whole_view(BufferId id, const Buffer& buffer) {
  return {id, 0, buffer.type.dims, row_major_strides(buffer.type.dims)};
}

View box_view(BufferId id, const Buffer& buffer, const Box& box) {
  View view{id, 0, box.dims(), row_major_strides(buffer.type.dims)};
  for (std::size_t d = 0; d < box.rank(); ++d) {
    view.offset_bytes += box.lo[d] * view.strides[d] * size_bytes(buffer.type.dtype);
  }
  return view;
}

std::string_view grade_name(Grade grade) { return grade == Grade::kBitwise ? "bitwise" : "real"; }

}  // namespace cep
