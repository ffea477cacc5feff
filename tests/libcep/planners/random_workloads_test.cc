// Plans the planner makes of random workloads over every operator of the table: proved at bitwise, accepted by the independent checker,
// and, run abstractly in every order tried, the reference's values.
#include <gtest/gtest.h>

#include "cep/certificate.h"
#include "libcep/planners/targets.h"
#include "soundness/compare_runs.h"
#include "soundness/random_plan.h"
#include "tools/cep-check/check.h"

namespace cep {
namespace {

using namespace support;
using fuzz::between;
using fuzz::chance;
using fuzz::Random;

const std::vector<std::string> kNames = {"a", "b", "c"};

// How many devices the node's reduction can be split over.
std::int64_t most_parts(const Workload& workload, NodeId id) {
  const auto split = split_reduction(node_region(workload, id).value());
  if (!split || split->order.kind != OrderKind::kBlockedTree) return 1;
  return (split->length + split->order.block - 1) / split->order.block;
}

Placement random_placement(const Workload& workload, Random& random) {
  Placement placement;
  placement.reserve(workload.nodes.size());
  for (const Node& node : workload.nodes) {
    const std::int64_t parts =
        std::min<std::int64_t>(3, most_parts(workload, static_cast<NodeId>(placement.size())));
    if (parts > 1 && chance(random, 50)) {
      NodePlacement where{{1, 2, 0}, 0, true};
      where.targets.resize(static_cast<std::size_t>(between(random, 2, parts)));
      placement.push_back(std::move(where));
      continue;
    }
    const auto first = static_cast<DeviceId>(between(random, 0, 2));
    NodePlacement where{{first}, 0};
    const Dims& dims = workload.tensors[node.outputs[0]].type.dims;
    const auto axis =
        static_cast<std::uint32_t>(between(random, 0, std::max<std::int64_t>(1, std::ssize(dims)) - 1));
    const bool shared = std::all_of(node.outputs.begin(), node.outputs.end(), [&](TensorId id) {
      const Dims& other = workload.tensors[id].type.dims;
      return axis < other.size() && other[axis] == dims[axis];
    });
    if (shared && chance(random, 60)) {
      where.axis = axis;
      where.targets.push_back((first + 1) % 3);
      if (chance(random, 50)) where.targets.push_back((first + 2) % 3);
    }
    placement.push_back(std::move(where));
  }
  return placement;
}

void expect_right(const fuzz::RandomWorkload& made, Plan plan, Random& random) {
  const Workload& workload = made.workload;
  const Context context = fuzz::generous_context(plan);  // names its documents in the plan
  Verdict verdict = verify(workload, plan, context);
  auto* proof = std::get_if<Proved>(&verdict);
  ASSERT_NE(proof, nullptr) << describe(verdict) << "\n" << to_text(plan, workload);
  EXPECT_EQ(proof->guarantee, Grade::kBitwise);
  const Certificate certificate = certify(workload, plan, context, std::move(*proof));
  const acp::Status status = cep_check::check(workload, plan, certificate, context);
  EXPECT_TRUE(status.has_value()) << acp::to_string(status.error()) << "\n" << to_text(plan, workload);
  const std::vector<Grade> grades(workload.outputs.size(), Grade::kBitwise);
  const auto differs = fuzz::difference(made, plan, grades, 2, random);
  EXPECT_FALSE(differs.has_value()) << *differs << "\n" << to_text(plan, workload);
}

TEST(PlannedRandomWorkloads, AreProvedAsPlaced) {
  int reductions = 0;
  for (std::uint64_t seed = 0; seed < 300 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const fuzz::RandomWorkload made = fuzz::random_workload(random);
    const Placement placement = random_placement(made.workload, random);
    reductions += static_cast<int>(std::count_if(placement.begin(), placement.end(),
                                                 [](const NodePlacement& where) { return where.reduction; }));
    expect_right(made, planned(made.workload, exact_targets(kNames), placement), random);
  }
  EXPECT_GE(reductions, 10);
}

TEST(PlannedRandomWorkloads, AreProvedAsCutByCost) {
  constexpr Objective kObjectives[] = {Objective::kLatency, Objective::kThroughput, Objective::kMemory};
  for (std::uint64_t seed = 0; seed < 50 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const fuzz::RandomWorkload made = fuzz::random_workload(random);
    auto targets = exact_targets(kNames);
    for (PlanTarget& target : targets)
      target.operations_per_second = static_cast<double>(between(random, 1, 9)) * 1e9;
    for (const Objective objective : kObjectives) {
      const auto placement = place_by_cost(made.workload, targets, objective);
      ASSERT_TRUE(placement.has_value()) << acp::to_string(placement.error());
      expect_right(made, planned(made.workload, targets, *placement), random);
    }
  }
}

}  // namespace
}  // namespace cep
