// Order and races: what is over before a step begins, by one counter per queue and step.
#include <algorithm>
#include <array>

#include "cep/rule.h"
#include "steps.h"

namespace cep_check {

namespace {

// steps * queues counters: a hostile plan must not make the checker hold more.
constexpr std::size_t kMaxCounters = std::size_t{1} << 28;

struct Signalled {
  std::uint64_t value;
  cep::StepId step;
};

}  // namespace

acp::Result<Happens> Happens::check(const cep::Plan& plan, const std::vector<cep::StepId>& order) {
  const std::size_t steps = plan.steps.size(), queues = plan.queues.size();
  if (steps * queues > kMaxCounters)
    return acp::over_limit("CEP-CHECK-17", "steps", "more than 2^28 steps times queues");
  if (order.size() != steps) return acp::invalid("CEP-CHECK-4", "proof.order", "not one entry a step");
  Happens out;
  out.queue_.resize(steps);
  out.number_.resize(steps);
  out.position_.assign(steps, cep::kNoId);
  out.over_.assign(steps, {});
  std::vector<std::uint32_t> length(queues, 0), done(queues, 0);
  for (std::size_t s = 0; s < steps; ++s) {
    out.queue_[s] = plan.steps[s].queue;
    out.number_[s] = length[plan.steps[s].queue]++;
  }
  std::vector<std::vector<std::uint32_t>> clock(queues, std::vector<std::uint32_t>(queues, 0));
  std::vector<std::vector<Signalled>> signals(plan.timelines.size());
  for (std::size_t i = 0; i < steps; ++i) {
    const cep::StepId s = order[i];
    if (s >= steps || out.position_[s] != cep::kNoId)
      return acp::invalid("CEP-CHECK-4", item("proof.order", i), "no such step, or listed twice");
    const std::uint32_t queue = out.queue_[s];
    if (out.number_[s] != done[queue])
      return acp::invalid("CEP-CHECK-4", item("steps", s), "run before an earlier step of its queue");
    out.position_[s] = static_cast<std::uint32_t>(i);
    std::vector<std::uint32_t>& now = clock[queue];
    now[queue] = done[queue]++;
    if (const auto* signal = std::get_if<cep::Signal>(&plan.steps[s].what)) {
      std::vector<Signalled>& line = signals[signal->timeline];
      if (plan.timelines[signal->timeline].signaller != queue)
        return acp::invalid("CEP-CHECK-5", item("steps", s), "signals a timeline that another queue signals");
      if (signal->value <= (line.empty() ? 0 : line.back().value))
        return acp::invalid("CEP-CHECK-5", item("steps", s), "does not raise its timeline's value");
      line.push_back({signal->value, s});
    } else if (const auto* wait = std::get_if<cep::Wait>(&plan.steps[s].what);
               wait != nullptr && wait->value > 0) {
      // The first signal that reaches the value: they come in ascending order.
      const std::vector<Signalled>& line = signals[wait->timeline];
      const auto by = std::ranges::lower_bound(line, wait->value, {}, &Signalled::value);
      if (by == line.end())
        return acp::invalid("CEP-CHECK-5", item("steps", s), "waits for a value no earlier signal reaches");
      const std::vector<std::uint32_t>& then = out.over_[by->step];
      for (std::size_t q = 0; q < queues; ++q) now[q] = std::max(now[q], then[q]);
      // The signal itself is over too.
      now[out.queue_[by->step]] = std::max(now[out.queue_[by->step]], out.number_[by->step] + 1);
    }
    out.over_[s] = now;
  }
  return out;
}

bool Happens::before(cep::StepId a, cep::StepId b) const {
  static const cep::Rule* rule = cep::find_rule("order.before");
  const std::array<std::int64_t, 2> in{number_[a], std::int64_t{over_[b][queue_[a]]} - 1};
  return cep::fire(*rule, in, {});
}

acp::Status check_races(const cep::Plan& plan, const std::vector<Touched>& touched, const Happens& happens) {
  struct Touch {
    const Place* place;
    ByteRange hull;
    cep::StepId step;
    bool writes;
  };
  std::vector<std::vector<Touch>> arenas(plan.arenas.size());
  for (cep::StepId s = 0; s < plan.steps.size(); ++s) {
    for (const bool writes : {false, true}) {
      for (const Place& place : writes ? touched[s].writes : touched[s].reads) {
        if (!place.empty()) arenas[place.arena].push_back({&place, hull_of(place), s, writes});
      }
    }
  }
  for (std::vector<Touch>& touches : arenas) {
    std::ranges::sort(touches, {}, [](const Touch& touch) { return touch.hull.lo; });
    for (std::size_t i = 0; i < touches.size(); ++i) {
      for (std::size_t j = i + 1; j < touches.size() && touches[j].hull.lo < touches[i].hull.hi; ++j) {
        const Touch &a = touches[i], &b = touches[j];
        if (a.step == b.step || !(a.writes || b.writes)) continue;
        if (happens.before(a.step, b.step) || happens.before(b.step, a.step) || !overlap(*a.place, *b.place))
          continue;
        return acp::invalid(
            "CEP-CHECK-6", item("steps", std::max(a.step, b.step)),
            "touches bytes of step \"" + plan.steps[std::min(a.step, b.step)].name + "\", in no order");
      }
    }
  }
  return acp::ok();
}

}  // namespace cep_check
