// Axes by number and in lists: what several operators ask of them in the same words.
#include "cep/op.h"

namespace cep {

std::optional<std::size_t> normal_axis(std::int64_t axis, std::size_t rank) {
  const auto extent = static_cast<std::int64_t>(rank);
  if (axis < -extent || axis >= extent) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + extent : axis);
}

acp::Result<std::optional<Dims>> axes_of(const OpContext& context, std::size_t input) {
  const auto attribute = context.ints_attr("axes");
  if (!context.has_input(input)) return attribute;
  const std::string path = "inputs[" + std::to_string(input) + "]";
  if (attribute) return acp::invalid("CEP-AXES-3", path, "axes are an attribute as well");
  const TensorType& type = context.input(input);
  if (type.dtype != Dtype::kI64 || type.dims.size() != 1)
    return acp::invalid("CEP-AXES-2", path, "axes are i64 of rank 1");
  const auto* known = context.known_input(input);
  if (known == nullptr) return acp::unsupported("CEP-AXES-1", path, "the axes are not a constant");
  return std::optional<Dims>(*known);
}

acp::Result<std::vector<bool>> mark_axes(const Dims& axes, std::size_t rank) {
  std::vector<bool> marks(rank);
  for (const std::int64_t each : axes) {
    const auto axis = normal_axis(each, rank);
    if (!axis) return acp::invalid("CEP-AXES-4", "axes", std::to_string(each) + " is no axis");
    if (marks[*axis]) return acp::invalid("CEP-AXES-5", "axes", std::to_string(each) + " stands twice");
    marks[*axis] = true;
  }
  return marks;
}

}  // namespace cep
