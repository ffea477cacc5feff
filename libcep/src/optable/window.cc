// Axes and sliding windows: what several operators ask of their attributes in the same words.
#include <algorithm>

#include "cep/op.h"

namespace cep {

std::optional<std::size_t> normal_axis(std::int64_t axis, std::size_t rank) {
  const auto extent = static_cast<std::int64_t>(rank);
  if (axis < -extent || axis >= extent) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + extent : axis);
}

namespace {

// Products and sums of two such numbers stay far inside 64 bits, whatever a hostile workload says.
constexpr std::int64_t kMaxWindow = std::int64_t{1} << 30;

// The attribute `name`, or `count` times `otherwise`.
struct ListRule {
  std::string_view name;
  std::size_t count;
  std::int64_t otherwise;
};
acp::Result<Dims> list_attr(const OpContext& context, const ListRule& rule) {
  Dims values = context.ints_attr(rule.name).value_or(Dims(rule.count, rule.otherwise));
  const std::string path = "attributes." + std::string(rule.name);
  if (values.size() != rule.count) {
    return acp::invalid("CEP-WIN-2", path, "needs " + std::to_string(rule.count) + " elements");
  }
  if (std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v > kMaxWindow; })) {
    return acp::over_limit("CEP-WIN-6", path, "above 2^30");
  }
  return values;
}

acp::Status check_positive(const Dims& values, const std::string& path) {
  for (const std::int64_t value : values) {
    if (value < 1) return acp::invalid("CEP-WIN-3", path, std::to_string(value) + " is below 1");
  }
  return acp::ok();
}

}  // namespace

acp::Result<Windows> windows_of(const OpContext& context, const Dims& spatial, const Dims& kernel) {
  if (context.string_attr("auto_pad", "NOTSET") != "NOTSET") {
    return acp::unsupported("CEP-WIN-1", "attributes.auto_pad", "only NOTSET is offered");
  }
  const std::size_t rank = spatial.size();
  if (kernel.size() != rank) {
    return acp::invalid("CEP-WIN-2", "attributes.kernel_shape",
                        "needs " + std::to_string(rank) + " elements");
  }
  Windows w;
  w.kernel = kernel;
  ACP_CHECK(check_positive(kernel, "kernel"));
  ACP_TRY(w.strides, list_attr(context, {.name = "strides", .count = rank, .otherwise = 1}));
  ACP_CHECK(check_positive(w.strides, "attributes.strides"));
  ACP_TRY(w.dilations, list_attr(context, {.name = "dilations", .count = rank, .otherwise = 1}));
  ACP_CHECK(check_positive(w.dilations, "attributes.dilations"));
  ACP_TRY(const Dims pads, list_attr(context, {.name = "pads", .count = 2 * rank, .otherwise = 0}));
  for (const std::int64_t pad : pads) {
    if (pad < 0) return acp::invalid("CEP-WIN-4", "attributes.pads", std::to_string(pad) + " is negative");
  }
  w.pads.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  for (std::size_t d = 0; d < rank; ++d) {
    if (kernel[d] > kMaxWindow) return acp::over_limit("CEP-WIN-6", "kernel", "above 2^30");
    const std::int64_t padded = spatial[d] + pads[d] + pads[rank + d];
    const std::int64_t reach = w.dilations[d] * (kernel[d] - 1) + 1;
    if (reach > padded) {
      return acp::invalid(
          "CEP-WIN-5", "inputs[0]",
          "a window of " + std::to_string(reach) + " over " + std::to_string(padded) + " elements");
    }
    w.out.push_back((padded - reach) / w.strides[d] + 1);
  }
  return w;
}

}  // namespace cep
