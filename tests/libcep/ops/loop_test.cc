// Loop against the worked example of its page and plain loops. Bodies are sub-graphs, as workloads have them.
#include <gtest/gtest.h>

#include "cep/graph.h"
#include "support/region_run.h"

namespace cep {
namespace {

using testing::floats;
using testing::integers;
using testing::refusal;

using Id = RegionBuilder::Id;
const TensorType kNumber{Dtype::kI64, {}}, kFlag{Dtype::kBool, {}}, kState{Dtype::kF32, {3}};

// s' = s + t, the old s as scan value; goes on while s[0] < limit where there is one.
struct BodyOptions {
  std::optional<float> limit;
  bool scan = false;
  TensorType state = kState;
};
Region body_of(const BodyOptions& options = {}) {
  RegionBuilder r;
  const Id number = r.input(kNumber), condition = r.input(kFlag), s = r.input(options.state);
  const Id goes_on = r.output(kFlag), next = r.output(options.state);
  const Id scan = options.scan ? r.output(options.state) : ACP_NONE;
  r.begin_nest({}, {});
  const Id kept = r.arg(r.read(condition, {}));
  const Id below =
      options.limit ? r.binary(ACP_SC_LT, r.arg(r.read(s, {r.ix_const(0)})), r.f32(*options.limit)) : kept;
  r.write(goes_on, {}, below);
  r.end_nest();
  r.begin_nest(options.state.dims, {});
  const Id old = r.arg(r.read(s, r.iters()));
  r.write(next, r.iters(), r.add(old, r.cast(r.arg(r.read(number, {})), options.state.dtype)));
  if (options.scan) r.write(scan, r.iters(), old);
  r.end_nest();
  return std::move(r).finish();
}

OpCase times(std::int64_t trips, const Region& body, TensorType condition = {}) {
  return {.inputs = {kNumber, std::move(condition), kState},
          .known = {Dims{trips}},
          .body = &body,
          .output_count = body.count(ACP_ROLE_OUTPUT) - 1};
}

TEST(Loop, example_of_the_page) {
  const Region body = body_of({.limit = {}, .scan = true});
  const auto outputs = testing::run_op("Loop", times(3, body), {integers({3}), floats({1, 2, 3})});
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0], floats({4, 5, 6}));
  EXPECT_EQ(outputs[1], floats({1, 2, 3, 1, 2, 3, 2, 3, 4}));
}

TEST(Loop, runs_as_often_as_its_count_and_conditions_say) {
  for (const bool given : {false, true}) {
    for (std::int64_t trips = -1; trips <= 6; ++trips) {
      const Region body = body_of({.limit = 3.0f});
      std::vector<float> s = {0, 10, 20};
      bool goes_on = given;
      for (std::int64_t t = 0; t < trips && goes_on; ++t) {
        goes_on = s[0] < 3.0f;
        for (float& element : s) element += static_cast<float>(t);
      }
      const auto outputs =
          testing::run_op("Loop", times(trips, body, kFlag),
                          {integers({trips}), integers({given ? 1 : 0}), floats({0, 10, 20})});
      EXPECT_EQ(outputs[0], floats(s)) << trips;
    }
  }
}

TEST(Loop, no_trip_gives_the_initial_state_and_no_scan_value) {
  const Region body = body_of({.limit = {}, .scan = true});
  const auto outputs = testing::run_op("Loop", times(0, body), {integers({0}), floats({1, 2, 3})});
  EXPECT_EQ(outputs[0], floats({1, 2, 3}));
  EXPECT_TRUE(outputs[1].empty());
}

// i -> i + 1 repeated 3 times in a loop repeated 4 times, as sub-graphs of a workload.
TEST(Loop, nests) {
  const auto counting = [](std::int64_t trips, std::optional<Workload> inner) {
    WorkloadBuilder b("body");
    b.input("t", kNumber);
    const TensorId condition = b.input("go", kFlag);
    const TensorId state = b.input("s", kNumber);
    acp::Result<std::vector<TensorId>> next = std::vector<TensorId>{};
    if (inner) {
      const TensorId count = b.constant_scalar("count", trips);
      next = b.node("Loop", {count, kNoId, state},
                    {.name = "inner", .outputs = {}, .attributes = {}, .order = {}, .body = {*inner}});
    } else {
      const TensorId one = b.constant_scalar("one", 1);
      next = b.node("Add", {state, one},
                    {.name = "next", .outputs = {}, .attributes = {}, .order = {}, .body = {}});
    }
    EXPECT_TRUE(next.has_value());
    b.output(condition);
    b.output(next->front());
    return std::move(b).finish();
  };
  const Workload inner = counting(0, std::nullopt);
  const Workload outer = counting(3, inner);
  WorkloadBuilder b("nested");
  const TensorId start = b.input("start", kNumber);
  const TensorId count = b.constant_scalar("count", 4);
  const auto last = b.node("Loop", {count, kNoId, start},
                           {.name = "outer", .outputs = {}, .attributes = {}, .order = {}, .body = {outer}});
  ASSERT_TRUE(last.has_value()) << acp::to_string(last.error());
  b.output(last->front());
  const Workload workload = std::move(b).finish();
  const acp::Status status = check_workload(workload);
  ASSERT_TRUE(status.has_value()) << acp::to_string(status.error());
  const auto result = run_reference(workload, Domain::kBits, {integers({5})});
  ASSERT_TRUE(result.has_value()) << acp::to_string(result.error());
  EXPECT_EQ(result->front(), integers({5 + 12}));
}

TEST(Loop, swaps_two_states) {
  RegionBuilder r;
  r.input(kNumber);
  const Id condition = r.input(kFlag);
  const Id a = r.input(kState), b = r.input(kState);
  const Id goes_on = r.output(kFlag);
  const Id to_a = r.output(kState), to_b = r.output(kState);
  r.begin_nest({}, {});
  r.write(goes_on, {}, r.arg(r.read(condition, {})));
  r.end_nest();
  r.begin_nest({3}, {});
  const Id from_b = r.arg(r.read(b, r.iters()));
  r.write(to_a, r.iters(), from_b);
  r.write(to_b, r.iters(), r.arg(r.read(a, r.iters())));
  r.end_nest();
  const Region body = std::move(r).finish();
  const OpCase op_case{
      .inputs = {kNumber, {}, kState, kState}, .known = {Dims{3}}, .body = &body, .output_count = 2};
  const auto outputs =
      testing::run_op("Loop", op_case, {integers({3}), floats({1, 2, 3}), floats({4, 5, 6})});
  EXPECT_EQ(outputs[0], floats({4, 5, 6}));
  EXPECT_EQ(outputs[1], floats({1, 2, 3}));
}

TEST(Reject, CEP_LOOP_1_count_is_computed) {
  const Region body = body_of();
  EXPECT_EQ(refusal("Loop", {.inputs = {kNumber, {}, kState}, .body = &body}), "CEP-LOOP-1");
}
TEST(Reject, CEP_LOOP_2_count_over_the_limit) {
  const Region body = body_of();
  EXPECT_EQ(refusal("Loop", times((std::int64_t{1} << 40) + 1, body)), "CEP-LOOP-2");
}
TEST(Reject, CEP_LOOP_3_condition_of_two) {
  const Region body = body_of();
  EXPECT_EQ(refusal("Loop", times(1, body, {Dtype::kBool, {2}})), "CEP-LOOP-3");
}
TEST(Reject, CEP_LOOP_4_states_differ_in_number) {
  const Region body = body_of();
  OpCase op_case = times(1, body);
  op_case.inputs.push_back(kState);
  EXPECT_EQ(refusal("Loop", op_case), "CEP-LOOP-4");
}
TEST(Reject, CEP_LOOP_5_body_without_a_condition) {
  RegionBuilder r;
  r.input(kNumber);
  r.input(kFlag);
  r.input(kState);
  r.output(kState);
  r.output(kState);
  const Region body = std::move(r).finish();
  EXPECT_EQ(refusal("Loop", times(1, body)), "CEP-LOOP-5");
}
TEST(Reject, CEP_LOOP_6_state_changes_its_type) {
  const Region body = body_of({.limit = {}, .scan = false, .state = {Dtype::kF32, {4}}});
  EXPECT_EQ(refusal("Loop", times(1, body)), "CEP-LOOP-6");
}
TEST(Reject, CEP_LOOP_7_scan_values_of_an_uncertain_count) {
  const Region stopping = body_of({.limit = 1.0f, .scan = true});
  EXPECT_EQ(refusal("Loop", times(1, stopping)), "CEP-LOOP-7");
  const Region steady = body_of({.limit = {}, .scan = true});
  EXPECT_EQ(refusal("Loop", times(1, steady, kFlag)), "CEP-LOOP-7");
}

}  // namespace
}  // namespace cep
