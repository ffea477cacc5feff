// CEP-VER-4, memory: conflicting accesses are ordered, a step does not write what it reads, arenas fit their device.
#include <algorithm>
#include <map>
#include <set>

#include "verify/schedule.h"

namespace cep {

namespace {

// Who touched a byte range last: one writer, and the readers since.
struct Touched {
  std::int64_t end = 0;
  StepId writer = kNoId;
  std::vector<StepId> readers;
};

// Accesses are swept in a topological order. If each is ordered after the last write, and each write after the reads since, then
// all conflicting pairs are ordered (rule calculus.race).
class Sweep {
 public:
  Sweep(const Analysis& analysis, const Schedule& schedule) : a_(analysis), s_(schedule) {
    bytes_.resize(a_.plan.arenas.size());
  }

  std::vector<Finding> run() {
    for (const StepId step : s_.order) {
      for (const Footprint& read : a_.steps[step].reads)
        each_range(read, [&](Touched& t) { on_read(step, t); });
      for (const Footprint& write : a_.steps[step].writes)
        each_range(write, [&](Touched& t) { on_write(step, t); });
    }
    return std::move(findings_);
  }

 private:
  template <typename Action>
  void each_range(const Footprint& footprint, Action action) {
    auto& map = bytes_[footprint.arena];
    for (const ByteRange& run : footprint.runs) {
      split(map, run.begin);
      split(map, run.end);
      std::int64_t at = run.begin;
      while (at < run.end) {
        auto it = map.lower_bound(at);
        if (it == map.end() || it->first > at) {
          const std::int64_t end = it == map.end() ? run.end : std::min(run.end, it->first);
          it = map.emplace(at, Touched{end, kNoId, {}}).first;
        }
        action(it->second);
        at = it->second.end;
      }
    }
  }

  static void split(std::map<std::int64_t, Touched>& map, std::int64_t at) {
    auto it = map.upper_bound(at);
    if (it == map.begin()) return;
    --it;
    if (it->first == at || it->second.end <= at) return;
    Touched upper = it->second;
    it->second.end = at;
    map.emplace(at, std::move(upper));
  }

  void on_read(StepId step, Touched& t) {
    if (t.writer != kNoId) conflict(t.writer, step, "read", "written");
    // Queues run in order, so of each queue the latest reader stands for all.
    const QueueId queue = a_.plan.steps[step].queue;
    for (StepId& reader : t.readers) {
      if (a_.plan.steps[reader].queue == queue) {
        reader = step;
        return;
      }
    }
    t.readers.push_back(step);
  }

  void on_write(StepId step, Touched& t) {
    if (t.writer != kNoId) conflict(t.writer, step, "written", "written");
    for (const StepId reader : t.readers) conflict(reader, step, "written", "read");
    t.writer = step;
    t.readers.clear();
  }

  void conflict(StepId earlier, StepId step, const char* now, const char* then) {
    if (earlier == step || findings_.size() >= kMaxFindings || s_.before(a_.plan, earlier, step)) return;
    if (!reported_.insert({earlier, step}).second) return;
    findings_.push_back(finding(Condition::kMemory, "CEP-MEM-1", step_path(step), a_.plan.steps[step].name,
                                std::string("bytes ") + now + " here are " + then + " by step " +
                                    a_.plan.steps[earlier].name + ", and nothing orders the two",
                                !(hulls_only(earlier) || hulls_only(step))));
  }

  // Whether some footprint of the step was too ragged to list: it stands for more bytes than it touches.
  bool hulls_only(StepId step) const {
    const auto coarse = [](const Footprint& f) { return f.coarse; };
    const StepInfo& info = a_.steps[step];
    return std::any_of(info.reads.begin(), info.reads.end(), coarse) ||
           std::any_of(info.writes.begin(), info.writes.end(), coarse);
  }

  const Analysis& a_;
  const Schedule& s_;
  std::vector<std::map<std::int64_t, Touched>> bytes_;
  std::vector<Finding> findings_;
  std::set<std::pair<StepId, StepId>> reported_;
};

// An accumulator may be continued where it stands: each byte is then read solely by the point that writes it.
bool in_place(const Step& step, std::size_t read, std::size_t reads) {
  const auto* compute = std::get_if<Compute>(&step.what);
  return compute != nullptr && compute->seed && read + 1 == reads &&
         *compute->seed == compute->outputs.front().view;
}

void check_aliasing(const Analysis& a, StepId i, std::vector<Finding>& findings) {
  const StepInfo& info = a.steps[i];
  const Step& step = a.plan.steps[i];
  const auto add = [&](const char* what) {
    findings.push_back(finding(Condition::kMemory, "CEP-MEM-2", step_path(i), step.name, what));
  };
  for (std::size_t r = 0; r < info.reads.size(); ++r) {
    for (const Footprint& write : info.writes) {
      if (overlap(info.reads[r], write) && !in_place(step, r, info.reads.size()))
        add("an output shares bytes with an input");
    }
  }
  for (std::size_t w = 0; w < info.writes.size(); ++w) {
    for (std::size_t v = 0; v < w; ++v) {
      if (overlap(info.writes[v], info.writes[w])) add("two outputs share bytes");
    }
  }
}

void check_capacity(const Plan& plan, const Context& context, std::vector<Finding>& findings) {
  std::vector<std::uint64_t> used(plan.devices.size(), 0);
  for (std::size_t i = 0; i < plan.arenas.size(); ++i) {
    const Arena& arena = plan.arenas[i];
    used[arena.device] += static_cast<std::uint64_t>(arena.size_bytes);
    std::uint64_t room = 0;
    for (const acp::MemorySpace& memory : context.documents[arena.device].memories) room += memory.size_bytes;
    if (used[arena.device] > room) {
      findings.push_back(finding(Condition::kMemory, "CEP-MEM-3", item_path("arenas", i), "",
                                 "the device's arenas need " + std::to_string(used[arena.device]) +
                                     " bytes, its document states " + std::to_string(room)));
    }
  }
}

void check_bindings(const Plan& plan, std::vector<Finding>& findings) {
  std::vector<Footprint> bytes;
  for (const Slice& input : plan.inputs) bytes.push_back(footprint(plan, input.view));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (std::size_t j = 0; j < i && findings.size() < kMaxFindings; ++j) {
      if (overlap(bytes[i], bytes[j])) {
        findings.push_back(finding(Condition::kMemory, "CEP-MEM-4", item_path("inputs", i), "",
                                   "shares bytes with " + item_path("inputs", j)));
      }
    }
  }
}

}  // namespace

std::vector<Finding> check_memory(const Analysis& analysis, const Context& context,
                                  const Schedule& schedule) {
  std::vector<Finding> findings = Sweep(analysis, schedule).run();
  for (StepId i = 0; i < analysis.steps.size(); ++i) check_aliasing(analysis, i, findings);
  check_capacity(analysis.plan, context, findings);
  check_bindings(analysis.plan, findings);
  return findings;
}

}  // namespace cep
