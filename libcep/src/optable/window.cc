// Sliding windows: what several operators ask of their attributes in the same words.
#include <algorithm>

#include "cep/op.h"

namespace cep {

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

// The pads: those given, or those auto_pad stands for.
acp::Result<Dims> pads_of(const OpContext& context, const Dims& spatial, const Windows& w) {
  const std::size_t rank = spatial.size();
  const std::string mode = context.string_attr("auto_pad", "NOTSET");
  ACP_TRY(Dims pads, list_attr(context, {.name = "pads", .count = 2 * rank, .otherwise = 0}));
  for (const std::int64_t pad : pads) {
    if (pad < 0) return acp::invalid("CEP-WIN-4", "attributes.pads", std::to_string(pad) + " is negative");
    if (pad > 0 && mode != "NOTSET")
      return acp::invalid("CEP-WIN-1", "attributes.pads", "given beside auto_pad");
  }
  if (mode == "NOTSET" || mode == "VALID") return pads;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER")
    return acp::invalid("CEP-WIN-1", "attributes.auto_pad", "no such way to pad");
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t out = (spatial[d] + w.strides[d] - 1) / w.strides[d];
    const std::int64_t reach = (out - 1) * w.strides[d] + w.dilations[d] * (w.kernel[d] - 1) + 1;
    const std::int64_t all = std::max<std::int64_t>(0, reach - spatial[d]);
    pads[d] = mode == "SAME_UPPER" ? all / 2 : all - all / 2;
    pads[rank + d] = all - pads[d];
  }
  return pads;
}

}  // namespace

acp::Result<Windows> windows_of(const OpContext& context, const Dims& spatial, const Dims& kernel) {
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
  for (const std::int64_t extent : kernel) {
    if (extent > kMaxWindow) return acp::over_limit("CEP-WIN-6", "kernel", "above 2^30");
  }
  ACP_TRY(const Dims pads, pads_of(context, spatial, w));
  w.pads.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
  w.behind.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
  const std::int64_t ceil_mode = context.int_attr("ceil_mode", 0);
  if (ceil_mode != 0 && ceil_mode != 1)
    return acp::invalid("CEP-WIN-7", "attributes.ceil_mode", "neither 0 nor 1");
  w.out.reserve(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t padded = spatial[d] + w.pads[d] + w.behind[d];
    const std::int64_t reach = w.dilations[d] * (kernel[d] - 1) + 1;
    if (reach > padded) {
      return acp::invalid(
          "CEP-WIN-5", "inputs[0]",
          "a window of " + std::to_string(reach) + " over " + std::to_string(padded) + " elements");
    }
    const std::int64_t room = padded - reach, step = w.strides[d];
    // Rounded up, the last window may hang over the end, but may not begin behind the last element.
    w.out.push_back(ceil_mode == 0
                        ? room / step + 1
                        : std::min((room + step - 1) / step + 1, (spatial[d] + w.pads[d] + step - 1) / step));
  }
  return w;
}

}  // namespace cep
