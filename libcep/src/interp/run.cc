// One launch: the stages of a region, with their loops.
#include <string>
#include <thread>
#include <type_traits>

#include "interp/bits.h"
#include "interp/exact.h"
#include "interp/field.h"
#include "interp/machine.h"
#include "interp/terms.h"

namespace cep {
namespace interp {
namespace {

NestPrograms programs_of(const Region& region, const acp_nest& nest) {
  NestPrograms programs;
  programs.init = program_for(region, {nest.init}, {});
  if (nest.combiner != ACP_COMBINE_NONE) programs.body = program_for(region, {nest.body_a, nest.body_b}, {});
  std::vector<std::uint32_t> values;
  std::vector<std::uint32_t> coords;
  for (std::uint32_t w = 0; w < nest.write_count; ++w) {
    const acp_write& write = region.writes[nest.write_first + w];
    values.push_back(write.value);
    for (std::uint32_t d = 0; d < region.operands[write.operand].rank; ++d) coords.push_back(write.coord[d]);
  }
  programs.writes = program_for(region, values, coords);
  return programs;
}

// A loop being run: where its body begins, and how far it has come.
struct OpenLoop {
  std::size_t begin_stage = 0;
  std::int64_t trips = 0;
};

// Inner steps, of some 30 ns each.
constexpr double kWorthAThread = 1e6;

template <typename D>
class Run {
 public:
  Run(const Region& region, D domain, const std::vector<Elements*>& buffers)
      : region_(region), machine_(region, domain, buffers) {
    for (const acp_nest& nest : region.nests) programs_.push_back(programs_of(region, nest));
  }

  acp::Status run() {
    for (std::size_t stage = 0; stage < region_.stages.size() && !machine_.fault();) {
      const acp_stage& now = region_.stages[stage];
      switch (now.kind) {
        case ACP_STAGE_LOOP_BEGIN: {
          ACP_TRY(stage, enter(stage));
          break;
        }
        case ACP_STAGE_LOOP_END: stage = repeat(stage); break;
        default: run_nest(now.index); ++stage;
      }
    }
    if (machine_.fault()) return *machine_.fault();
    return acp::ok();
  }

 private:
  using Cut = typename Machine<D>::Cut;

  // A large nest outside loops is cut in two over its longest parallel iterator: writes are injective, and a
  // nest that reads nothing it writes computes each point by itself. Terms share a table, so they stay in one thread.
  void run_nest(std::uint32_t id) {
    const acp_nest& nest = region_.nests[id];
    const Cut cut = longest(nest);
    const std::int64_t middle = cut.begin + (cut.end - cut.begin) / 2;
    if (std::is_same_v<D, Terms> || !open_.empty() || middle == cut.begin || steps_of(nest) < kWorthAThread ||
        reads_what_it_writes(id))
      return machine_.run_nest(nest, programs_[id], {});
    Machine<D> helper = machine_.helper();
    const auto second_half = [&] { helper.run_nest(nest, programs_[id], {cut.iter, middle, cut.end}); };
    std::thread other;
    try {
      other = std::thread(second_half);
    } catch (const std::system_error&) {
      second_half();
    }
    machine_.run_nest(nest, programs_[id], {cut.iter, cut.begin, middle});
    if (other.joinable()) other.join();
    machine_.take_fault(helper);
  }
  bool reads_what_it_writes(std::uint32_t id) const {
    const acp_nest& nest = region_.nests[id];
    for (const std::uint32_t read : reads_of(region_, id)) {
      for (std::uint32_t w = 0; w < nest.write_count; ++w) {
        if (region_.writes[nest.write_first + w].operand == region_.reads[read].operand) return true;
      }
    }
    return false;
  }
  Cut longest(const acp_nest& nest) const {
    Cut cut;
    for (std::uint32_t i = 0; i + nest.reduce_count < nest.iter_count; ++i) {
      const acp_iter& iter = region_.iters[nest.iter_first + i];
      if (cut.iter == ACP_NONE || iter.end - iter.begin > cut.end - cut.begin)
        cut = {i, iter.begin, iter.end};
    }
    return cut;
  }
  double steps_of(const acp_nest& nest) const {
    double steps = 1;
    for (std::uint32_t i = 0; i < nest.iter_count; ++i) {
      const acp_iter& iter = region_.iters[nest.iter_first + i];
      steps *= static_cast<double>(iter.end - iter.begin);
    }
    return steps;
  }

  // The stage to go on with: the first of the body, or the one past the loop's end.
  acp::Result<std::size_t> enter(std::size_t stage) {
    const acp_loop& loop = region_.loops[region_.stages[stage].index];
    machine_.trips().push_back(0);
    const auto trips =
        static_cast<std::int64_t>(machine_.evaluate(program_for(region_, {loop.trips}, {}), loop.trips).lo);
    if (trips > loop.max_trips) {
      return acp::invalid(
          "CEP-REG-8", "loops[" + std::to_string(region_.stages[stage].index) + "]",
          std::to_string(trips) + " trips, at most " + std::to_string(loop.max_trips) + " allowed");
    }
    open_.push_back({stage, trips});
    return go_on(stage);
  }
  std::size_t repeat(std::size_t) {
    ++machine_.trips().back();
    return go_on(open_.back().begin_stage);
  }
  std::size_t go_on(std::size_t begin_stage) {
    const acp_loop& loop = region_.loops[region_.stages[begin_stage].index];
    const bool more =
        machine_.trips().back() < open_.back().trips &&
        (loop.condition == ACP_NONE ||
         machine_.truth(machine_.evaluate(program_for(region_, {loop.condition}, {}), loop.condition)));
    if (more) return begin_stage + 1;
    machine_.trips().pop_back();
    open_.pop_back();
    return end_of(begin_stage) + 1;
  }
  std::size_t end_of(std::size_t begin_stage) const {
    std::size_t depth = 0;
    for (std::size_t stage = begin_stage; stage < region_.stages.size(); ++stage) {
      if (region_.stages[stage].kind == ACP_STAGE_LOOP_BEGIN) ++depth;
      if (region_.stages[stage].kind == ACP_STAGE_LOOP_END && --depth == 0) return stage;
    }
    acp::assertion_failed("every loop of a checked region ends", __FILE__, __LINE__);
  }

  const Region& region_;
  Machine<D> machine_;
  std::vector<NestPrograms> programs_;
  std::vector<OpenLoop> open_;
};

acp::Status run_in(const Region& region, Domain domain, const std::vector<Elements*>& buffers,
                   TermSpace& space) {
  switch (domain) {
    case Domain::kTerms: return Run<Terms>(region, Terms(space), buffers).run();
    case Domain::kField: return Run<Field>(region, Field(), buffers).run();
    default: return Run<Bits>(region, Bits(), buffers).run();
  }
}

}  // namespace
}  // namespace interp

std::int64_t span_elements(const acp_operand& operand) {
  std::int64_t last = 0;
  for (std::uint32_t d = 0; d < operand.rank; ++d) {
    if (operand.held[d] <= 0) return 0;
    last += (operand.held[d] - 1) * operand.stride[d];
  }
  return last + 1;
}

acp::Status interpret(const Region& region, Domain domain, const std::vector<Elements*>& buffers) {
  TermSpace space;
  return interp::run_in(region, domain, buffers, space);
}

acp::Result<bool> interpret_exactly(const Region& region, const std::vector<Elements*>& buffers) {
  std::atomic<bool> rounded = false;
  ACP_CHECK(interp::Run<interp::Exact>(region, interp::Exact(rounded), buffers).run());
  return !rounded.load();
}

acp::Status interpret_terms(const Region& region, TermSpace& space, const std::vector<Elements*>& buffers) {
  return interp::run_in(region, Domain::kTerms, buffers, space);
}

}  // namespace cep
