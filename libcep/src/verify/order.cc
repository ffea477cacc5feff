// CEP-VER-3, order: timelines have one signaller and rising values, every wait is satisfied, nothing waits in a circle.
#include <algorithm>
#include <queue>

#include "cep/rule.h"
#include "verify/schedule.h"

namespace cep {

namespace {

struct Signalled {
  StepId step;
  std::uint64_t value;
};

class HappensBefore {
 public:
  HappensBefore(const Plan& plan, Schedule& schedule) : p_(plan), s_(schedule) {}

  std::vector<Finding> run() {
    signals();
    edges();
    if (findings_.empty()) sort();
    return std::move(findings_);
  }

 private:
  void add(const char* id, StepId step, const char* field, const std::string& message) {
    findings_.push_back(
        finding(Condition::kOrder, id, step_path(step) + field, p_.steps[step].name, message));
  }

  void signals() {
    by_timeline_.resize(p_.timelines.size());
    for (StepId i = 0; i < p_.steps.size(); ++i) {
      const auto* signal = std::get_if<Signal>(&p_.steps[i].what);
      if (signal == nullptr) continue;
      if (p_.steps[i].queue != p_.timelines[signal->timeline].signaller) {
        add("CEP-ORD-1", i, ".timeline", "this queue is not the timeline's signaller");
        continue;
      }
      auto& list = by_timeline_[signal->timeline];
      const std::uint64_t before = list.empty() ? 0 : list.back().value;
      if (signal->value <= before) {
        add("CEP-ORD-2", i, ".value", "not above " + std::to_string(before));
        continue;
      }
      list.push_back({i, signal->value});
    }
  }

  void edges() {
    predecessors_.resize(p_.steps.size());
    s_.position.resize(p_.steps.size());
    std::vector<StepId> last(p_.queues.size(), kNoId);
    for (StepId i = 0; i < p_.steps.size(); ++i) {
      const QueueId queue = p_.steps[i].queue;
      s_.position[i] = last[queue] == kNoId ? 1 : s_.position[last[queue]] + 1;
      if (last[queue] != kNoId) predecessors_[i].push_back(last[queue]);
      last[queue] = i;
      if (const auto* wait = std::get_if<Wait>(&p_.steps[i].what)) wait_edge(i, *wait);
    }
  }

  // A wait for v comes after the first signal of at least v. A wait for 0 is satisfied from the start.
  void wait_edge(StepId i, const Wait& wait) {
    if (wait.value == 0) return;
    const auto& list = by_timeline_[wait.timeline];
    const auto first =
        std::lower_bound(list.begin(), list.end(), wait.value,
                         [](const Signalled& s, std::uint64_t value) { return s.value < value; });
    if (first != list.end()) return predecessors_[i].push_back(first->step);
    add("CEP-ORD-3", i, ".value", "nothing signals " + std::to_string(wait.value) + " on this timeline");
  }

  void sort() {
    std::vector<std::uint32_t> open(p_.steps.size());
    std::vector<std::vector<StepId>> successors(p_.steps.size());
    std::priority_queue<StepId, std::vector<StepId>, std::greater<>> ready;
    for (StepId i = 0; i < p_.steps.size(); ++i) {
      open[i] = static_cast<std::uint32_t>(predecessors_[i].size());
      for (const StepId from : predecessors_[i]) successors[from].push_back(i);
      if (open[i] == 0) ready.push(i);
    }
    s_.clock.assign(p_.steps.size(), {});
    while (!ready.empty()) {
      const StepId i = ready.top();
      ready.pop();
      s_.order.push_back(i);
      std::vector<std::uint32_t>& clock = s_.clock[i];
      clock.assign(p_.queues.size(), 0);
      for (const StepId from : predecessors_[i]) {
        for (std::size_t q = 0; q < clock.size(); ++q) clock[q] = std::max(clock[q], s_.clock[from][q]);
      }
      clock[p_.steps[i].queue] = s_.position[i];
      for (const StepId to : successors[i]) {
        if (--open[to] == 0) ready.push(to);
      }
    }
    if (s_.order.size() != p_.steps.size()) cycle(open);
  }

  // Walks predecessors among the steps that never became ready until one comes again: that is a cycle.
  void cycle(const std::vector<std::uint32_t>& open) {
    StepId at = 0;
    while (open[at] == 0) ++at;
    std::vector<std::uint32_t> seen(p_.steps.size(), 0);
    std::vector<StepId> walk;
    while (seen[at] == 0) {
      walk.push_back(at);
      seen[at] = static_cast<std::uint32_t>(walk.size());
      for (const StepId from : predecessors_[at]) {
        if (open[from] > 0) {
          at = from;
          break;
        }
      }
    }
    std::string text = p_.steps[at].name;
    for (std::size_t i = walk.size(); i-- > seen[at] - 1;) text += " -> " + p_.steps[walk[i]].name;
    add("CEP-ORD-4", at, "", "deadlock: " + text);
  }

  const Plan& p_;
  Schedule& s_;
  std::vector<Finding> findings_;
  std::vector<std::vector<Signalled>> by_timeline_;
  std::vector<std::vector<StepId>> predecessors_;
};

}  // namespace

bool Schedule::before(const Plan& plan, StepId a, StepId b) const {
  static const Rule& rule = *find_rule("order.before");
  const std::int64_t inputs[] = {position[a], clock[b][plan.steps[a].queue]};
  return a != b && fire(rule, inputs, {});
}

void order_as_written(const Plan& plan, Schedule& schedule) {
  std::vector<std::uint32_t> done(plan.queues.size(), 0);
  for (StepId i = 0; i < plan.steps.size(); ++i) {
    schedule.order.push_back(i);
    schedule.position.push_back(++done[plan.steps[i].queue]);
    schedule.clock.push_back(done);
  }
}

std::vector<Finding> check_order(const Plan& plan, Schedule& schedule) {
  return HappensBefore(plan, schedule).run();
}

}  // namespace cep
