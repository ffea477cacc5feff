// From a region to the text of its kernels.
#include <algorithm>

#include "contraction.h"
#include "document.h"
#include "kit/region_check.h"
#include "kit/status.h"
#include "program.h"

namespace acp_gpu {
namespace {

constexpr std::uint64_t kArenaAlignment = 64;

// Elements before and from the window's origin on that a temporary needs.
struct Reach {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};
Reach reach_of(const acp_operand& operand) {
  Reach reach{0, 1};
  for (std::uint32_t d = 0; d < operand.rank; ++d) {
    if (operand.held[d] == 0) return {0, 0};
    const std::int64_t way = (operand.held[d] - 1) * operand.stride[d];
    (way < 0 ? reach.before : reach.after) += static_cast<std::uint64_t>(way < 0 ? -way : way);
  }
  return reach;
}

class Builder {
 public:
  Builder(const acp_region& region, const Facts& facts, Source& out)
      : region_(region), facts_(facts), out_(out) {}

  std::uint16_t build(acp_status* status) {
    if (std::uint64_t{region_.index_count} + region_.scalar_count > kMostNodes) {
      return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "more nodes than the device's document allows",
                        "scalars");
    }
    place_operands();
    if (out_.arena_bytes > facts_.allocation_bytes) {
      return kit_refuse(status, ACP_LIMIT, "CEP-REG-15", "temporaries exceed the device's largest allocation",
                        "operands");
    }
    out_.loops.resize(region_.loop_count);
    for (std::uint32_t i = 0; i < region_.stage_count; ++i) add_stage(i);
    out_.text = program_.str();
    return check_parameters(status);
  }

 private:
  void place_operands() {
    for (std::uint32_t i = 0; i < region_.operand_count; ++i) {
      const acp_operand& operand = region_.operands[i];
      Source::Operand made{operand.role, operand.slot, 0};
      if (operand.role == ACP_ROLE_INPUT) out_.input_count = std::max(out_.input_count, operand.slot + 1);
      if (operand.role == ACP_ROLE_TEMP) {
        const Reach reach = reach_of(operand);
        const std::uint64_t element_bytes = kit_dtype_bytes(operand.dtype);
        made.arena_offset = out_.arena_bytes + reach.before * element_bytes;
        out_.arena_bytes += (reach.before + reach.after) * element_bytes + kArenaAlignment - 1;
        out_.arena_bytes -= out_.arena_bytes % kArenaAlignment;
      }
      out_.operands.push_back(made);
    }
  }

  void add_stage(std::uint32_t number) {
    acp_stage stage = region_.stages[number];
    const std::string name = joined("k", number);
    if (stage.kind == ACP_STAGE_NEST) {
      const acp_nest& nest = region_.nests[stage.index];
      const Space space(region_, &nest, max_trips_);
      KernelPlan plan;
      if (space.points != 0) plan = write_kernel(nest, space, name);
      out_.reports_faults |= plan.reports_faults;
      stage.index = static_cast<std::uint32_t>(out_.nests.size());
      out_.nests.push_back(std::move(plan));
    } else if (stage.kind == ACP_STAGE_LOOP_BEGIN) {
      add_loop(region_.loops[stage.index], out_.loops[stage.index], name);
    } else {
      out_.loops[stage.index].end_stage = number;
      max_trips_.pop_back();
    }
    out_.stages.push_back(stage);
  }

  KernelPlan write_kernel(const acp_nest& nest, const Space& space, const std::string& name) {
    if (const auto shape = match_contraction(region_, nest, space)) {
      if (auto plan = write_contraction(region_, nest, space, *shape, facts_, name, program_)) return *plan;
    }
    return write_nest(region_, nest, space, facts_, name, program_);
  }

  void add_loop(const acp_loop& loop, Source::Loop& made, const std::string& name) {
    made.trips =
        write_loop_scalar(region_, loop.trips, Space(region_, nullptr, max_trips_), name + "t", program_);
    max_trips_.push_back(loop.max_trips);
    made.max_trips = loop.max_trips;
    made.has_condition = loop.condition != ACP_NONE;
    out_.reports_faults |= made.trips.reports_faults;
    if (!made.has_condition) return;
    made.condition =
        write_loop_scalar(region_, loop.condition, Space(region_, nullptr, max_trips_), name + "c", program_);
    out_.reports_faults |= made.condition.reports_faults;
  }

  [[nodiscard]] std::uint16_t check_parameters(acp_status* status) const {
    std::uint64_t most = 0;
    for (const KernelPlan& plan : out_.nests) most = std::max(most, plan.parameter_bytes());
    for (const Source::Loop& loop : out_.loops)
      most = std::max({most, loop.trips.parameter_bytes(), loop.condition.parameter_bytes()});
    if (most <= facts_.parameter_bytes) return ACP_OK;
    return kit_refuse(status, ACP_LIMIT, "CEP-REG-15",
                      "one nest uses more operands than the device passes to a kernel", "operands");
  }

  const acp_region& region_;
  const Facts& facts_;
  Source& out_;
  Text program_;
  std::vector<std::int64_t> max_trips_;
};

}  // namespace

std::uint16_t write_source(const acp_region& region, const Facts& facts, Source* out, acp_status* status) {
  return Builder(region, facts, *out).build(status);
}

}  // namespace acp_gpu
