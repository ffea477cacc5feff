// A launch: bindings, stages, and the split of a nest over the pool.
#include "program.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "kit/status.h"
#include "strip.h"

namespace acp_cpu {
namespace {

constexpr std::uint32_t kNoFault = 0xffffffffu;
// Instructions over one point that are not worth waking a thread for.
constexpr std::int64_t kSmallWork = 1 << 16;

std::int64_t extent_of(const acp_iter& iter) { return iter.end - iter.begin; }

// Where nest `number` of one launch splits: units are strips, the strip axis fastest.
struct Split {
  std::int64_t strips = 1;  // along the strip axis
  std::int64_t units = 1;
  std::int64_t points = 1;
};
Split split_of(const Nest& nest) {
  Split split;
  for (std::uint32_t t = 0; t < nest.parallel; ++t) {
    const std::int64_t extent = extent_of(nest.iters[t]);
    split.points *= extent;
    if (t == nest.strip_axis) {
      split.strips = (extent + kStrip - 1) / kStrip;
    } else {
      split.units *= extent;
    }
  }
  split.units *= split.strips;
  return split;
}

class Launch {
 public:
  Launch(const Program& program, unsigned char* const* bindings, WorkerPool& pool, ScratchStore& scratch,
         acp_status* status)
      : program_(program), pool_(pool), scratch_(scratch), status_(status) {
    for (const Operand& operand : program.operands) operands_.push_back(address_of(operand, bindings));
    std::size_t most_iterators = 0;
    for (const Nest& nest : program.nests) most_iterators = std::max(most_iterators, nest.iters.size());
    for (int i = 0; i < pool.participants(); ++i) {
      strips_.push_back(std::make_unique<Strip>(program, operands_));
      iters_.emplace_back(most_iterators);
    }
    trips_.reserve(8);
  }

  std::uint16_t run() {
    std::uint32_t at = 0;
    while (at < program_.stages.size()) {
      const acp_stage& stage = program_.stages[at];
      std::uint16_t family = ACP_OK;
      switch (stage.kind) {
        case ACP_STAGE_NEST:
          family = run_nest(program_.nests[stage.index]);
          ++at;
          break;
        case ACP_STAGE_LOOP_BEGIN: family = begin_loop(stage.index, at); break;
        default: family = next_trip(at);
      }
      if (family != ACP_OK) return family;
    }
    return ACP_OK;
  }

 private:
  struct OpenLoop {
    std::uint32_t loop;
    std::uint32_t begin_stage;
    std::int64_t trips;
  };

  unsigned char* address_of(const Operand& operand, unsigned char* const* bindings) {
    if (operand.role == ACP_ROLE_INPUT) return bindings[operand.slot];
    if (operand.role == ACP_ROLE_OUTPUT) return bindings[program_.input_count + operand.slot];
    const auto words = static_cast<std::size_t>((operand.before_bytes + operand.after_bytes + 7) / 8);
    temporaries_.emplace_back(words);
    return reinterpret_cast<unsigned char*>(temporaries_.back().data()) + operand.before_bytes;
  }

  std::uint16_t fault(std::uint32_t read) {
    return kit_refuse(status_, ACP_INVALID, "CEP-REG-7", "the coordinate is outside the operand's window",
                      "reads[%u]", read);
  }

  // Units begin .. end-1 of the nest on one participant.
  void run_units(const Nest& nest, const Split& split, int participant, std::int64_t begin, std::int64_t end,
                 std::atomic<std::uint32_t>& first_fault) {
    Strip& strip = *strips_[static_cast<std::size_t>(participant)];
    std::vector<std::int64_t>& iters = iters_[static_cast<std::size_t>(participant)];
    for (std::int64_t unit = begin; unit < end && first_fault.load() == kNoFault; ++unit) {
      std::int64_t outer = unit / split.strips;
      std::int64_t count = 1;
      for (std::uint32_t t = nest.parallel; t-- > 0;) {
        const acp_iter& iter = nest.iters[t];
        if (t == nest.strip_axis) {
          iters[t] = iter.begin + unit % split.strips * kStrip;
          count = std::min(kStrip, iter.end - iters[t]);
        } else {
          iters[t] = iter.begin + outer % extent_of(iter);
          outer /= extent_of(iter);
        }
      }
      if (strip.run(iters, count)) continue;
      std::uint32_t seen = first_fault.load();
      while (strip.fault() < seen && !first_fault.compare_exchange_weak(seen, strip.fault())) {
      }
    }
  }

  // Nothing in a contraction faults.
  void run_contraction(const Nest& nest) {
    const bool small = is_small(nest, split_of(nest).points);
    const int participants = small ? 1 : pool_.participants();
    const ContractionRun contraction(program_, nest, operands_, trips_, participants);
    const auto floats = static_cast<std::size_t>(contraction.room().floats());
    const ScratchStore::Lease room(scratch_, floats * static_cast<std::size_t>(participants));
    std::vector<ContractionRun::Worker> workers(static_cast<std::size_t>(participants));
    for (std::size_t i = 0; i < workers.size(); ++i) {
      strips_[i]->enter(nest, trips_);
      workers[i].strip = strips_[i].get();
      workers[i].room = room.floats() + floats * i;
      workers[i].iters.assign(nest.iters.size(), 0);
    }
    const WorkerPool::Body body = [&](int participant, std::int64_t begin, std::int64_t end) {
      for (std::int64_t unit = begin; unit < end; ++unit)
        contraction.run(workers[static_cast<std::size_t>(participant)], unit);
    };
    if (small) return body(0, 0, contraction.units());
    pool_.run(contraction.units(), 1, body);
  }

  static bool is_small(const Nest& nest, std::int64_t points) {
    const auto instructions = static_cast<std::int64_t>(nest.body.each.size() + nest.writes.once.size()) + 1;
    const std::int64_t steps = std::max<std::int64_t>(1, nest.k_end - nest.k_begin);
    return points < kSmallWork && steps < kSmallWork && points * steps * instructions < kSmallWork;
  }

  std::uint16_t run_nest(const Nest& nest) {
    const Split split = split_of(nest);
    if (split.units == 0) return ACP_OK;
    if (nest.contraction) {
      run_contraction(nest);
      return ACP_OK;
    }
    const bool small = is_small(nest, split.points);
    const std::int64_t grain =
        small ? split.units
              : std::max<std::int64_t>(1, split.units / (std::int64_t{4} * pool_.participants()));
    std::atomic<std::uint32_t> first_fault = kNoFault;
    if (grain >= split.units) {
      strips_[0]->enter(nest, trips_);
      run_units(nest, split, 0, 0, split.units, first_fault);
    } else {
      for (const auto& strip : strips_) strip->enter(nest, trips_);
      pool_.run(split.units, grain, [&](int participant, std::int64_t begin, std::int64_t end) {
        run_units(nest, split, participant, begin, end, first_fault);
      });
    }
    return first_fault.load() == kNoFault ? std::uint16_t{ACP_OK} : fault(first_fault.load());
  }

  std::uint16_t begin_loop(std::uint32_t number, std::uint32_t& at) {
    const Loop& loop = program_.loops[number];
    std::int64_t trips = 0;
    if (!strips_[0]->evaluate(loop.trips, trips_, &trips)) return fault(strips_[0]->fault());
    if (trips > loop.max_trips) {
      return kit_refuse(status_, ACP_INVALID, "CEP-REG-8", "more trips than max_trips", "loops[%u].trips",
                        number);
    }
    open_.push_back({number, at, trips});
    trips_.push_back(-1);
    return next_trip(at);
  }

  // Enters the next trip of the innermost loop, or leaves it.
  std::uint16_t next_trip(std::uint32_t& at) {
    const OpenLoop& open = open_.back();
    const Loop& loop = program_.loops[open.loop];
    std::int64_t goes_on = ++trips_.back() < open.trips ? 1 : 0;
    if (goes_on != 0 && loop.has_condition && !strips_[0]->evaluate(loop.condition, trips_, &goes_on)) {
      return fault(strips_[0]->fault());
    }
    if (goes_on != 0) {
      at = open.begin_stage + 1;
      return ACP_OK;
    }
    at = loop.end_stage + 1;
    open_.pop_back();
    trips_.pop_back();
    return ACP_OK;
  }

  const Program& program_;
  WorkerPool& pool_;
  ScratchStore& scratch_;
  acp_status* status_;
  std::vector<unsigned char*> operands_;
  std::vector<std::vector<std::uint64_t>> temporaries_;  // zero at the start of every launch
  std::vector<std::unique_ptr<Strip>> strips_;           // one a participant
  std::vector<std::vector<std::int64_t>> iters_;
  std::vector<std::int64_t> trips_;
  std::vector<OpenLoop> open_;
};

}  // namespace

std::uint16_t run(const Program& program, unsigned char* const* bindings, WorkerPool& pool,
                  ScratchStore& scratch, acp_status* status) {
  return Launch(program, bindings, pool, scratch, status).run();
}

}  // namespace acp_cpu
