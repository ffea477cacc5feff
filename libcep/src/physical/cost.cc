#include "physical/cost.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace cep::physical {
namespace {

using Count = std::uint64_t;
constexpr Count kMost = std::numeric_limits<Count>::max();

Count times(Count a, Count b) {
  Count product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : product;
}

Count points(const Region& region, const acp_nest& nest) {
  Count product = 1;
  for (std::uint32_t i = 0; i < nest.iter_count; ++i) {
    const acp_iter& iter = region.iters[nest.iter_first + i];
    product = times(product, static_cast<Count>(std::max<std::int64_t>(iter.end - iter.begin, 1)));
  }
  return product;
}

}  // namespace

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return a > kMost - b ? kMost : a + b; }

std::uint64_t operations(const Region& region) {
  const Count weight = 1 + (region.indices.size() + region.scalars.size()) / 16;
  Count sum = 0;
  std::vector<Count> trips = {1};
  for (const acp_stage& stage : region.stages) {
    if (stage.kind == ACP_STAGE_LOOP_END) {
      trips.pop_back();
    } else if (stage.kind == ACP_STAGE_LOOP_BEGIN) {
      const std::int64_t most = std::max<std::int64_t>(region.loops[stage.index].max_trips, 1);
      trips.push_back(times(trips.back(), static_cast<Count>(most)));
    } else {
      sum = plus(sum, times(trips.back(), times(weight, points(region, region.nests[stage.index]))));
    }
  }
  return sum;
}

}  // namespace cep::physical
