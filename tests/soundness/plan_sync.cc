#include "soundness/plan_sync.h"

#include <algorithm>
#include <string>
#include <utility>

namespace cep::fuzz {
namespace {

struct Access {
  ArenaId arena = 0;
  std::int64_t lo = 0;
  std::int64_t hi = 0;
};
struct Touched {
  std::vector<Access> reads;
  std::vector<Access> writes;
};

// The rows of a view as byte intervals.
void add_view(const Plan& plan, const View& view, std::vector<Access>& accesses) {
  const Buffer& buffer = plan.buffers[view.buffer];
  const std::int64_t width = size_bytes(buffer.type.dtype);
  Dims point(view.dims.size(), 0);
  for (;;) {
    std::int64_t at = buffer.offset_bytes + view.offset_bytes;
    for (std::size_t d = 0; d < point.size(); ++d) at += point[d] * view.strides[d] * width;
    if (!accesses.empty() && accesses.back().hi == at && accesses.back().arena == buffer.arena) {
      accesses.back().hi += width;
    } else {
      accesses.push_back({buffer.arena, at, at + width});
    }
    std::size_t d = point.size();
    while (d > 0 && ++point[d - 1] == view.dims[d - 1]) point[--d] = 0;
    if (d == 0) return;
  }
}

Touched touched_by(const Plan& plan, const Step& step) {
  Touched touched;
  if (const auto* compute = std::get_if<Compute>(&step.what)) {
    for (const Slice& slice : compute->inputs) add_view(plan, slice.view, touched.reads);
    if (compute->seed) add_view(plan, *compute->seed, touched.reads);
    for (const Slice& slice : compute->outputs) add_view(plan, slice.view, touched.writes);
  } else if (const auto* copy = std::get_if<Copy>(&step.what)) {
    add_view(plan, copy->source, touched.reads);
    add_view(plan, copy->target, touched.writes);
  } else if (const auto* combine = std::get_if<Combine>(&step.what)) {
    for (const View& view : combine->inputs) add_view(plan, view, touched.reads);
    add_view(plan, combine->target, touched.writes);
  } else if (const auto* fill = std::get_if<Fill>(&step.what)) {
    add_view(plan, fill->target, touched.writes);
  }
  return touched;
}

bool overlap(const std::vector<Access>& a, const std::vector<Access>& b) {
  return std::any_of(a.begin(), a.end(), [&](const Access& x) {
    return std::any_of(b.begin(), b.end(),
                       [&](const Access& y) { return x.arena == y.arena && x.lo < y.hi && y.lo < x.hi; });
  });
}

bool conflict(const Touched& a, const Touched& b) {
  return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

using Clock = std::vector<std::int64_t>;  // by queue: how many of its steps are over

}  // namespace

void synchronise(Plan& plan, Random& random) {
  const std::vector<Step> steps = std::move(plan.steps);
  plan.steps.clear();
  std::vector<Touched> touched;
  for (const Step& step : steps) touched.push_back(touched_by(plan, step));
  std::vector<Clock> clock(plan.queues.size(), Clock(plan.queues.size()));
  std::vector<Clock> after(steps.size());
  std::vector<std::int64_t> number(steps.size());
  std::vector<std::vector<std::size_t>> waits(steps.size());
  std::vector<bool> signalled(steps.size());
  for (std::size_t v = 0; v < steps.size(); ++v) {
    Clock& mine = clock[steps[v].queue];
    for (std::size_t u = v; u-- > 0;) {
      if (mine[steps[u].queue] >= number[u] || !conflict(touched[u], touched[v])) continue;
      waits[v].push_back(u);
      signalled[u] = true;
      for (std::size_t q = 0; q < mine.size(); ++q) mine[q] = std::max(mine[q], after[u][q]);
    }
    number[v] = ++mine[steps[v].queue];
    after[v] = mine;
  }
  // One timeline a queue, or one a signal.
  const bool one_each = chance(random, 30);
  std::vector<TimelineId> timeline(steps.size());
  std::vector<std::uint64_t> value(steps.size());
  std::vector<std::uint64_t> last(plan.queues.size());
  const auto new_timeline = [&](QueueId queue) {
    plan.timelines.push_back({"t" + std::to_string(plan.timelines.size()), queue});
    return static_cast<TimelineId>(plan.timelines.size() - 1);
  };
  if (!one_each) {
    for (QueueId q = 0; q < plan.queues.size(); ++q) new_timeline(q);
  }
  const auto add = [&](QueueId queue, auto what) {
    plan.steps.push_back({(std::holds_alternative<Wait>(Step{"", 0, what}.what) ? "w" : "g") +
                              std::to_string(plan.steps.size()),
                          queue, what});
  };
  for (std::size_t v = 0; v < steps.size(); ++v) {
    const QueueId queue = steps[v].queue;
    for (const std::size_t u : waits[v]) add(queue, Wait{timeline[u], value[u]});
    plan.steps.push_back(steps[v]);
    if (!signalled[v]) continue;
    timeline[v] = one_each ? new_timeline(queue) : queue;
    value[v] = one_each ? 1 : ++last[queue];
    add(queue, Signal{timeline[v], value[v]});
  }
}

}  // namespace cep::fuzz
