#include "host/loaded_shim.h"

namespace acp {
namespace {

std::vector<acp_point> points_of(const std::vector<Point>& points) {
  std::vector<acp_point> out;
  for (const Point& point : points) out.push_back({point.timeline->handle(), point.value});
  return out;
}

}  // namespace

Status Queue::submit(const Submission& submission) const {
  const std::vector<acp_point> waits = points_of(submission.waits);
  const std::vector<acp_point> signals = points_of(submission.signals);
  std::vector<std::vector<acp_binding>> bindings;
  std::vector<acp_launch> launches;
  bindings.reserve(submission.launches.size());
  for (const Launch& launch : submission.launches) {
    std::vector<acp_binding>& bound = bindings.emplace_back();
    for (const Binding& binding : launch.bindings)
      bound.push_back({binding.memory->handle(), binding.offset_bytes});
    launches.push_back(
        {launch.executable->handle(), bound.data(), static_cast<std::uint32_t>(bound.size()), 0});
  }
  acp_submission out = ACP_STRUCT(acp_submission, ACP_TYPE_SUBMISSION);
  out.waits = waits.data();
  out.wait_count = static_cast<std::uint32_t>(waits.size());
  out.launches = launches.data();
  out.launch_count = static_cast<std::uint32_t>(launches.size());
  out.signals = signals.data();
  out.signal_count = static_cast<std::uint32_t>(signals.size());
  return call(handle_.shim(), &acp_shim::queue_submit, "queue_submit", handle(),
              static_cast<const acp_submission*>(&out));
}

Status Queue::status() const {
  return call(handle_.shim(), &acp_shim::queue_status, "queue_status", handle());
}
Status Queue::reset() const { return call(handle_.shim(), &acp_shim::queue_reset, "queue_reset", handle()); }

Status Timeline::signal(std::uint64_t value) const {
  return call(handle_.shim(), &acp_shim::timeline_signal, "timeline_signal", handle(), value);
}

Result<std::uint64_t> Timeline::query() const {
  std::uint64_t value = 0;
  ACP_CHECK(call(handle_.shim(), &acp_shim::timeline_query, "timeline_query", handle(), &value));
  return value;
}

Status Timeline::wait(std::uint64_t value, std::uint64_t timeout_ns) const {
  return call(handle_.shim(), &acp_shim::timeline_wait, "timeline_wait", handle(), value, timeout_ns);
}

}  // namespace acp
