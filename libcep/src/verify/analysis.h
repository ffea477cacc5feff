// What every condition needs to know of a plan's steps: the program each runs and the bytes it touches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cep/verify.h"

namespace cep {

struct ByteRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// The bytes of a view, as maximal contiguous runs in ascending order; one run over everything between when there are too many.
struct Footprint {
  ArenaId arena = 0;
  std::vector<ByteRange> runs;
  bool coarse = false;  // the one run stands for more bytes than the view has
  [[nodiscard]] bool empty() const { return runs.empty(); }
  [[nodiscard]] std::int64_t begin() const { return runs.front().begin; }
  [[nodiscard]] std::int64_t end() const { return runs.back().end; }
};
[[nodiscard]] Footprint footprint(const Plan& plan, const View& view);
[[nodiscard]] bool overlap(const Footprint& a, const Footprint& b);

// The part of a slice's view that holds `box` (inside slice.box).
[[nodiscard]] View sub_view(const Plan& plan, const Slice& slice, const Box& box);

struct StepInfo {
  std::optional<Region> region;  // compute, copy, combine, fill
  std::vector<Box> needed;       // compute: what the program reads of each input; empty boxes for nothing
  std::vector<Footprint> reads;
  std::vector<Footprint> writes;
};

struct Analysis {
  const Workload& workload;
  const Plan& plan;
  std::vector<StepInfo> steps;
  std::vector<std::optional<SplitReduction>> splits;  // per node, filled for nodes that steps name
};

// A hostile plan must not make a report of every pair of its steps.
inline constexpr std::size_t kMaxFindings = 100;

[[nodiscard]] std::string step_path(std::size_t step);
[[nodiscard]] std::string item_path(const char* list, std::size_t index);
[[nodiscard]] Finding finding(Condition condition, std::string id, std::string path, std::string step,
                              std::string message, bool certain = true);

// Condition 1. Nothing else runs when it finds anything.
[[nodiscard]] std::vector<Finding> check_well_formed(const Workload& workload, const Plan& plan,
                                                     const Context& context);
// Lowers every step of a well-formed plan; what cannot be lowered is a finding of condition 1.
[[nodiscard]] std::vector<Finding> analyse(Analysis& analysis);

}  // namespace cep
